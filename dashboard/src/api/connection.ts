import { useSyncExternalStore } from 'react';

/** How the page stands to the server. */
export interface Connection {
  /** The subscription that keeps pages up to date. */
  live: 'connecting' | 'connected' | 'lost' | 'paused';
  /** How far the log has come, by the last event that was heard. */
  position: number | null;
  /** Whether the session has ended while somebody worked. */
  signedOut: boolean;
}

let current: Connection = { live: 'connecting', position: null, signedOut: false };
const listeners = new Set<() => void>();

export const connection = {
  get: () => current,
  set(change: Partial<Connection>) {
    current = { ...current, ...change };
    listeners.forEach((listener) => listener());
  },
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

export function useConnection(): Connection {
  return useSyncExternalStore(connection.subscribe, connection.get);
}
