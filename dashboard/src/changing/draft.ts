import type { Json } from '../api/graphql';
import type { Fields } from './value';

/** What somebody has typed and not yet given: it outlives an error, a reload, a lost session. */
export interface Draft {
  value: Fields;
  reason: string;
  /** The id of the command: the same until it is known what became of it. */
  commandId: string;
  /** What the form began with, where it changes something that is there. */
  base: Json | null;
  /** The version of the stream at that time. */
  version: number | null;
}

const PREFIX = 'trustnet.draft ';

/** Which draft: by the command and what the page gave it. */
export function draftKey(command: string, given: Fields): string {
  const entries = Object.entries(given).sort(([a], [b]) => a.localeCompare(b));
  return `${PREFIX}${command} ${JSON.stringify(entries)}`;
}

/** A secret is not left lying in the browser. */
function withoutSecrets(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'secret' && key !== 'secretHash')
      .map(([key, each]) => [key, withoutSecrets(each)]),
  );
}

export function readDraft(key: string): Draft | null {
  try {
    const text = window.sessionStorage.getItem(key);
    return text ? (JSON.parse(text) as Draft) : null;
  } catch {
    return null;
  }
}

export function keepDraft(key: string, draft: Draft) {
  const kept = { ...draft, value: withoutSecrets(draft.value) };
  try {
    window.sessionStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // A full store costs the draft, not the form.
  }
}

export const dropDraft = (key: string) => window.sessionStorage.removeItem(key);
