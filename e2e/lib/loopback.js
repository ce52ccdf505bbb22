// Listening on loopback. Each party gets an address of its own in 127.0.0.0/8, because cookies
// ignore ports: two parties on one address would read each other's cookies.

import { createServer } from 'node:http';
import { once } from 'node:events';

/**
 * Listens on a free port, so that the party's address is known before the party is made.
 *
 * @param {string} host an address in 127.0.0.0/8
 * @returns {Promise<{origin: string, serve: (handler: Function) => void, close: () => Promise<void>}>}
 */
export async function listen(host) {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  return {
    origin: `http://${host}:${server.address().port}`,
    serve: (handler) => server.on('request', handler),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** The form fields of a posted body; a test's own pages post a few bytes. */
export async function formOf(request) {
  let body = '';
  for await (const chunk of request) body += chunk;
  return new URLSearchParams(body);
}

/** Text made safe to stand in HTML. */
export function escape(text) {
  return String(text).replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

/** Answers with a page. */
export function page(response, status, title, body) {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end(
    `<!doctype html><html lang="en"><title>${escape(title)}</title><h1>${escape(title)}</h1>${body}</html>`,
  );
}
