// Date keywords of filters: `today`, `last week`, `next 3 months` (spec field-types §2.7).
import type { DateTime } from 'luxon';
import { instantOf, wallClock } from './zones.ts';

type Unit = 'hour' | 'day' | 'week' | 'month' | 'year';

/** `unit`: the current calendar unit moved by `shift`. `rolling`: the stretch between now and `shift` units away. */
export type Keyword =
  | { readonly kind: 'now' }
  | { readonly kind: 'unit' | 'rolling'; readonly unit: Unit; readonly shift: number };

const DAYS: Readonly<Record<string, number>> = { yesterday: -1, today: 0, tomorrow: 1 };
const UNITS = /^(?<side>this|last|next)\s+(?:(?<amount>\d{1,6})\s+)?(?<unit>hour|day|week|month|year)s?$/;
const SIDES: Readonly<Record<string, number>> = { last: -1, this: 0, next: 1 };
const HOUR = 3_600_000;

/** Reads a keyword in any case; null when the text is none. */
export function readKeyword(text: string): Keyword | null {
  const word = text.trim().toLowerCase();
  if (word === 'now') return { kind: 'now' };
  const day = Object.hasOwn(DAYS, word) ? DAYS[word] : undefined;
  if (day !== undefined) return { kind: 'unit', unit: 'day', shift: day };
  const { side = '', amount, unit } = UNITS.exec(word)?.groups ?? {};
  const direction = SIDES[side];
  if (direction === undefined) return null;
  if (amount === undefined) return { kind: 'unit', unit: unit as Unit, shift: direction };
  if (Number(amount) === 0 || direction === 0) return null;
  return { kind: 'rolling', unit: unit as Unit, shift: direction * Number(amount) };
}

/** Both ends, inclusive, on the wall clock; weeks start on Monday. */
export function keywordOnWall(keyword: Keyword, now: DateTime): readonly [from: DateTime, to: DateTime] {
  if (keyword.kind === 'now') return [now, now];
  const { kind, unit, shift } = keyword;
  const moved = now.plus({ [unit]: shift });
  if (kind === 'unit') return [moved.startOf(unit), moved.endOf(unit)];
  return shift < 0 ? [moved, now] : [now, moved];
}

/**
 * Both ends, inclusive, as epoch milliseconds. Hours are stretches of real time; longer units follow the calendar, so that a day
 * on which summer time starts has 23 of them.
 */
export function keywordInTime(keyword: Keyword, now: number, zone: string): readonly [from: number, to: number] {
  if (keyword.kind === 'now') return [now, now];
  const wall = wallClock(now, zone);
  if (keyword.unit === 'hour') return hoursInTime(keyword.kind, keyword.shift, now, wall);
  const [from, to] = keywordOnWall(keyword, wall);
  if (keyword.kind === 'unit') return [instantOf(from, zone), instantOf(to.plus({ millisecond: 1 }), zone) - 1];
  return keyword.shift < 0 ? [instantOf(from, zone), now] : [now, instantOf(to, zone)];
}

function hoursInTime(kind: 'unit' | 'rolling', shift: number, now: number, wall: DateTime): readonly [number, number] {
  if (kind === 'rolling') return shift < 0 ? [now + shift * HOUR, now] : [now, now + shift * HOUR];
  const from = now - wall.diff(wall.startOf('hour')).toMillis() + shift * HOUR;
  return [from, from + HOUR - 1];
}
