// Time zones: from an instant to the wall clock of a zone and back, with fixed answers for gaps and overlaps.
import { DateTime, IANAZone } from 'luxon';
import { systemError } from '../../errors.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Is this a zone that can be an acting zone (IANA, with the old names that Joda knows: `US/Central`)? */
export function isZone(name: string): boolean {
  return IANAZone.create(name).isValid;
}

/**
 * The wall clock of a zone at an instant, as a luxon value whose own zone is UTC: a calendar date and time without any zone.
 * Not valid when the instant is outside of what dates can hold.
 * @param instant epoch milliseconds
 */
export function wallClock(instant: number, zone: string): DateTime {
  return DateTime.fromMillis(instant + offsetAt(instant, zone), { zone: 'utc' });
}

/**
 * The instant at which a zone's wall clock shows this time. A time that clocks show twice (summer time ends) is the first of
 * both; one that they skip (summer time starts) is as much later as they skip: what Java's zoned times do.
 * @returns epoch milliseconds; NaN for a wall clock that is not valid
 */
export function instantOf(wall: DateTime, zone: string): number {
  const local = wall.toMillis();
  // no zone changes twice within two days, so these are the offsets before and after a change nearby
  const before = offsetAt(local - DAY, zone);
  const after = offsetAt(local + DAY, zone);
  if (before === after) return local - before;
  const isShown = (offset: number): boolean => offsetAt(local - offset, zone) === offset;
  const candidates = [before, after].filter(isShown).map((offset) => local - offset);
  return candidates.length > 0 ? Math.min(...candidates) : local - before;
}

/** Offset of a zone from UTC in milliseconds, east positive. */
export function offsetAt(instant: number, zone: string): number {
  const known = IANAZone.create(zone);
  if (!known.isValid) throw systemError(`Unknown time zone [${zone}]`);
  return Math.round(known.offset(instant) * MINUTE);
}
