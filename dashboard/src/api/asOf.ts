import { useSearch } from '@tanstack/react-router';

/** The moment that the address asks for: a position of the log, or an instant. */
export type AsOf = { position: number } | { instant: string };

/** Reads `asOf` of an address; undefined for now. */
export function parseAsOf(text: string | undefined): AsOf | undefined {
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return { position: Number(text) };
  const instant = new Date(text);
  return Number.isNaN(instant.getTime()) ? undefined : { instant: instant.toISOString() };
}

/** The moment of this page, or undefined where it shows the present. */
export function useAsOf(): AsOf | undefined {
  const search = useSearch({ strict: false }) as { asOf?: string | number };
  return parseAsOf(search.asOf === undefined ? undefined : String(search.asOf));
}
