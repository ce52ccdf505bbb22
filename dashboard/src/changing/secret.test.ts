import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { hashSecret, makeSecret } from './secret';

it('a secret is long and never the same', () => {
  const made = new Set(Array.from({ length: 50 }, makeSecret));
  expect(made.size).toBe(50);
  for (const secret of made) expect(secret).toMatch(/^[0-9a-f]{64}$/);
});

it('its hash is the one that the API knows: sha256 over salt and secret', async () => {
  const salt = new Uint8Array(16).fill(7);
  const expected = createHash('sha256').update(salt).update('secret').digest('hex');
  expect(await hashSecret('secret', salt)).toBe(`sha256:${'07'.repeat(16)}:${expected}`);
});
