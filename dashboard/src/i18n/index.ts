import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Words } from './words';
import { base } from './words/base';
import { commandWords } from './words/commands';
import { fields } from './words/fields';
import { findings } from './words/findings';
import { help } from './words/help';
import { values } from './words/values';

export const languages = ['fi', 'sv', 'en'] as const;
export type Language = (typeof languages)[number];

/** Each language's name in itself. */
export const languageNames: Record<Language, string> = {
  fi: 'Suomi',
  sv: 'Svenska',
  en: 'English',
};

function prefixed<Prefix extends string, Table extends Words>(prefix: Prefix, table: Table) {
  const entries = Object.entries(table).map(([key, words]) => [`${prefix}.${key}`, words]);
  return Object.fromEntries(entries) as {
    [Key in keyof Table & string as `${Prefix}.${Key}`]: Table[Key];
  };
}

export const words = {
  ...base,
  ...prefixed('value', values),
  ...prefixed('field', fields),
  ...prefixed('command', commandWords),
  ...prefixed('finding', findings),
  ...prefixed('help', help),
};

/** The key of a text; a key that is not in the tables is an error of the types. */
export type WordKey = keyof typeof words;

type Resources = { [Key in WordKey]: string };

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: Resources };
    keySeparator: false;
    nsSeparator: false;
  }
}

function resources(language: Language): Record<string, string> {
  const column = languages.indexOf(language);
  return Object.fromEntries(
    Object.entries(words).map(([key, texts]) => [key, texts[column] ?? '']),
  );
}

const STORED = 'trustnet.language';

function isLanguage(text: string | null | undefined): text is Language {
  return languages.includes(text as Language);
}

function preferred(): Language {
  const stored = window.localStorage.getItem(STORED);
  if (isLanguage(stored)) return stored;
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage);
  return wanted ?? 'fi';
}

export function changeLanguage(language: Language) {
  window.localStorage.setItem(STORED, language);
  document.documentElement.lang = language;
  return i18next.changeLanguage(language);
}

export function startLanguages(language: Language = preferred()) {
  document.documentElement.lang = language;
  return i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    resources: Object.fromEntries(
      languages.map((each) => [each, { translation: resources(each) }]),
    ),
  });
}
