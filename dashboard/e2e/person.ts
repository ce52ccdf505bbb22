import { expect, type Browser, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import type { AxeResults } from 'axe-core';

const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

export const dashboard = () => process.env.E2E_DASHBOARD ?? '';
export const api = () => process.env.E2E_API ?? '';

export type Language = 'fi' | 'sv' | 'en';

/** What the browser complained of while somebody worked. */
export interface Complaints {
  all: string[];
}

/** Somebody at a browser of their own, signed in. */
export async function signedIn(
  browser: Browser,
  person: string,
  language: Language,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Page & { complaints: Complaints }> {
  const context = await browser.newContext({
    colorScheme,
    reducedMotion: 'reduce',
    viewport: { width: 1280, height: 900 },
  });
  await context.addInitScript(
    (chosen) => window.localStorage.setItem('trustnet.language', chosen),
    language,
  );
  const page = await context.newPage();
  await page.goto(`${api()}/sign-in`);
  await page.locator(`button[value="${person}"]`).click();
  await page.waitForURL((url) => url.hostname === 'manage.localhost');
  const complaints: Complaints = { all: [] };
  // From here on: what came before was not ours.
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.all.push(message.text());
  });
  page.on('pageerror', (error) => complaints.all.push(error.message));
  return Object.assign(page, { complaints });
}

/** Goes to an address and waits for its heading. */
export async function open(page: Page, path: string) {
  await page.goto(dashboard() + path);
  await expect(page.locator('main h1')).toBeVisible();
  await expect(page.getByText(/^(Haetaan…|Hämtar…|Loading…)$/)).toHaveCount(0);
}

/** Whatever axe finds that breaks WCAG 2.1, A or AA. */
export async function violations(page: Page): Promise<string[]> {
  // By evaluation and not by a script element: the page's own policy stays in force.
  await page.evaluate(axe);
  const results = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run: (root: Document, options: object) => Promise<AxeResults> };
    };
    return axe.run(document, {
      runOnly: {
        type: 'tag',
        values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
      },
    });
  });
  return results.violations.map(
    (each) =>
      `${each.id}: ${each.nodes
        .map((node) => node.target.join(' '))
        .slice(0, 3)
        .join(' | ')}`,
  );
}
