export interface Count {
  day: string;
  count: number;
  outcome: string;
  homeIntegration: string | null;
  service: string | null;
}

/** Each civil day from the first to the last; none where they are in the wrong order. */
export function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  const end = new Date(`${last}T00:00:00Z`).getTime();
  for (
    let at = new Date(`${first}T00:00:00Z`).getTime();
    at <= end && days.length < 400;
    at += 86_400_000
  ) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}

/** How many of each outcome on each day, by `day outcome`. */
export function byDay(counts: readonly Count[], days: readonly string[]): Map<string, number> {
  const wanted = new Set(days);
  const sums = new Map<string, number>();
  for (const count of counts) {
    if (!wanted.has(count.day)) continue;
    const key = `${count.day} ${count.outcome}`;
    sums.set(key, (sums.get(key) ?? 0) + count.count);
  }
  return sums;
}

/** The successful logins from each source to each service, the most first. */
export function flows(
  counts: readonly Count[],
): { source: string; service: string; count: number }[] {
  const sums = new Map<string, { source: string; service: string; count: number }>();
  for (const { homeIntegration: source, service, outcome, count } of counts) {
    if (!source || !service || outcome !== 'SUCCEEDED') continue;
    const key = `${source} ${service}`;
    const flow = sums.get(key) ?? { source, service, count: 0 };
    sums.set(key, { ...flow, count: flow.count + count });
  }
  return [...sums.values()].sort((a, b) => b.count - a.count);
}

/** The successful logins by what a count is about, the most first. */
export function totals(
  counts: readonly Count[],
  of: (count: Count) => string | null,
): [string, number][] {
  const sums = new Map<string, number>();
  for (const count of counts) {
    const key = of(count);
    if (!key || count.outcome !== 'SUCCEEDED') continue;
    sums.set(key, (sums.get(key) ?? 0) + count.count);
  }
  return [...sums].sort((a, b) => b[1] - a[1]);
}
