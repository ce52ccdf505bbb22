import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { words, type Language, type WordKey } from '.';

/** A name in the languages that somebody gave. */
export interface Named {
  fi: string;
  sv?: string | null;
  en?: string | null;
}

/** The texts of the chosen language. */
export function useWords() {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  return useMemo(() => {
    /** What the API may know before these pages do is shown as the API says it. */
    const known = (key: string, otherwise: string) =>
      key in words ? t(key as WordKey) : otherwise;
    return {
      t,
      language,
      value: (value: string | null | undefined) =>
        value ? known(`value.${value}`, value) : t('none'),
      field: (name: string) => known(`field.${name}`, name),
      command: (name: string) => known(`command.${name}`, name),
      finding: (code: string) => known(`finding.${code}`, code),
      help: (name: string): string | undefined => {
        const key = `help.${name}`;
        return key in words ? t(key as WordKey) : undefined;
      },
      /** A name in the chosen language, or else in Finnish, which is always there. */
      name: (name: Named | null | undefined, otherwise = '') =>
        name?.[language] ?? name?.fi ?? otherwise,
    };
  }, [t, language]);
}
