import { useState } from 'react';
import { Button, Notice } from '../design/basics';
import { useWords } from '../i18n/useWords';

const hex = (bytes: Uint8Array) =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** A secret of 256 bits from the browser's own generator. */
export function makeSecret(): string {
  return hex(crypto.getRandomValues(new Uint8Array(32)));
}

/** The salted hash that is recorded in place of a secret: `sha256:<salt>:<hash>`. */
export async function hashSecret(
  secret: string,
  salt: Uint8Array = crypto.getRandomValues(new Uint8Array(16)),
): Promise<string> {
  const text = new TextEncoder().encode(secret);
  const salted = new Uint8Array(salt.length + text.length);
  salted.set(salt);
  salted.set(text, salt.length);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', salted));
  return `sha256:${hex(salt)}:${hex(hash)}`;
}

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
