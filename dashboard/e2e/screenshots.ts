import { mkdirSync } from 'node:fs';
import { test } from '@playwright/test';
import { open, signedIn } from './person';

const folder = '../docs/dashboard';
const SHOTS = [
  { name: 'start', person: 'ylva', path: '/' },
  { name: 'members', person: 'ylva', path: '/members' },
  { name: 'member', person: 'ylva', path: '/members/1.2.246.562.99.00000000104' },
  {
    name: 'change',
    person: 'maija',
    path: '/change/nameContact?member=1.2.246.562.99.00000000101&role=TECHNICAL',
  },
  { name: 'amendment', person: 'ylva', path: '/agreement' },
  { name: 'timeline', person: 'aatu', path: '/timeline' },
] as const;

for (const [look, theme, width] of [
  ['light', 'light', 1280],
  ['dark', 'dark', 1280],
  ['phone', 'light', 360],
] as const) {
  test(`pictures: ${look}`, async ({ browser }) => {
    test.setTimeout(180_000);
    mkdirSync(folder, { recursive: true });
    for (const shot of SHOTS) {
      const page = await signedIn(browser, shot.person, look === 'dark' ? 'en' : 'fi', theme);
      await page.setViewportSize({ width, height: look === 'phone' ? 740 : 900 });
      await open(page, shot.path);
      await page.screenshot({ path: `${folder}/${shot.name}-${look}.png` });
      await page.context().close();
    }
  });
}
