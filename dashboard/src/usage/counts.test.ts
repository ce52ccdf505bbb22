import { expect, it } from 'vitest';
import { byDay, daysBetween, flows, totals } from './counts';

const counts = [
  { day: '2026-01-31', count: 2, outcome: 'SUCCEEDED', homeIntegration: 'h1', service: 's1' },
  { day: '2026-01-31', count: 1, outcome: 'REFUSED', homeIntegration: 'h1', service: 's1' },
  { day: '2026-02-01', count: 5, outcome: 'SUCCEEDED', homeIntegration: 'h2', service: 's1' },
  { day: '2026-02-01', count: 1, outcome: 'SUCCEEDED', homeIntegration: null, service: 's2' },
];

it('counts over the end of a month', () => {
  const days = daysBetween('2026-01-30', '2026-02-01');
  expect(days).toEqual(['2026-01-30', '2026-01-31', '2026-02-01']);
  expect(byDay(counts, days)).toEqual(
    new Map([
      ['2026-01-31 SUCCEEDED', 2],
      ['2026-01-31 REFUSED', 1],
      ['2026-02-01 SUCCEEDED', 6],
    ]),
  );
  expect(daysBetween('2026-02-01', '2026-01-01')).toEqual([]);
});

it('says who logs in where', () => {
  expect(flows(counts)).toEqual([
    { source: 'h2', service: 's1', count: 5 },
    { source: 'h1', service: 's1', count: 2 },
  ]);
});

it('counts successes alone, the most first', () => {
  expect(totals(counts, (count) => count.service)).toEqual([
    ['s1', 7],
    ['s2', 1],
  ]);
  expect(totals(counts, (count) => count.homeIntegration)).toEqual([
    ['h2', 5],
    ['h1', 2],
  ]);
});
