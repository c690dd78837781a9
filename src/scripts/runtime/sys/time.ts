// sys.utils.time (spec scripting-api §1.17).
import { printDate, readDate } from '../date-pattern.ts';
import { badRequest } from '../exceptions.ts';
import { isObject } from '../native.ts';
import { instantOf, offsetAt } from '../zones.ts';

/** Builds the functions over the zone that is meant when a script names none. */
export function timeFunctions(currentZone: () => string) {
  const zoneOf = (zone: unknown): string => {
    if (zone === null || zone === undefined) return currentZone();
    return String(isObject(zone) ? zone.id : zone);
  };
  return {
    format(date: unknown, pattern: unknown, zone?: unknown): string {
      const instant = instantFrom(date);
      const offset = offsetAt(zoneOf(zone), instant);
      return printDate(instant + offset, String(pattern), offset);
    },
    parse(text: unknown, pattern: unknown, zone?: unknown): Date {
      const found = readDate(String(text), String(pattern));
      if (!found) throw badRequest(`Date [${String(text)}] does not fit [${String(pattern)}]`);
      const { wall, offset } = found;
      return new Date(offset === null ? instantOf(zoneOf(zone), wall) : wall - offset * 60_000);
    },
    getTimeZoneOffset: (zone: unknown, instant?: unknown): number =>
      offsetAt(zoneOf(zone), instant === undefined ? Date.now() : instantFrom(instant)),
    setTimeZone(date: unknown, zone: unknown): Date {
      const instant = instantFrom(date);
      return new Date(instant + offsetAt(zoneOf(zone), instant));
    },
  };
}

function instantFrom(date: unknown): number {
  const time = date instanceof Date ? date.getTime() : date;
  if (typeof time !== 'number' || !Number.isFinite(time)) throw badRequest('Not a date');
  return time;
}
