// Time zones inside the sandbox: offsets and wall clocks by IANA or Joda names.
import { badRequest } from './exceptions.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
    return format;
  } catch {
    throw badRequest(`Time zone [${zone}] does not exist`);
  }
}

/** Milliseconds that the wall clock of a zone is ahead of UTC at an instant, daylight saving included. */
export function offsetAt(zone: string, instant: number): number {
  if (zone === 'UTC') return 0;
  const second = Math.floor(instant / 1000) * 1000;
  const parts: { [type: string]: string } = {};
  for (const { type, value } of formatOf(zone).formatToParts(second)) parts[type] = value;
  const year = parts.era?.startsWith('B') ? 1 - Number(parts.year) : Number(parts.year);
  const wall = Date.UTC(
    2000,
    Number(parts.month) - 1,
    Number(parts.day),
    Number(parts.hour),
    Number(parts.minute),
    Number(parts.second),
  );
  // Date.UTC reads years below 100 as 19xx, so the year is set by itself.
  return new Date(wall).setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day)) - second;
}

/** The instant at which the wall clock of a zone shows `wall` (a UTC clock reading); in a gap, the one after it. */
export function instantOf(zone: string, wall: number): number {
  const guess = wall - offsetAt(zone, wall);
  return wall - offsetAt(zone, guess);
}
