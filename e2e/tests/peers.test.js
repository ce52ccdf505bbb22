// The peers without us: if a service and a home organisation cannot speak to each other directly,
// a failure of the tests through trustnet would say nothing.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../lib/browser.js';
import { startHomeOrganisation } from '../lib/home-organisation.js';
import { startService } from '../lib/service.js';

const MATTI = {
  given_name: 'Matti',
  family_name: 'Meikäläinen',
  learnerId: '1.2.246.562.98.10000000016',
  roles: 'oppilas',
  schoolIds: '1.2.246.562.99.00000000003',
};

let browser, home, service;

before(async () => {
  browser = await startBrowser();
  home = await startHomeOrganisation({
    host: '127.0.0.11',
    name: 'Kuvitteellinen kunta',
    accounts: { matti: { ...MATTI } },
  });
  service = await startService({
    host: '127.0.0.21',
    name: 'Kuvitteellinen oppimispalvelu',
    clientId: 'kuvitteellinen-palvelu',
    clientSecret: 'a secret of this test alone',
  });
  home.register({
    client_id: service.clientId,
    client_secret: service.clientSecret,
    redirect_uris: [service.redirectUri],
  });
  await service.connect(home.issuer);
});

after(async () => {
  await browser?.close();
  await service?.close();
  await home?.close();
});

async function withUser(steps) {
  const context = await browser.newContext();
  try {
    await steps(await context.newPage());
  } finally {
    await context.close();
  }
}

async function logIn(page, user) {
  await page.goto(service.origin);
  await page.click('#login');
  await page.fill('input[name=user]', user);
  await page.click('button');
}

test('a service receives what the home organisation says of a user', () =>
  withUser(async (page) => {
    await logIn(page, 'matti');
    const shown = JSON.parse(await page.textContent('#received'));
    assert.equal(shown.claims.iss, home.issuer);
    assert.equal(shown.userinfo.sub, 'matti');
    for (const [name, value] of Object.entries(MATTI)) {
      assert.equal(shown.userinfo[name], value, name);
      assert.equal(shown.claims[name], value, name);
    }
  }));

test('a second visit needs no new login, a request for a new login does', () =>
  withUser(async (page) => {
    await logIn(page, 'matti');
    await page.waitForSelector('#received');
    const typed = home.logins.length;
    await page.goto(`${service.origin}/login`);
    await page.waitForSelector('#received');
    assert.equal(home.logins.length, typed);
    await page.goto(`${service.origin}/login?prompt=login`);
    await page.waitForSelector('input[name=user]');
  }));

test('claims that change between logins arrive changed', () =>
  withUser(async (page) => {
    home.accounts.matti.roles = 'opettaja';
    await logIn(page, 'matti');
    const shown = JSON.parse(await page.textContent('#received'));
    assert.equal(shown.userinfo.roles, 'opettaja');
  }));

test('a refusal reaches the service with its reason', () =>
  withUser(async (page) => {
    await page.goto(`${service.origin}/login?prompt=none`);
    const shown = JSON.parse(await page.textContent('#refused'));
    assert.equal(shown.error, 'login_required');
    assert.deepEqual(service.refused.at(-1), shown);
  }));

test('a redirect address that was never registered is not followed', () =>
  withUser(async (page) => {
    await page.goto(service.origin);
    const stranger = new URL(`${home.issuer}/auth`);
    stranger.search = new URLSearchParams({
      client_id: service.clientId,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: 'http://127.0.0.99/callback',
    });
    const answer = await page.goto(stranger.href);
    assert.equal(answer.status(), 400);
    assert.equal(new URL(page.url()).origin, home.issuer);
  }));
