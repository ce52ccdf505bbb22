// A service: an OpenID Connect client that is not ours (npm `openid-client`), with PKCE and
// client_secret_basic, that shows what it received.

import * as client from 'openid-client';
import { escape, listen, page } from './loopback.js';

/**
 * Starts a service. It is used in two steps, since its redirect address must be registered with
 * the provider before the provider can be asked anything: start, register, `connect`.
 *
 * @param {object} options
 * @param {string} options.host its address in 127.0.0.0/8
 * @param {string} options.name shown on its pages
 * @param {string} options.clientId
 * @param {string} options.clientSecret
 * @returns {Promise<{origin: string, redirectUri: string, clientId: string, clientSecret: string,
 *   connect: (issuer: string) => Promise<void>, received: object[], refused: object[],
 *   close: () => Promise<void>}>} `received` holds the ID token's claims and the userinfo of each
 *   login that arrived, `refused` the error of each that did not
 */
export async function startService({ host, name, clientId, clientSecret }) {
  const { origin, serve, close } = await listen(host);
  const redirectUri = `${origin}/callback`;
  const received = [];
  const refused = [];
  const started = new Map();
  let configuration;

  async function begin(query, response) {
    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const nonce = client.randomNonce();
    started.set(state, { verifier, nonce });
    const address = client.buildAuthorizationUrl(configuration, {
      ...Object.fromEntries(query),
      redirect_uri: redirectUri,
      scope: 'openid profile',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    response.writeHead(303, { location: address.href }).end();
  }

  async function finish(address, response) {
    const state = address.searchParams.get('state');
    const { verifier, nonce } = started.get(state) ?? {};
    started.delete(state);
    try {
      const tokens = await client.authorizationCodeGrant(configuration, address, {
        pkceCodeVerifier: verifier,
        expectedState: state ?? undefined,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      const userinfo = await client.fetchUserInfo(configuration, tokens.access_token, claims.sub);
      received.push({ claims, userinfo });
      page(
        response,
        200,
        name,
        `<h2>What arrived</h2><pre id="received">${escape(JSON.stringify({ claims, userinfo }, null, 2))}</pre>`,
      );
    } catch (error) {
      const refusal = { error: error.error ?? error.code, description: error.error_description ?? error.message };
      refused.push(refusal);
      page(response, 403, name, `<pre id="refused">${escape(JSON.stringify(refusal, null, 2))}</pre>`);
    }
  }

  serve((request, response) => {
    const address = new URL(request.url, origin);
    let answered;
    if (address.pathname === '/login') answered = begin(address.searchParams, response);
    else if (address.pathname === '/callback') answered = finish(address, response);
    else if (address.pathname === '/') page(response, 200, name, '<a id="login" href="/login">Log in</a>');
    else page(response, 404, name, '<p>No such page.</p>');
    answered?.catch((error) => page(response, 500, name, `<pre id="failed">${escape(error.stack)}</pre>`));
  });

  return {
    origin,
    redirectUri,
    clientId,
    clientSecret,
    received,
    refused,
    async connect(issuer) {
      configuration = await client.discovery(
        new URL(issuer),
        clientId,
        undefined,
        client.ClientSecretBasic(clientSecret),
        // Loopback only: the parties of these tests speak plain HTTP to each other.
        { execute: [client.allowInsecureRequests] },
      );
    },
    close,
  };
}
