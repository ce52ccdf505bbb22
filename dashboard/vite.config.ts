import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** The management server that development and preview ask; the demo's by default. */
const api = process.env.TRUSTNET_API ?? 'http://manage.localhost:8080';

/** The server believes its own pages alone: what comes through here says that it is one. */
const proxied = {
  target: api.replace('manage.localhost', '127.0.0.1'),
  headers: { host: new URL(api).host, origin: new URL(api).origin },
  ws: true,
};
const proxy = Object.fromEntries(
  ['/graphql', '/sign-in', '/sign-out', '/documents', '/health'].map((path) => [path, proxied]),
);

/** As api/src/http/dashboard.rs sends it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
  "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export default defineConfig({
  plugins: [react()],
  server: { proxy, allowedHosts: ['manage.localhost'] },
  preview: {
    proxy,
    allowedHosts: ['manage.localhost'],
    headers: { 'Content-Security-Policy': policy },
  },
  build: {
    target: 'es2023',
    // No asset is put into another as a data address: the policy stays simple.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
  },
  test: {
    environment: 'node',
    pool: 'threads',
    testTimeout: 30_000,
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing.ts'],
  },
});
