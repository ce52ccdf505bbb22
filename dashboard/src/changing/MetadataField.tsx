import { useId, useState } from 'react';
import type { Json } from '../api/graphql';
import { Notice } from '../design/basics';
import { useWords } from '../i18n/useWords';
import { Difference } from './Difference';
import { readMetadata } from './metadata';

/** Fills the metadata in from a file, after showing field by field what would change. */
export function MetadataField({
  value,
  onChange,
}: {
  value: Json | undefined;
  onChange: (value: Json) => void;
}) {
  const { t } = useWords();
  const id = useId();
  const [read, setRead] = useState<Json | null>(null);
  const [wrong, setWrong] = useState(false);
  const take = async (file: File | undefined) => {
    if (!file) return;
    const metadata = readMetadata(await file.text());
    setRead(metadata);
    setWrong(metadata === null);
  };
  return (
    <div className="field">
      <label htmlFor={id}>{t('metadata.file')}</label>
      <input
        id={id}
        type="file"
        accept=".xml,application/xml,text/xml,application/samlmetadata+xml"
        className="input"
        onChange={(event) => void take(event.target.files?.[0])}
      />
      {wrong && <div className="error-text">{t('metadata.wrong')}</div>}
      {read !== null && (
        <Notice title={t('metadata.read')}>
          <Difference before={value ?? {}} after={read} />
          <p>
            <button
              type="button"
              className="button"
              onClick={() => {
                onChange(read);
                setRead(null);
              }}
            >
              {t('metadata.take')}
            </button>
          </p>
        </Notice>
      )}
    </div>
  );
}
