// A login from a home organisation to services that are not ours, through a ledger founded and
// served as an operator does it, all of it arranged over GraphQL.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../lib/browser.js';
import { startHomeOrganisation } from '../lib/home-organisation.js';
import { startService } from '../lib/service.js';
import { created, secretHash, startTrustnet } from '../lib/trustnet.js';

const MUNICIPALITY = '1.2.246.562.99.00000000101';
const COMPANY = '1.2.246.562.99.00000000201';
const SCHOOL = '1.2.246.562.99.00000001001';
const SECRET = 'a secret of this test alone';

const MATTI = {
  preferred_username: 'matti',
  given_name: 'Matti',
  family_name: 'Meikäläinen',
  learner_id: '1.2.246.562.24.90000000001',
  role: 'oppilas',
  school: '99901',
};
const MAPPING = {
  username: 'preferred_username',
  firstName: 'given_name',
  surname: 'family_name',
  learnerId: 'learner_id',
  roles: 'role',
  schoolIds: 'school',
};

let browser, trustnet, home, first, second, member, user;
const ids = {};

before(async () => {
  [browser, trustnet, home] = await Promise.all([
    startBrowser(),
    startTrustnet(),
    startHomeOrganisation({ host: '127.0.0.11', name: 'Kuvitteellinen kunta', accounts: { matti: { ...MATTI } } }),
  ]);
  const service = (host, clientId) =>
    startService({ host, name: `Kuvitteellinen ${clientId}`, clientId, clientSecret: `${clientId}: a secret of this test` });
  [first, second, member] = await Promise.all([
    service('127.0.0.21', 'first'),
    service('127.0.0.22', 'second'),
    service('127.0.0.23', 'member'),
  ]);
  user = await browser.newContext({ locale: 'en' });
});

after(async () => {
  await browser?.close();
  await Promise.all([first, second, member, home].map((party) => party?.close()));
  await trustnet?.stop();
});

/** A page of the one user of this story. */
async function withPage(steps) {
  const page = await user.newPage();
  try {
    await steps(page);
  } finally {
    await page.close();
  }
}

const words = (fi) => ({ fi });

async function registerService(service, environment) {
  const streams = await trustnet.command('createService', {
    organisation: COMPANY,
    description: { name: words(`Kuvitteellinen ${service.clientId}`) },
  });
  const id = created(streams, 'service');
  await trustnet.command('declareReleaseSet', {
    service: id,
    attributes: Object.entries({
      'urn:mpass.id:uid': 'to know the user again',
      'urn:oid:2.5.4.42': 'to greet the user',
    }).map(([attribute, purpose]) => ({ attribute, purpose })),
  });
  const integration = created(
    await trustnet.command('registerServiceIntegration', { service: id, ...client(service, environment) }),
    'integration',
  );
  return { service: id, integration };
}

const client = (service, environment) => ({
  environment,
  configuration: {
    protocol: { openIdConnect: { clientId: service.clientId, redirectUris: [service.redirectUri] } },
  },
  secretHash: secretHash(service.clientSecret),
});

const homeIntegration = (environment) => ({
  organisation: MUNICIPALITY,
  environment,
  configuration: {
    upstream: { openIdConnect: { issuer: home.issuer, clientId: `proxy-${environment}`, scopes: ['profile'] } },
    attributes: Object.entries(MAPPING).map(([attribute, source]) => ({ attribute, source })),
  },
  secret: SECRET,
});

async function registerHome(environment) {
  const streams = await trustnet.command('registerHomeIntegration', homeIntegration(environment));
  const integration = created(streams, 'integration');
  const { node } = await trustnet.ask(
    'query Flow($id: ID!) { node(id: $id) { ... on Integration { flowName state } } }',
    { id: integration },
  );
  assert.equal(node.state, 'DRAFT');
  home.register({
    client_id: `proxy-${environment}`,
    client_secret: SECRET,
    redirect_uris: [`${trustnet.issuers[environment]}/login/return/${node.flowName}`],
  });
  return integration;
}

const activate = (integration) => trustnet.command('activateIntegration', { integration });

async function review(integration) {
  await trustnet.command('submitIntegration', { integration });
  await trustnet.command('acceptIntegration', { integration });
  await activate(integration);
}

/** What a service shows of a login that arrived. */
async function received(page) {
  return JSON.parse(await page.textContent('#received'));
}

test('in the environment test, integrations need no membership', async () => {
  await trustnet.command('recordOrganisations', {
    organisations: [
      { organisation: MUNICIPALITY, description: { name: words('Kuvitteellinen kunta'), types: ['organisaatiotyyppi_01'] } },
      { organisation: COMPANY, description: { name: words('Kuvitteellinen yritys') } },
      {
        organisation: SCHOOL,
        description: {
          name: words('Kuvitteellinen koulu'),
          types: ['organisaatiotyyppi_02'],
          schoolCode: '99901',
          parent: MUNICIPALITY,
        },
      },
    ],
  });
  await trustnet.command('publishAnnex', {
    annex: 'DATA_MODEL',
    version: '1.3',
    title: words('Tietomalli'),
    document: 'a'.repeat(64),
    selects: { dataModel: '1.3' },
    validFrom: '2022-08-02',
  });
  ids.home = await registerHome('TEST');
  ids.first = await registerService(first, 'TEST');
  ids.second = await registerService(second, 'TEST');
  for (const integration of [ids.home, ids.first.integration, ids.second.integration]) await activate(integration);
  await first.connect(trustnet.issuers.TEST);
  await second.connect(trustnet.issuers.TEST);
});

