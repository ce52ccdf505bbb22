import { useState } from 'react';
import { Button, Notice } from '../design/basics';
import { useWords } from '../i18n/useWords';
import { hashSecret, makeSecret } from './secret';

/** Makes a secret here, shows it once, and gives only its hash to the network. */
export function SecretField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (hash: string) => void;
}) {
  const { t } = useWords();
  const [secret, setSecret] = useState<string | null>(null);
  const make = async () => {
    const made = makeSecret();
    setSecret(made);
    onChange(await hashSecret(made));
  };
  return (
    <div className="field">
      <span className="label">{label}</span>
      <div className="help">{t('secret.help')}</div>
      {secret && value && (
        <Notice tone="warn" title={t('secret.once')} role="status">
          <p>
            <code data-testid="secret">{secret}</code>
          </p>
          <Button compact onPress={() => void navigator.clipboard.writeText(secret)}>
            {t('secret.copy')}
          </Button>
        </Notice>
      )}
      <div>
        <Button onPress={() => void make()}>{value ? t('secret.again') : t('secret.make')}</Button>
      </div>
    </div>
  );
}
