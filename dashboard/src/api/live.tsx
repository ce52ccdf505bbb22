import { useEffect, useRef, useSyncExternalStore } from 'react';
import { useClient } from 'urql';
import { pipe, subscribe } from 'wonka';
import { connection } from './connection';
import { graphql } from './graphql';

const EVENTS = graphql(`
  subscription Events($after: Int!) {
    events(after: $after) {
      position
      event {
        position
        name
        stream
      }
    }
  }
`);

/** Pages that show the present, told when the log has grown. */
const watchers = new Set<() => void>();

/** Calls back, gathered, whenever something was recorded that this caller may see. */
export function useLogGrowth(callback: () => void, enabled: boolean) {
  const latest = useRef(callback);
  useEffect(() => {
    latest.current = callback;
  });
  useEffect(() => {
    if (!enabled) return;
    const watcher = () => latest.current();
    watchers.add(watcher);
    return () => void watchers.delete(watcher);
  }, [enabled]);
}

/** An event as it is heard, for whoever shows the stream itself. */
export interface HeardEvent {
  position: number;
  name: string;
  stream: string;
}
let heard: readonly HeardEvent[] = [];
const heardListeners = new Set<() => void>();

/** The last hundred events that were heard since the page was opened, newest first. */
export function useHeardEvents(): readonly HeardEvent[] {
  return useSyncExternalStore(
    (listener) => {
      heardListeners.add(listener);
      return () => heardListeners.delete(listener);
    },
    () => heard,
  );
}

/** Follows the log from a position on, and tells the pages. One for the whole application. */
export function LiveUpdates({ from }: { from: number }) {
  const client = useClient();
  const after = useRef(from);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let stopped = false;
    let unsubscribe = () => {};
    const begin = () => {
      // Each beginning goes on from what was heard last: nothing is missed over a lost connection.
      ({ unsubscribe } = pipe(
        client.subscription(EVENTS, { after: after.current }),
        subscribe((result) => {
          if (result.error) {
            connection.set({ live: 'lost' });
            unsubscribe();
            if (!stopped) retry = setTimeout(begin, 5000);
            return;
          }
          const step = result.data?.events;
          if (!step) return;
          after.current = Math.max(after.current, step.position);
          connection.set({ live: 'connected', position: after.current });
          if (!step.event) return;
          const event = step.event;
          heard = [event, ...heard].slice(0, 100);
          heardListeners.forEach((listener) => listener());
          clearTimeout(timer);
          timer = setTimeout(() => watchers.forEach((watcher) => watcher()), 250);
        }),
      ));
    };
    begin();
    return () => {
      stopped = true;
      clearTimeout(timer);
      clearTimeout(retry);
      unsubscribe();
    };
  }, [client]);
  return null;
}
