import { useWords } from '../i18n/useWords';

/** A document of the network: a download for whoever it is for. */
export function DocumentLink({ reference }: { reference: string }) {
  const { t } = useWords();
  return (
    <a href={`/documents/${reference}`} download>
      {t('document.open')} <span className="code">{reference.slice(0, 8)}…</span>
    </a>
  );
}
