import { createClient as createSocket } from 'graphql-ws';
import {
  Client,
  cacheExchange,
  fetchExchange,
  mapExchange,
  subscriptionExchange,
  type Exchange,
} from 'urql';
import { connection } from './connection';

/** Whether a fault of the API says that nobody is signed in any more. */
export function isSignedOut(codes: readonly (string | undefined)[]): boolean {
  return codes.includes('UNAUTHENTICATED');
}

/** Tells the shell when an answer says that the session has ended. */
const noticeSignOut: Exchange = mapExchange({
  onError(error) {
    const codes = error.graphQLErrors.map((fault) => fault.extensions?.code as string | undefined);
    if (isSignedOut(codes) || error.response?.status === 401) connection.set({ signedOut: true });
  },
});

function socketAddress(): string {
  const address = new URL('/graphql', window.location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return address.href;
}

export function makeClient(): Client {
  const socket = createSocket({
    url: socketAddress(),
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    on: {
      connected: () => connection.set({ live: 'connected' }),
      closed: () => connection.set({ live: 'lost' }),
    },
  });
  return new Client({
    url: '/graphql',
    preferGetMethod: false,
    fetchOptions: { credentials: 'same-origin' },
    exchanges: [
      cacheExchange,
      noticeSignOut,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe(
              { query: request.query ?? '', variables: request.variables },
              {
                next: (value) => sink.next(value as Parameters<typeof sink.next>[0]),
                error: (error) => sink.error(error),
                complete: () => sink.complete(),
              },
            ),
          }),
        }),
      }),
    ],
  });
}
