import { expect, it } from 'vitest';
import { toInstant, toLocal } from './zone';

const zone = 'Europe/Helsinki';

it('a time of the zone is an instant, in winter and in summer', () => {
  expect(toInstant('2026-01-31T12:00', zone)).toBe('2026-01-31T10:00:00.000Z');
  expect(toInstant('2026-07-31T12:00', zone)).toBe('2026-07-31T09:00:00.000Z');
});

it('the hours beside a change of clocks are right', () => {
  // On 29 March 2026 clocks go from 03:00 to 04:00.
  expect(toInstant('2026-03-29T02:59', zone)).toBe('2026-03-29T00:59:00.000Z');
  expect(toInstant('2026-03-29T04:00', zone)).toBe('2026-03-29T01:00:00.000Z');
});

it('goes there and back', () => {
  for (const local of ['2026-01-31T12:00', '2026-07-31T23:59', '2026-10-25T05:00']) {
    expect(toLocal(toInstant(local, zone) ?? '', zone)).toBe(local);
  }
  expect(toInstant('soon', zone)).toBeNull();
});
