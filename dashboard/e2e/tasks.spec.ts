import { expect, test, type Page } from '@playwright/test';
import { dashboard, open, signedIn } from './person';

const OWN = '1.2.246.562.99.00000000101';

/** The address of the first integration of a list. */
async function firstIntegration(page: Page, query: string): Promise<string> {
  await open(page, `/integrations?${query}`);
  const href = await page.locator('tbody th a').first().getAttribute('href');
  return (href ?? '').split('?')[0] ?? '';
}

test('by keyboard alone: search, open a member, change a contact (fi)', async ({ browser }) => {
  const page = await signedIn(browser, 'ylva', 'fi');
  await open(page, '/');
  // The first stop leads to the content.
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Siirry sisältöön' })).toBeFocused();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.type('Kuvitteellinen kunta');
  await expect(page.getByRole('option', { name: /Kuvitteellinen kunta/ }).first()).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Kuvitteellinen kunta' })).toBeFocused();
  await page.getByRole('link', { name: 'Yhteyshenkilöt' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: /^(Vaihda|Nimeä): Tekninen yhteyshenkilö/ }).focus();
  await page.keyboard.press('Enter');
  const name = page.getByRole('textbox', { name: 'Nimi' });
  await name.focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('Taina Tekninen');
  await page.getByRole('textbox', { name: 'Miksi?' }).focus();
  await page.keyboard.type('Edellinen vaihtoi työtä');
  // What changes is there before anything is sent.
  await expect(page.getByRole('region', { name: 'Ero' })).toContainText('Taina Tekninen');
  await page.getByRole('button', { name: 'Nimeä yhteyshenkilö' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Kirjattu');
  await page.getByRole('link', { name: 'Takaisin' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('main')).toContainText('Taina Tekninen');
});

test('a member changes which services it permits, and an empty list is said to be one (sv)', async ({
  browser,
}) => {
  const page = await signedIn(browser, 'maija', 'sv');
  const address = await firstIntegration(page, 'environment=TEST');
  await open(page, `${address}?tab=permissions`);
  await page.getByRole('link', { name: 'Ändra tillåtna tjänster' }).click();
  await page.getByRole('combobox', { name: 'Tillåtna tjänster' }).selectOption('LIST');
  await expect(page.locator('main')).toContainText('Tom lista: ingen tjänst kan användas');
  await page.getByRole('checkbox', { name: 'Koepalvelu', exact: true }).check();
  await page.getByRole('textbox', { name: 'Varför?' }).fill('Bara det som används');
  await page.getByRole('button', { name: 'Ändra tillåtna tjänster' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Registrerat');
  await page.getByRole('link', { name: 'Tillbaka' }).click();
  await expect(page.locator('main')).toContainText('Endast uppräknade tjänster');
  await expect(page.getByRole('row', { name: /^Koepalvelu/ })).toContainText('Ja');
});

test('the operator suspends in two clicks and a reason, and takes it back (en)', async ({
  browser,
}) => {
  const page = await signedIn(browser, 'ylva', 'en');
  const address = await firstIntegration(page, 'role=SERVICE&environment=PRODUCTION&state=ACTIVE');
  await open(page, address);
  await page.getByRole('link', { name: 'Suspend the integration' }).click();
  await page.getByRole('combobox', { name: 'Ground' }).selectOption('SECURITY');
  await page
    .getByRole('textbox', { name: 'Reason', exact: true })
    .fill('Keys were published by mistake');
  await page.getByRole('button', { name: 'Suspend the integration' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Recorded');
  await open(page, address);
  await expect(page.locator('main')).toContainText('Suspended');
  await page.getByRole('link', { name: 'Reinstate the integration' }).click();
  await page.getByRole('button', { name: 'Reinstate the integration' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Recorded');
});

test('the operator accepts what was handed in, with the difference before the eyes (en)', async ({
  browser,
}) => {
  const page = await signedIn(browser, 'ylva', 'en');
  const address = await firstIntegration(page, 'state=SUBMITTED');
  await open(page, `${address}?tab=settings`);
  await expect(page.getByRole('table')).toBeVisible();
  await page.getByRole('link', { name: 'Accept the integration' }).click();
  await page.getByRole('textbox', { name: 'Why?' }).fill('Checked against the annex');
  await page.getByRole('button', { name: 'Accept the integration' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Recorded');
  await open(page, address);
  await expect(page.locator('main')).toContainText('Accepted');
});

test('a refusal lands at its field, and nothing typed is lost by it or by a reload (en)', async ({
  browser,
}) => {
  const page = await signedIn(browser, 'ylva', 'en');
  await open(page, `/change/giveNoticeToMember?member=${OWN}&back=/members/${OWN}`);
  await page.getByLabel('Sent on').fill('2020-01-02');
  await page.getByLabel('Received on').fill('2020-01-01');
  await page.getByRole('textbox', { name: 'Why?' }).fill('A test of the rules');
  await page.getByRole('button', { name: 'Give notice to the member' }).click();
  await expect(page.getByRole('alert')).toContainText('Nothing was recorded');
  await expect(page.locator('[aria-invalid=true]')).toHaveCount(1);
  const described = await page.locator('[aria-invalid=true]').getAttribute('aria-describedby');
  const error = page.locator(`[id="${described?.split(' ').at(-1)}"]`);
  await expect(error).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Sent on')).toHaveValue('2020-01-02');
  await expect(page.getByRole('textbox', { name: 'Why?' })).toHaveValue('A test of the rules');
  await expect(page.locator('main')).toContainText('You go on where you left');
  await page.getByRole('button', { name: 'Start over' }).click();
  await expect(page.getByLabel('Sent on')).toHaveValue('');
});

test('an expired session loses nothing (fi)', async ({ browser }) => {
  const page = await signedIn(browser, 'maija', 'fi');
  await open(page, `/change/nameContact?member=${OWN}&role=ADMINISTRATIVE&back=/members/${OWN}`);
  await page.getByRole('textbox', { name: 'Nimi' }).fill('Helmi Hallinto');
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Nimeä yhteyshenkilö' }).click();
  await expect(page.getByRole('alert').first()).toContainText('Kirjaudu uudelleen');
  await page.goto(`${process.env.E2E_API}/sign-in`);
  await page.locator('button[value="maija"]').click();
  await page.waitForURL((url) => url.hostname === 'manage.localhost');
  await open(page, `/change/nameContact?member=${OWN}&role=ADMINISTRATIVE&back=/members/${OWN}`);
  await expect(page.getByRole('textbox', { name: 'Nimi' })).toHaveValue('Helmi Hallinto');
  await page.getByRole('button', { name: 'Nimeä yhteyshenkilö' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Kirjattu');
});

test('two change the same: both are shown, and each field is chosen (en)', async ({ browser }) => {
  const [first, second] = [
    await signedIn(browser, 'ylva', 'en'),
    await signedIn(browser, 'maija', 'en'),
  ];
  const address = `/change/nameContact?member=${OWN}&role=NOTICE_ADDRESS&back=/members/${OWN}`;
  await open(first, address);
  await open(second, address);
  await first.getByRole('textbox', { name: 'Name' }).fill('Notices One');
  await first.getByRole('textbox', { name: 'E-mail address' }).fill('one@example.org');
  await first.getByRole('button', { name: 'Name a contact' }).click();
  await expect(first.getByRole('heading', { level: 1 })).toContainText('Recorded');
  await second.getByRole('textbox', { name: 'Name' }).fill('Notices Two');
  await second.getByRole('textbox', { name: 'E-mail address' }).fill('two@example.org');
  await second.getByRole('button', { name: 'Name a contact' }).click();
  const conflict = second.getByRole('table', { name: 'Somebody else was first' });
  await expect(conflict).toContainText('one@example.org');
  await expect(conflict).toContainText('two@example.org');
  await second
    .getByRole('combobox', { name: 'Take: Contact details › Name' })
    .selectOption('theirs');
  await second.getByRole('button', { name: 'Go on with these' }).click();
  await expect(second.getByRole('textbox', { name: 'Name' })).toHaveValue('Notices One');
  await second.getByRole('button', { name: 'Name a contact' }).click();
  await expect(second.getByRole('heading', { level: 1 })).toContainText('Recorded');
  await second.getByRole('link', { name: 'Back' }).click();
  await open(second, `/members/${OWN}?tab=contacts`);
  await expect(second.locator('main')).toContainText('two@example.org');
});

test('a seat in the steering group votes (sv)', async ({ browser }) => {
  const page = await signedIn(browser, 'outi', 'sv');
  await open(page, '/agreement');
  await page.locator('tbody tr', { hasText: 'Föreslagen' }).locator('th a').first().click();
  await page.getByRole('link', { name: 'Rösta' }).click();
  const seat = page.getByRole('combobox', { name: 'Plats i styrgruppen' });
  await seat.click();
  await page.getByRole('option').filter({ hasText: 'Kuvitteellinen kunta' }).first().click();
  await page.getByRole('combobox', { name: 'Röst', exact: true }).selectOption('FOR');
  await page.getByRole('button', { name: 'Rösta' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Registrerat');
});

test('an applicant is drafted a contract, signs on paper and joins (fi)', async ({ browser }) => {
  const operator = await signedIn(browser, 'ylva', 'fi');
  await open(operator, '/members?state=APPLIED&sort=name');
  await operator.getByRole('link', { name: 'Hakeva Sovellus Oy' }).click();
  const steps = operator.getByRole('list').filter({ hasText: 'Hakemus' });
  await expect(steps).toContainText('Sopimus laaditaan');
  await operator.getByRole('link', { name: 'Laadi sopimus' }).click();
  const instrument = operator.getByRole('combobox', { name: 'Sopimus tai käyttöehdot' });
  await instrument.fill('contract-2018');
  await operator.getByRole('textbox', { name: 'Miksi?' }).fill('Hakemus on täydellinen');
  await operator.getByRole('button', { name: 'Laadi sopimus' }).click();
  await expect(operator.getByRole('heading', { level: 1 })).toContainText('Kirjattu');
  await operator.getByRole('link', { name: 'Takaisin' }).click();
  await operator.getByRole('link', { name: 'Pyydä allekirjoitukset' }).click();
  await operator.getByRole('combobox', { name: 'Tapa' }).selectOption('PAPER');
  await operator.getByRole('button', { name: 'Pyydä allekirjoitukset' }).click();
  await expect(operator.getByRole('heading', { level: 1 })).toContainText('Kirjattu');
  await operator.getByRole('link', { name: 'Takaisin' }).click();
  await expect(operator.locator('main')).toContainText('Jäsen allekirjoittaa');
});

test('the past is unmistakable, whole and read-only (en)', async ({ browser }) => {
  const page = await signedIn(browser, 'ylva', 'en');
  await open(page, '/members?asOf=100');
  await expect(page.locator('.past-banner')).toContainText('Nothing can be changed');
  await expect(page.getByRole('link', { name: 'Apply for membership' })).toHaveCount(0);
  // The moment goes along.
  await page.locator('tbody th a').first().click();
  await expect(page).toHaveURL(/asOf=100/);
  await expect(page.locator('.past-banner')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Give notice' })).toHaveCount(0);
  await open(page, `/change/giveNotice?member=${OWN}&asOf=100`);
  await expect(page.getByRole('button', { name: 'Give notice' })).toBeDisabled();
  await page.getByRole('button', { name: 'Return to the present' }).click();
  await expect(page.locator('.past-banner')).toHaveCount(0);
});

test('what one does another sees without asking (fi)', async ({ browser }) => {
  const [auditor, operator] = [
    await signedIn(browser, 'aatu', 'fi'),
    await signedIn(browser, 'ylva', 'fi'),
  ];
  await open(auditor, '/timeline');
  await expect(auditor.getByRole('status').filter({ hasText: 'Ajan tasalla' })).toBeVisible();
  await open(operator, `/change/nameOperatorContact?role=TECHNICAL&back=/access`);
  await operator.getByRole('textbox', { name: 'Nimi' }).fill('Teija Tuki');
  await operator.getByRole('textbox', { name: 'Miksi?' }).fill('Uusi tuki aloitti tänään');
  await operator.getByRole('button', { name: 'Nimeä operaattorin yhteyshenkilö' }).click();
  await expect(operator.getByRole('heading', { level: 1 })).toContainText('Kirjattu');
  await expect(auditor.locator('main')).toContainText('Uusi tuki aloitti tänään');
});

test('a lost connection says so and recovers (en)', async ({ browser }) => {
  const page = await signedIn(browser, 'aatu', 'en');
  await page.routeWebSocket(/graphql/, (socket) => {
    const server = socket.connectToServer();
    // The first connection is cut as soon as it speaks; the next ones live.
    if (!cut) {
      cut = true;
      server.onMessage(() => void socket.close());
    }
  });
  let cut = false;
  await open(page, '/ledger');
  await expect(page.getByRole('status').filter({ hasText: 'Up to date' })).toBeVisible({
    timeout: 30_000,
  });
  expect(cut).toBe(true);
});

test('an auditor changes nothing and is offered nothing (en)', async ({ browser }) => {
  const page = await signedIn(browser, 'aatu', 'en');
  await open(page, `/members/${OWN}`);
  await expect(page.locator('main a[href*="/change/"]')).toHaveCount(0);
  await open(page, `/change/giveNotice?member=${OWN}`);
  await expect(page.locator('main')).toContainText('You have no right to do this');
  await expect(page.getByRole('button', { name: 'Give notice' })).toBeDisabled();
});

test('a CSV holds what was filtered (en)', async ({ browser }) => {
  const page = await signedIn(browser, 'ylva', 'en');
  await open(page, '/members?q=Oy');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download CSV' }).click(),
  ]);
  const path = await download.path();
  const { readFileSync } = await import('node:fs');
  const lines = readFileSync(path, 'utf8').trim().split('\r\n');
  expect(lines.length - 1).toBe(await page.locator('tbody tr').count());
  expect(lines.slice(1).every((line) => /Oy/.test(line))).toBe(true);
  expect(dashboard()).toContain('localhost');
});

// The last one: it ends the membership that the others use.
test('notice shows the computed end with why it is that date (en)', async ({ browser }) => {
  const page = await signedIn(browser, 'maija', 'en');
  await open(page, `/members/${OWN}`);
  await page.getByRole('link', { name: 'Give notice', exact: true }).click();
  await page.getByRole('textbox', { name: 'Why?' }).fill('The municipality merges');
  await page.getByRole('button', { name: 'Give notice', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Recorded');
  await page.getByText('Why then?').first().click();
  await expect(page.getByRole('status').filter({ hasText: 'Ends' })).toContainText('Counted from');
  await page.getByRole('link', { name: 'Back' }).click();
  await expect(page.locator('main')).toContainText('Notice was given');
});
