// `trustnet demo`: a newcomer logs in with two clicks, and sees what was withheld and why.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../lib/browser.js';
import { startDemo } from '../lib/trustnet.js';

let browser, demo;

before(async () => {
  [browser, demo] = await Promise.all([startBrowser(), startDemo()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function withUser(steps) {
  const context = await browser.newContext();
  try {
    await steps(await context.newPage());
  } finally {
    await context.close();
  }
}

/** A table's rows as name and text. */
const rowsOf = (page, table) =>
  page.$$eval(`${table} tr`, (rows) =>
    Object.fromEntries(rows.map((row) => [row.cells[0].innerText, row.cells[1].innerText])),
  );

/** The two clicks. */
async function logIn(page, service, person) {
  await page.goto(demo.addresses.services);
  await page.click(`#${service}`);
  await page.click(`button[value="${person}"]`);
}

test('two clicks log in, and show what arrived and what was withheld', () =>
  withUser(async (page) => {
    await logIn(page, 'koe', 'oona.oppilas');
    await page.waitForSelector('#welcome');
    const received = await rowsOf(page, '#received');
    assert.equal(received.given_name, 'Oona');
    assert.ok(Object.values(received).some((value) => value.includes('Mallikoulu')), JSON.stringify(received));
    const withheld = await rowsOf(page, '#withheld');
    const reasons = Object.values(withheld);
    assert.ok(reasons.some((reason) => reason.includes('the home organisation keeps it')), JSON.stringify(withheld));
    assert.ok(reasons.some((reason) => reason.includes('did not declare')), JSON.stringify(withheld));
    for (const name of Object.keys(withheld)) {
      assert.ok(name.endsWith('(in part)') || !(name in received), `${name} is on both sides`);
    }
  }));

test('the second service needs no new login', () =>
  withUser(async (page) => {
    await logIn(page, 'koe', 'eetu.opettaja');
    await page.waitForSelector('#welcome');
    await page.click('#toinen');
    await page.waitForSelector('#welcome');
    const received = await rowsOf(page, '#received');
    assert.equal(received.given_name, 'Eetu');
    assert.equal(received.family_name, undefined);
  }));

for (const [person, service, why] of [
  ['liisa.lukio', 'koe', 'no learner id'],
  ['noora.nimeton', 'koe', 'an order of non-disclosure'],
  ['testi.testinen', 'koe', 'a test learner at a service that wants none'],
  ['sulo.suljettu', 'koe', 'a suspension'],
]) {
  test(`${why} ends the login at the proxy`, () =>
    withUser(async (page) => {
      await logIn(page, service, person);
      await page.waitForLoadState();
      assert.equal(new URL(page.url()).origin, demo.addresses.loginTest);
      assert.equal(await page.$('#welcome'), null);
      // Whoever goes back to the service is told so there.
      await page.click(`a[href^="${demo.addresses.services}"]`);
      await page.waitForSelector('#refused');
    }));
}

test('a test learner enters where test learners may', () =>
  withUser(async (page) => {
    await logIn(page, 'toinen', 'testi.testinen');
    await page.waitForSelector('#welcome');
  }));

test('a school of another organisation is not believed', () =>
  withUser(async (page) => {
    await logIn(page, 'koe', 'vilja.vieras');
    await page.waitForSelector('#welcome');
    const reasons = Object.values(await rowsOf(page, '#withheld'));
    assert.ok(reasons.some((reason) => reason.includes('may not speak')), JSON.stringify(reasons));
  }));

test('an administrator of each role signs in with one click', () =>
  Promise.all(
    demo.administrators.map(({ subject }) =>
      withUser(async (page) => {
        const api = new URL(demo.addresses.api).origin;
        await page.goto(`${api}/sign-in`);
        await page.click(`button[value="${subject}"]`);
        await page.waitForURL((address) => address.origin === api);
        const answer = await page.evaluate(async () => {
          const response = await fetch('/graphql', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ query: '{ me { means name } }' }),
          });
          return response.json();
        });
        assert.equal(answer.errors, undefined, `${subject}: ${JSON.stringify(answer)}`);
        assert.equal(answer.data.me.means, 'SIGN_IN', subject);
      }),
    ),
  ));

for (const { organisation, person, given, school } of [
  { organisation: 'Haaveen kunta', person: 'hilla.haave', given: 'Hilla', school: 'Haaveen koulu' },
  { organisation: 'Satulan kunta', person: 'saana.satu', given: 'Saana', school: 'Satulan koulu' },
]) {
  test(`a user of ${organisation} chooses it and logs in at its stand-in`, () =>
    withUser(async (page) => {
      await page.goto(demo.addresses.services);
      await page.click('#kolmas');
      await page.click(`text=${organisation}`);
      await page.click(`button[value="${person}"]`);
      await page.waitForSelector('#welcome');
      const received = await rowsOf(page, '#received');
      assert.equal(received.given_name, given);
      assert.ok(Object.values(received).some((value) => value.includes(school)), JSON.stringify(received));
    }));
}

test('a login that is cancelled at a stand-in ends with a page', () =>
  withUser(async (page) => {
    await page.goto(demo.addresses.services);
    await page.click('#kolmas');
    await page.click('text=Haaveen kunta');
    await page.click('button[value=""]');
    await page.waitForSelector('text=UPSTREAM_REFUSED');
  }));
