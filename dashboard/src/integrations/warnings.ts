import { useCallback } from 'react';
import type { Json } from '../api/graphql';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';

/** `certificateExpired` as the compliance view calls it: `CERTIFICATE_EXPIRED`. */
export function screaming(name: string): string {
  return name.replaceAll(/(?!^)([A-Z])/g, '_$1').toUpperCase();
}

/** A warning of an integration, in words. */
export function useWarning() {
  const { finding } = useWords();
  const { date } = useFormat();
  return useCallback(
    (warning: Json): string => {
      if (typeof warning === 'string') return finding(screaming(warning));
      if (warning === null || typeof warning !== 'object' || Array.isArray(warning)) {
        return String(warning);
      }
      const [entry] = Object.entries(warning);
      if (!entry) return '';
      const [name, detail] = entry;
      if (typeof detail === 'string') return `${finding(screaming(name))}: ${finding(detail)}`;
      const inside =
        detail !== null && typeof detail === 'object' && !Array.isArray(detail) ? detail : {};
      const at = inside.at ?? inside.on;
      const when = typeof at === 'string' ? ` (${date(at.slice(0, 10))})` : '';
      return `${finding(screaming(name))}${when}`;
    },
    [finding, date],
  );
}
