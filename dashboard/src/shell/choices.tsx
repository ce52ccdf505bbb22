import { useState } from 'react';
import { changeLanguage, languageNames, languages, type Language } from '../i18n';
import { useWords } from '../i18n/useWords';

export function LanguageChoice() {
  const { t, language } = useWords();
  return (
    <label className="row small">
      <span className="unseen">{t('language')}</span>
      <select
        className="input narrow"
        value={language}
        onChange={(event) => void changeLanguage(event.target.value as Language)}
      >
        {languages.map((each) => (
          <option key={each} value={each} lang={each}>
            {languageNames[each]}
          </option>
        ))}
      </select>
    </label>
  );
}

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const STORED = 'trustnet.theme';

/** Takes the theme that was chosen earlier; called before anything is drawn. */
export function applyTheme() {
  const stored = window.localStorage.getItem(STORED);
  if (stored === 'light' || stored === 'dark') document.documentElement.dataset.theme = stored;
}

export function ThemeChoice() {
  const { t } = useWords();
  const [theme, setTheme] = useState<Theme>(
    () => (document.documentElement.dataset.theme as Theme | undefined) ?? 'system',
  );
  const choose = (next: Theme) => {
    setTheme(next);
    if (next === 'system') {
      delete document.documentElement.dataset.theme;
      window.localStorage.removeItem(STORED);
    } else {
      document.documentElement.dataset.theme = next;
      window.localStorage.setItem(STORED, next);
    }
  };
  const names = {
    system: t('theme.system'),
    light: t('theme.light'),
    dark: t('theme.dark'),
  };
  return (
    <label className="row small">
      <span>{t('theme')}</span>
      <select
        className="input narrow"
        value={theme}
        onChange={(event) => choose(event.target.value as Theme)}
      >
        {THEMES.map((each) => (
          <option key={each} value={each}>
            {names[each]}
          </option>
        ))}
      </select>
    </label>
  );
}
