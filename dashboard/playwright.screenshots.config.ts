import { defineConfig } from '@playwright/test';
import base from './playwright.config';

/** The pictures of the main pages: `npm run screenshots` writes them to docs/dashboard/. */
export default defineConfig({ ...base, testMatch: 'screenshots.ts' });
