// A home organisation: an OpenID provider that is not ours (npm `oidc-provider`), with accounts
// whose claims the test chooses.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Provider, { errors } from 'oidc-provider';
import { escape, formOf, listen, page } from './loopback.js';

/**
 * Keeps what the provider issues in memory. Clients are read from `clients`, so that a test can
 * register one after the provider has started: a proxy's redirect address is often not known before.
 */
function memoryOf(clients) {
  const everything = new Map();
  return class Memory {
    constructor(model) {
      this.model = model;
    }

    key(id) {
      return `${this.model}:${id}`;
    }

    async upsert(id, payload) {
      everything.set(this.key(id), payload);
    }

    async find(id) {
      return this.model === 'Client' ? clients.get(id) : everything.get(this.key(id));
    }

    async findByUid(uid) {
      return [...everything].find(
        ([key, payload]) => key.startsWith(`${this.model}:`) && payload.uid === uid,
      )?.[1];
    }

    async consume(id) {
      everything.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
    }

    async destroy(id) {
      everything.delete(this.key(id));
    }

    async revokeByGrantId(grantId) {
      for (const [key, payload] of everything) {
        if (payload.grantId === grantId) everything.delete(key);
      }
    }
  };
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'first' };
}

/**
 * Starts a home organisation.
 *
 * @param {object} options
 * @param {string} options.host its address in 127.0.0.0/8
 * @param {string} options.name shown on its login page
 * @param {Record<string, object>} options.accounts claims by user name, all released in the scope
 *   `profile`; a test may change them between logins
 * @returns {Promise<{issuer: string, register: (client: object) => void, accounts: object,
 *   logins: string[], close: () => Promise<void>}>} `logins` holds the user name of each time
 *   somebody typed one
 */
export async function startHomeOrganisation({ host, name, accounts }) {
  const { origin, serve, close } = await listen(host);
  const clients = new Map();
  const logins = [];
  const claims = new Set(Object.values(accounts).flatMap((account) => Object.keys(account)));

  const provider = new Provider(origin, {
    adapter: memoryOf(clients),
    claims: { openid: ['sub'], profile: [...claims] },
    // Home organisations in the field put their claims into the ID token as well.
    conformIdTokenClaims: false,
    cookies: { keys: [randomBytes(32).toString('hex')] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_context, id) =>
      accounts[id] && {
        accountId: id,
        claims: () => ({ sub: id, ...accounts[id] }),
      },
    interactions: { url: (_context, interaction) => `/login/${interaction.uid}` },
    // A home organisation does not ask its users whether its own operator may know them.
    async loadExistingGrant(context) {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client.clientId,
        accountId: context.oidc.session.accountId,
      });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
    jwks: { keys: [signingKey()] },
    pkce: { required: () => true },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 3600, IdToken: 600, Interaction: 600, Session: 3600 },
  });

  const toProvider = provider.callback();
  async function login(request, response) {
    if (request.method === 'GET') {
      await provider.interactionDetails(request, response);
      page(
        response,
        200,
        name,
        `<form method="post"><label>User name <input name="user" autocomplete="username"></label>
         <button>Log in</button></form>`,
      );
      return;
    }
    const user = (await formOf(request)).get('user');
    if (!accounts[user]) {
      page(response, 403, name, `<p id="refused">No account: ${escape(user)}</p>`);
      return;
    }
    logins.push(user);
    await provider.interactionFinished(request, response, { login: { accountId: user } });
  }

  serve((request, response) => {
    if (!request.url.startsWith('/login/')) {
      toProvider(request, response);
      return;
    }
    login(request, response).catch((error) => {
      const expected = error instanceof errors.OIDCProviderError;
      page(response, expected ? 400 : 500, name, `<p id="refused">${escape(error.message)}</p>`);
    });
  });

  return {
    issuer: origin,
    accounts,
    logins,
    register: (client) =>
      clients.set(client.client_id, {
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
        ...client,
      }),
    close,
  };
}