test('a user logs in, and the service receives what it declared and no more', () =>
  withPage(async (page) => {
    await page.goto(first.origin);
    await page.click('#login');
    await page.fill('input[name=user]', 'matti');
    await page.click('button');
    const { claims, userinfo } = await received(page);
    assert.equal(claims.iss, trustnet.issuers.TEST);
    assert.equal(userinfo.given_name, 'Matti');
    assert.equal(userinfo.family_name, undefined);
    assert.match(Object.values(userinfo).join(' '), /MPASSOID\./);
    assert.deepEqual(home.logins, ['matti']);
  }));

test('the second service needs no new login, and knows the user by another name', () =>
  withPage(async (page) => {
    await page.goto(second.origin);
    await page.click('#login');
    const { claims } = await received(page);
    assert.deepEqual(home.logins, ['matti']);
    assert.notEqual(claims.sub, first.received[0].claims.sub);
  }));

test('other environments ask for a membership', async () => {
  for (const environment of ['PREPRODUCTION', 'PRODUCTION']) {
    const refusal = await trustnet.refusal('registerHomeIntegration', homeIntegration(environment));
    assert.equal(refusal.code, 'NOT_A_MEMBER', environment);
    assert.ok(refusal.remedy);
    const service = await trustnet.refusal('registerServiceIntegration', {
      service: ids.first.service,
      ...client(member, environment),
    });
    assert.equal(service.code, 'NOT_A_MEMBER', environment);
  }
});

test('members are reviewed and then log in there', async () => {
  await trustnet.command('publishInstrument', {
    kind: 'TERMS_OF_USE',
    version: 'terms-2023',
    title: words('Kuvitteelliset käyttöehdot'),
    document: 'b'.repeat(64),
    validFrom: '2023-12-19',
  });
  const contact = { name: 'Yrjö Yhteyshenkilö', email: 'yrjo@example.org' };
  const purpose = { kind: 'COMPANY', purpose: 'Oppimisympäristö', supportsEducation: true };
  const education = { basis: [{ act: 'BASIC_EDUCATION' }], levels: ['BASIC'] };
  const joining = [
    { organisation: MUNICIPALITY, roles: ['HOME_ORGANISATION'], educationProvider: education },
    { organisation: COMPANY, roles: ['SERVICE_PROVIDER'], servicePurpose: purpose },
  ];
  for (const who of joining) {
    await trustnet.command('applyForMembership', {
      ...who,
      name: words('Kuvitteellinen jäsen'),
      postalAddress: 'PL 1, 00000 Kuvitteellinen',
      instrument: 'TERMS_OF_USE',
      contacts: [{ role: 'CONTRACT', contact }],
    });
    const { organisation } = who;
    await trustnet.command('acceptTerms', { organisation, instrument: 'terms-2023', acceptedBy: 'Heli Hyväksyjä' });
    await trustnet.command('confirmJoiningNotification', { organisation });
  }
  const registered = await registerService(member, 'PREPRODUCTION');
  await review(await registerHome('PREPRODUCTION'));
  await review(registered.integration);
  await member.connect(trustnet.issuers.PREPRODUCTION);
  await withPage(async (page) => {
    await page.goto(member.origin);
    await page.click('#login');
    // Another environment is another network: the login of the first one does not carry over. The
    // home organisation still knows the user.
    const { claims } = await received(page);
    assert.equal(claims.iss, trustnet.issuers.PREPRODUCTION);
  });
});

test('when the home organisation gives its last permission away, the next login is refused', async () => {
  const received = first.received.length;
  await trustnet.command('setPermissionMode', { integration: ids.home, mode: 'LIST', services: [] });
  await withPage(async (page) => {
    await page.goto(first.origin);
    await page.click('#login');
    await page.waitForLoadState();
    assert.equal(new URL(page.url()).origin, trustnet.issuers.TEST);
    assert.match(await page.textContent('body'), /has not permitted this service/);
    await page.click('a.button');
    assert.ok(JSON.parse(await page.textContent('#refused')).error);
  });
  assert.equal(first.received.length, received);
});

test('all of it is in the log', async () => {
  const { network } = await trustnet.ask('{ network { timeline(first: 500) { nodes { position name stream means } } } }');
  const names = network.timeline.nodes.map((event) => event.name);
  for (const name of [
    'LedgerFounded',
    'OrganisationRecorded',
    'ServiceCreated',
    'IntegrationRegistered',
    'IntegrationActivated',
    'TermsAccepted',
    'MembershipStarted',
    'IntegrationAccepted',
    'PermissionModeSet',
  ]) {
    assert.ok(names.includes(name), `${name} of ${names.join(' ')}`);
  }
  // What was refused left no trace.
  const registrations = names.filter((name) => name === 'IntegrationRegistered');
  assert.equal(registrations.length, 5);
});
