import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useZone } from '../shell/session';

const LOCALES: Record<string, string> = { fi: 'fi-FI', sv: 'sv-FI', en: 'en-GB' };

/** Dates and numbers as the language writes them, instants in the network's zone. */
export function useFormat() {
  const { i18n } = useTranslation();
  const zone = useZone();
  return useMemo(() => {
    const locale = LOCALES[i18n.language] ?? 'fi-FI';
    const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
    const instant = new Intl.DateTimeFormat(locale, {
      dateStyle: 'medium',
      timeStyle: 'short',
      timeZone: zone,
    });
    const exact = new Intl.DateTimeFormat(locale, {
      dateStyle: 'medium',
      timeStyle: 'medium',
      timeZone: zone,
    });
    const number = new Intl.NumberFormat(locale);
    return {
      locale,
      zone,
      /** A civil date, `2026-01-31`. */
      date: (date: string | null | undefined) =>
        date ? day.format(new Date(`${date}T00:00:00Z`)) : '–',
      /** An instant, to the minute. */
      instant: (at: string | null | undefined) => (at ? instant.format(new Date(at)) : '–'),
      /** An instant, to the second. */
      exact: (at: string | null | undefined) => (at ? exact.format(new Date(at)) : '–'),
      number: (value: number) => number.format(value),
    };
  }, [i18n.language, zone]);
}
