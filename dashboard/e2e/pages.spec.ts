import { expect, test } from '@playwright/test';
import { dashboard, open, signedIn, violations, type Language } from './person';

const NETWORK = [
  '/',
  '/members',
  '/members?state=ENDING&sort=-name',
  '/organisations',
  '/integrations',
  '/integrations?role=SERVICE&environment=PRODUCTION',
  '/services',
  '/agreement',
  '/steering',
  '/self-audits',
  '/obligations',
  '/operations',
  '/operations?tab=misuse',
  '/access',
  '/rules',
  '/timeline',
  '/logins',
  '/ledger',
  '/usage',
  '/joining',
  '/accessibility',
  '/feedback',
  '/members/1.2.246.562.99.00000000101',
  '/members/1.2.246.562.99.00000000104',
  '/members/1.2.246.562.99.00000000106?tab=duties',
  '/members/1.2.246.562.99.00000000101?tab=contacts',
  '/members/1.2.246.562.99.00000000101?tab=integrations',
  '/members/1.2.246.562.99.00000000101?tab=selfAudits',
  '/members/1.2.246.562.99.00000000101?tab=history',
  '/members/1.2.246.562.99.00000000119',
  '/organisations/1.2.246.562.99.00000000101',
  '/change/giveNoticeToMember?member=1.2.246.562.99.00000000105',
  '/change/registerHomeIntegration?organisation=1.2.246.562.99.00000000101',
  '/change/applyForMembership',
  '/change/setRule',
];
const OWN = '1.2.246.562.99.00000000101';

/** Who goes where, in which language; every language and both themes are seen. */
const WALKS: { person: string; language: Language; theme: 'light' | 'dark'; paths: string[] }[] = [
  { person: 'ylva', language: 'fi', theme: 'light', paths: NETWORK },
  {
    person: 'aatu',
    language: 'en',
    theme: 'dark',
    paths: NETWORK.filter((path) => !path.includes('/change/')),
  },
  {
    person: 'maija',
    language: 'sv',
    theme: 'light',
    paths: [
      '/',
      '/obligations',
      `/members/${OWN}`,
      `/members/${OWN}?tab=contacts`,
      '/integrations',
      '/services',
      '/agreement',
      '/steering',
      '/usage',
      '/logins',
      '/timeline',
      `/change/nameContact?member=${OWN}&role=TECHNICAL`,
    ],
  },
  {
    person: 'heli',
    language: 'fi',
    theme: 'dark',
    paths: ['/', '/joining', '/services', '/integrations'],
  },
  {
    person: 'sampo',
    language: 'en',
    theme: 'light',
    paths: ['/', '/services', '/integrations', '/timeline'],
  },
  {
    person: 'outi',
    language: 'sv',
    theme: 'dark',
    paths: ['/', '/agreement', '/steering', '/services'],
  },
  {
    person: 'onni',
    language: 'en',
    theme: 'light',
    paths: ['/', '/steering', '/agreement', '/members'],
  },
];

for (const { person, language, theme, paths } of WALKS) {
  test(`${person}'s pages have no violation and no complaint (${language}, ${theme})`, async ({
    browser,
  }) => {
    test.setTimeout(paths.length * 15_000);
    const page = await signedIn(browser, person, language, theme);
    for (const path of paths) {
      await test.step(path, async () => {
        await open(page, path);
        expect.soft(await violations(page), path).toEqual([]);
        await expect.soft(page.locator('main [role=alert]'), path).toHaveCount(0);
      });
    }
    expect(page.complaints.all).toEqual([]);
    await expect(page.locator('html')).toHaveAttribute('lang', language);
  });
}

test('things found by walking have no violation either', async ({ browser }) => {
  test.setTimeout(240_000);
  const page = await signedIn(browser, 'ylva', 'en');
  for (const [list, tabs] of [
    [
      '/integrations?role=HOME_ORGANISATION&state=ACTIVE',
      ['', 'settings', 'permissions', 'choice', 'history'],
    ],
    ['/services', ['', 'clients', 'history']],
    ['/agreement', ['', 'votes', 'notices']],
  ] as const) {
    await open(page, list);
    const first = page.locator('tbody th a').first();
    const href = (await first.getAttribute('href')) ?? '';
    for (const tab of tabs) {
      await open(page, `${href.split('?')[0]}${tab ? `?tab=${tab}` : ''}`);
      expect.soft(await violations(page), `${href} ${tab}`).toEqual([]);
    }
  }
  expect(page.complaints.all).toEqual([]);
});

test('nothing is asked of anybody else', async ({ browser }) => {
  const page = await signedIn(browser, 'aatu', 'en');
  const foreign: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== new URL(dashboard()).origin && url.protocol.startsWith('http')) {
      foreign.push(request.url());
    }
  });
  for (const path of ['/', '/usage', '/obligations', '/members']) await open(page, path);
  expect(foreign).toEqual([]);
});

test('the pages say to those who hear them what they are', async ({ browser }) => {
  const page = await signedIn(browser, 'ylva', 'en');
  await open(page, '/members');
  await expect(page.getByRole('navigation', { name: 'Main menu' })).toMatchAriaSnapshot(`
    - navigation "Main menu":
      - region "Work":
        - heading "Work" [level=2]
        - list:
          - listitem:
            - link "Start"
          - listitem:
            - link "Obligations"
          - listitem:
            - link "Joining"
      - region "The network":
        - heading "The network" [level=2]
        - list:
          - listitem:
            - link "Members"
          - listitem:
            - link "Integrations"
          - listitem:
            - link "Services"
          - listitem:
            - link "Organisations"
  `);
  await expect(page.locator('main')).toMatchAriaSnapshot(`
    - main:
      - heading "Members" [level=1]
      - link "Apply for membership"
      - link "Record an older membership"
      - search:
        - text: Name, OID or business ID
        - searchbox "Name, OID or business ID"
        - text: State
        - combobox "State"
        - text: Role
        - combobox "Role"
      - region "Members":
        - table "Members":
          - rowgroup:
            - row:
              - columnheader "Name":
                - button "Name"
              - columnheader "State":
                - button "State"
  `);
  await open(page, '/change/nameContact?member=1.2.246.562.99.00000000101&role=TECHNICAL');
  await expect(page.locator('main form')).toMatchAriaSnapshot(`
    - heading "What it is about" [level=2]
    - term: Member
    - definition: Kuvitteellinen kunta
    - heading "Fields" [level=2]
    - group "Contact details":
      - textbox "Name"
    - heading "What changes" [level=2]
    - heading "Reason" [level=2]
    - textbox "Why?"
    - button "Name a contact"
    - link "Cancel"
  `);
});

test('at 200 % and on a phone nothing is cut off', async ({ browser }) => {
  const page = await signedIn(browser, 'ylva', 'fi');
  // 1280 points at 200 % leave 640; a phone has 360.
  for (const width of [640, 360]) {
    await page.setViewportSize({ width, height: 800 });
    for (const path of [
      '/',
      '/members',
      '/members/1.2.246.562.99.00000000104',
      '/change/applyForMembership',
      '/steering',
    ]) {
      await open(page, path);
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect.soft(wide, `${path} at ${width}`).toBeLessThanOrEqual(1);
    }
  }
});
