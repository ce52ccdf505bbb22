// Debian's Chromium, driven by playwright-core. No browser is downloaded.

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const executable = process.env.TRUSTNET_CHROMIUM || '/usr/bin/chromium';

/**
 * Starts the browser. Each `newContext()` of it is a user with cookies of its own.
 *
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function startBrowser() {
  if (!existsSync(executable)) {
    throw new Error(
      `no browser at ${executable}: install Debian's package chromium, or name one in TRUSTNET_CHROMIUM`,
    );
  }
  const asRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: executable,
    args: [
      // Chromium's sandbox refuses to run as root, which is what a container's user is.
      ...(asRoot ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}
