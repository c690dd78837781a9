// Display patterns of dates, `MMM dd, yyyy h:mm a`: compiled once when definitions load (spec field-types §2.9).
import type { DateTime } from 'luxon';
import type { OptionReader, ValueEnv } from '../field-type.ts';
import { type CalendarNames, NAMES } from './names.ts';

/** What is shown: a wall clock, and its offset from UTC in milliseconds where there is one. */
export interface Shown {
  readonly wall: DateTime;
  readonly offset: number | null;
}

export type DatePattern = (shown: Shown, language: ValueEnv['language']) => string;

/** Groups of letters, by what a value must have for them to mean anything. */
export type PatternPart = 'year' | 'month' | 'day' | 'week' | 'time' | 'zone';

export const DATE_PARTS: readonly PatternPart[] = ['year', 'month', 'day', 'week'];

type Token = (shown: Shown, length: number, names: CalendarNames) => string;

const pad = (value: number, length: number): string => String(value).padStart(length, '0');

const at = (names: readonly string[], position: number): string => names[position - 1] ?? '';

const offsetText = (offset: number | null, separator: string): string => {
  if (offset === null) return '';
  const minutes = Math.round(Math.abs(offset) / 60_000);
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60), 2)}${separator}${pad(minutes % 60, 2)}`;
};

/** Letter to the part it needs and to what it prints for a run of that length. */
const TOKENS: Readonly<Record<string, readonly [PatternPart, Token]>> = {
  G: ['year', ({ wall }) => (wall.year > 0 ? 'AD' : 'BC')],
  y: ['year', ({ wall }, length) => (length === 2 ? pad(wall.year % 100, 2) : pad(wall.year, length))],
  w: ['week', ({ wall }, length) => pad(wall.weekNumber, length)],
  D: ['week', ({ wall }, length) => pad(wall.ordinal, length)],
  M: [
    'month',
    ({ wall }, length, names) =>
      length < 3 ? pad(wall.month, length) : at(length === 3 ? names.shortMonths : names.months, wall.month),
  ],
  d: ['day', ({ wall }, length) => pad(wall.day, length)],
  E: ['week', ({ wall }, length, names) => at(length < 4 ? names.shortDays : names.days, wall.weekday)],
  a: ['time', ({ wall }) => (wall.hour < 12 ? 'AM' : 'PM')],
  H: ['time', ({ wall }, length) => pad(wall.hour, length)],
  h: ['time', ({ wall }, length) => pad(wall.hour % 12 || 12, length)],
  m: ['time', ({ wall }, length) => pad(wall.minute, length)],
  s: ['time', ({ wall }, length) => pad(wall.second, length)],
  S: ['time', ({ wall }, length) => pad(wall.millisecond, 3).slice(0, length).padEnd(length, '0')],
  z: ['zone', ({ offset }, length) => offsetText(offset, length < 4 ? '' : ':')],
};

/** A literal in single quotes (two of them: one quote), a run of one letter, or any other character. */
const PIECE = /''|'((?:[^']|'')*)'|([A-Za-z])\2*|./gsu;

/**
 * Compiles a pattern.
 * @param parts what values of the type have; letters for anything else print nothing
 * @returns the formatter, and the letters that will print nothing
 */
export function compileDatePattern(
  pattern: string,
  parts: readonly PatternPart[],
): { readonly format: DatePattern; readonly foreign: readonly string[] } {
  const pieces: DatePattern[] = [];
  const foreign: string[] = [];
  for (const [piece, quoted, letter] of pattern.matchAll(PIECE)) {
    const known = letter && Object.hasOwn(TOKENS, letter) ? TOKENS[letter] : undefined;
    if (!known) {
      const text = piece === "''" ? "'" : (quoted?.replaceAll("''", "'") ?? piece);
      pieces.push(() => text);
    } else if (parts.includes(known[0])) {
      const token = known[1];
      pieces.push((shown, language) => token(shown, piece.length, NAMES[language]));
    } else foreign.push(piece);
  }
  return { format: (shown, language) => pieces.map((print) => print(shown, language)).join(''), foreign };
}

/** Reads the display option `format` of a date type. */
export function readDatePattern(reader: OptionReader, fallback: string, parts: readonly PatternPart[]): DatePattern {
  const written = reader.display.format;
  const isText = typeof written === 'string' && written.trim() !== '';
  if (written !== undefined && written !== null && !isText) {
    reader.warn('uiOptions.format', `must be a date pattern; ${fallback} is used`);
  }
  const { format, foreign } = compileDatePattern(isText ? written : fallback, parts);
  if (foreign.length > 0) {
    reader.warn('uiOptions.format', `[${foreign.join(', ')}] mean nothing for this type and are left out`);
  }
  return format;
}
