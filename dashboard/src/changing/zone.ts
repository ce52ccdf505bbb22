/** How far the zone is ahead of UTC at an instant, in milliseconds. */
function ahead(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(new Date(at));
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return local - Math.floor(at / 1000) * 1000;
}

/** The instant of a day and time of the zone, `2026-03-29T12:00`; none where it cannot be read. */
export function toInstant(local: string, zone: string): string | null {
  const asUtc = Date.parse(`${local}Z`);
  if (Number.isNaN(asUtc)) return null;
  // The second step corrects a guess that lay on the other side of a change of clocks.
  const guess = asUtc - ahead(asUtc, zone);
  return new Date(asUtc - ahead(guess, zone)).toISOString();
}

/** An instant as a day and time of the zone, for a field that takes one. */
export function toLocal(instant: string, zone: string): string {
  const at = Date.parse(instant);
  if (Number.isNaN(at)) return '';
  return new Date(at + ahead(at, zone)).toISOString().slice(0, 16);
}
