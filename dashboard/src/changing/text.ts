import type { Json } from '../api/graphql';
import type { useWords } from '../i18n/useWords';

type WordsInUse = Pick<ReturnType<typeof useWords>, 't' | 'value' | 'field'>;

/** A value of the API in words, on one line. */
export function textOf(json: Json | undefined, words: WordsInUse): string {
  if (json === null || json === undefined || json === '') return '–';
  if (typeof json === 'boolean') return json ? words.t('yes') : words.t('no');
  if (typeof json === 'number') return String(json);
  if (typeof json === 'string') return /^[A-Z][A-Z0-9_]*$/.test(json) ? words.value(json) : json;
  if (Array.isArray(json)) {
    return json.length === 0 ? '–' : json.map((each) => textOf(each, words)).join(', ');
  }
  const entries = Object.entries(json);
  const [only] = entries;
  if (entries.length === 1 && only && typeof only[1] === 'object') return textOf(only[1], words);
  return entries
    .filter(([, each]) => each !== null)
    .map(([key, each]) => `${words.field(key)} ${textOf(each, words)}`)
    .join(', ');
}
