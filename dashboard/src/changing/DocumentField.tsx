import { useId, useState } from 'react';
import { DocumentLink } from '../design/DocumentLink';
import { useWords } from '../i18n/useWords';

/** For whom a document is handed in. */
export interface Audience {
  audience: 'ORGANISATION' | 'MEMBERS' | 'OPERATOR' | 'PUBLIC';
  organisation?: string;
}

interface Problem {
  detail?: string;
  title?: string;
  remedy?: string;
}

/** Hands a file in before the command that names it; what the command gets is its reference. */
export function DocumentField({
  label,
  help,
  error,
  optional,
  value,
  onChange,
  audience,
}: {
  label: string;
  help?: string;
  error?: React.ReactNode;
  optional?: boolean;
  value: string;
  onChange: (reference: string) => void;
  audience: Audience;
}) {
  const { t } = useWords();
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const hand = async (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    setFailure(null);
    try {
      const where = new URLSearchParams({ ...audience });
      const answer = await fetch(`/documents?${where}`, {
        method: 'POST',
        credentials: 'same-origin',
        headers: { 'Content-Type': file.type || 'application/octet-stream' },
        body: file,
      });
      const body = (await answer.json().catch(() => ({}))) as Problem & { reference?: string };
      if (answer.ok && body.reference) onChange(body.reference);
      else
        setFailure(
          [body.detail ?? body.title, body.remedy].filter(Boolean).join(' ') ||
            t('document.failed'),
        );
    } catch {
      setFailure(t('failure.network'));
    }
    setBusy(false);
  };
  const wrong = failure ?? error;
  return (
    <div className="field">
      <label htmlFor={id}>
        {label} {optional && <span className="optional">({t('optional')})</span>}
      </label>
      <div className="help" id={`${id}-help`}>
        {help ? `${help} ` : ''}
        {t('document.help')}
      </div>
      <input
        id={id}
        type="file"
        className="input"
        aria-describedby={`${id}-help`}
        aria-invalid={wrong ? true : undefined}
        onChange={(event) => void hand(event.target.files?.[0])}
      />
      <div role="status">{busy ? t('document.busy') : ''}</div>
      {value && !busy && (
        <div>
          <DocumentLink reference={value} />
        </div>
      )}
      {wrong && <div className="error-text">{wrong}</div>}
    </div>
  );
}
