// Dates as text and back by Java's pattern letters (spec scripting-api §1.8).
import { badRequest } from './exceptions.ts';

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const DAY_MS = 86_400_000;

type Token = { readonly letter: string; readonly count: number } | { readonly letter: null; readonly literal: string };

const patterns = new Map<string, readonly Token[]>();

function tokensOf(pattern: string): readonly Token[] {
  const known = patterns.get(pattern);
  if (known) return known;
  const tokens: Token[] = [];
  for (const [text, quoted, letter] of pattern.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'/g)) {
    if (letter === undefined) tokens.push({ letter: null, literal: quotedText(text, quoted) });
    else if (letter in LETTERS) tokens.push({ letter, count: text.length });
    else throw badRequest(`Pattern [${pattern}] holds an unknown letter [${letter}]`);
  }
  if (patterns.size > 200) patterns.clear();
  patterns.set(pattern, tokens);
  return tokens;
}

function quotedText(text: string, quoted: string | undefined): string {
  if (quoted === undefined) return text;
  return quoted === '' ? "'" : quoted.replaceAll("''", "'");
}

/** A moment as patterns print it: a clock reading, held as a UTC date, and the offset of its zone in ms. */
interface Reading {
  readonly clock: Date;
  readonly offset: number;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

interface Letter {
  readonly print: (reading: Reading, count: number) => string;
  /** What the letter matches when a text is read, and what it sets; absent: it can only be printed. */
  readonly match?: (count: number) => string;
  readonly set?: (text: string, into: Parsed) => void;
}

/** Numbers are as wide as written, and at least `count`. */
function numeric(value: (clock: Date) => number, part?: keyof Parsed, from = 0): Letter {
  return {
    print: ({ clock }, count) => pad(value(clock), count),
    ...(part && {
      match: (count: number) => (count > 1 ? `\\d{${count}}` : '\\d{1,2}'),
      set: (text: string, into: Parsed) => {
        into[part] = Number(text) - from;
      },
    }),
  };
}

interface Parsed {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
  afternoon: number;
  /** Minutes ahead of UTC when the text names them. */
  offset: number;
}

const LETTERS: Readonly<Record<string, Letter>> = {
  G: { print: ({ clock }) => (clock.getUTCFullYear() > 0 ? 'AD' : 'BC'), match: () => 'AD|BC' },
  y: {
    print: ({ clock }, count) =>
      count === 2 ? pad(clock.getUTCFullYear() % 100, 2) : pad(clock.getUTCFullYear(), count),
    match: (count) => (count === 2 ? '\\d{2}' : '\\d{4}'),
    set(text, into) {
      into.year = text.length === 2 ? 2000 + Number(text) : Number(text);
    },
  },
  M: {
    print: ({ clock }, count) =>
      count > 2 ? nameOf(MONTHS, clock.getUTCMonth(), count === 3) : pad(clock.getUTCMonth() + 1, count),
    match: (count) => (count > 2 ? '[A-Za-z]+' : count === 2 ? '\\d{2}' : '\\d{1,2}'),
    set(text, into) {
      into.month = /\d/.test(text) ? Number(text) - 1 : indexIn(MONTHS, text);
    },
  },
  w: numeric(weekOfYear),
  D: numeric((clock) => Math.floor((clock.getTime() - Date.UTC(clock.getUTCFullYear(), 0, 1)) / DAY_MS) + 1),
  d: numeric((clock) => clock.getUTCDate(), 'day'),
  E: { print: ({ clock }, count) => nameOf(DAYS, clock.getUTCDay(), count < 4), match: () => '[A-Za-z]+' },
  a: {
    print: ({ clock }) => (clock.getUTCHours() < 12 ? 'AM' : 'PM'),
    match: () => '[AaPp][Mm]',
    set(text, into) {
      into.afternoon = /^p/i.test(text) ? 1 : 0;
    },
  },
  H: numeric((clock) => clock.getUTCHours(), 'hour'),
  h: numeric((clock) => clock.getUTCHours() % 12 || 12, 'hour'),
  m: numeric((clock) => clock.getUTCMinutes(), 'minute'),
  s: numeric((clock) => clock.getUTCSeconds(), 'second'),
  S: {
    ...numeric((clock) => clock.getUTCMilliseconds(), 'ms'),
    match: () => '\\d{1,3}',
  },
  z: zoneLetter(),
  Z: zoneLetter(),
};

function zoneLetter(): Letter {
  return {
    print({ offset }, count) {
      const minutes = Math.abs(Math.round(offset / 60_000));
      const sign = offset < 0 ? '-' : '+';
      return `${sign}${pad(Math.floor(minutes / 60), 2)}${count > 3 ? ':' : ''}${pad(minutes % 60, 2)}`;
    },
    match: () => '[+-]\\d{2}:?\\d{2}|Z',
    set(text, into) {
      const [, sign, hours, minutes] = /([+-])(\d{2}):?(\d{2})/.exec(text) ?? [];
      into.offset = (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
    },
  };
}

/** Prints a moment: `wall` is the reading of the clock as a UTC instant, `offset` that of its zone in ms. */
export function printDate(wall: number, pattern: string, offset = 0): string {
  const reading = { clock: new Date(wall), offset };
  return tokensOf(pattern)
    .map((token) => (token.letter === null ? token.literal : LETTERS[token.letter]?.print(reading, token.count)))
    .join('');
}

/** Reads a text: the clock reading as a UTC instant, and the offset in minutes if the text names one; null if it does not fit. */
export function readDate(text: string, pattern: string): { wall: number; offset: number | null } | null {
  const tokens = tokensOf(pattern);
  const source = tokens.map((token) => (token.letter === null ? escaped(token.literal) : group(token))).join('');
  const match = new RegExp(`^${source}$`, 'i').exec(text.trim());
  if (!match) return null;
  const into: Parsed = {
    year: 1970,
    month: 0,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    ms: 0,
    afternoon: Number.NaN,
    offset: Number.NaN,
  };
  let position = 1;
  for (const token of tokens) {
    if (token.letter === null) continue;
    LETTERS[token.letter]?.set?.(match[position] ?? '', into);
    position += 1;
  }
  const wall = wallOf(into);
  return wall === null ? null : { wall, offset: Number.isNaN(into.offset) ? null : into.offset };
}

function group({ letter, count }: { letter: string; count: number }): string {
  const rule = LETTERS[letter]?.match;
  if (!rule) throw badRequest(`Letter [${letter}] can't be read from a text`);
  return `(${rule(count)})`;
}

function wallOf({ year, month, day, hour, minute, second, ms, afternoon }: Parsed): number | null {
  const hours = Number.isNaN(afternoon) ? hour : (hour % 12) + afternoon * 12;
  const date = new Date(Date.UTC(2000, month, day, hours, minute, second, ms));
  date.setUTCFullYear(year, month, day);
  const exact = date.getUTCMonth() === month && date.getUTCDate() === day && date.getUTCHours() === hours;
  return exact && minute < 60 && second < 60 ? date.getTime() : null;
}

function escaped(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function nameOf(names: readonly string[], index: number, short: boolean): string {
  const name = names[index] ?? '';
  return short ? name.slice(0, 3) : name;
}

function indexIn(names: readonly string[], text: string): number {
  return names.findIndex((name) => name.slice(0, 3).toLowerCase() === text.slice(0, 3).toLowerCase());
}

/** ISO weeks: Monday first, the week with the year's first Thursday is 1. */
function weekOfYear(clock: Date): number {
  const thursday = new Date(clock);
  thursday.setUTCDate(clock.getUTCDate() + 3 - ((clock.getUTCDay() + 6) % 7));
  return Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * DAY_MS)) + 1;
}
