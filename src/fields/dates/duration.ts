// `duration`: a stretch of time in milliseconds, `1d 16h` in CSV and plain text (spec field-types §4.22).
import { readDecimal } from '../decimal-text.ts';
import { type Decoded, type FieldType, type Json, type OptionReader, Problem } from '../field-type.ts';
import { Bounds } from '../operators.ts';
import { invalid } from '../problems.ts';
import { DATE_SUPPORTS, dateOperators, dateValue, scalarInput } from './date-value.ts';

export interface DurationOptions {
  /** Largest and smallest unit shown. */
  readonly upTo: Unit;
  readonly downTo: Unit;
  /** Unit of a bare number in a CSV cell. */
  readonly bare: Unit;
}

type Unit = 'days' | 'hours' | 'minutes' | 'seconds';

const MESSAGE = 'Not a valid duration';
const UNITS: readonly Unit[] = ['days', 'hours', 'minutes', 'seconds'];
const LENGTH: Readonly<Record<Unit | 'months', number>> = {
  months: 30 * 86_400_000,
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
};

const PART = /(\d+(?:\.\d+)?)\s*([a-z]+)\s*/giy;
/** Units as written; a capital M is a month, hours come in both cases. */
const WRITTEN: readonly (readonly [RegExp, Unit | 'months'])[] = [
  [/^(?:M|months?)$/, 'months'],
  [/^(?:d|days?)$/, 'days'],
  [/^(?:h|H|hours?)$/, 'hours'],
  [/^(?:m|min|mins|minutes?)$/, 'minutes'],
  [/^(?:s|sec|secs|seconds?)$/, 'seconds'],
];

/** Reads `1d 16h`: units in any order, each at most once, an optional minus in front; null when the text is anything else. */
function readParts(text: string): number | null {
  const trimmed = text.trim();
  const isNegative = trimmed.startsWith('-');
  const parts = isNegative ? trimmed.slice(1).trimStart() : trimmed;
  const seen = new Set<string>();
  let total = 0;
  let end = 0;
  for (const [part, amount, name = ''] of parts.matchAll(PART)) {
    const unit = WRITTEN.find(([spelling]) => spelling.test(name))?.[1];
    if (!unit || seen.has(unit)) return null;
    seen.add(unit);
    total += Number(
      readDecimal(amount ?? '')
        ?.times(LENGTH[unit])
        .round(),
    );
    end += part.length;
  }
  if (seen.size === 0 || end !== parts.length) return null;
  return isNegative ? -total : total;
}

/** @param bare length of the unit of a number without unit, in milliseconds */
function decode(input: Json, bare: number): Decoded<number> {
  const sent = scalarInput(input, MESSAGE);
  if (sent === null || sent instanceof Problem) return sent;
  const number = readDecimal(String(sent))?.times(bare).toNumber();
  const value = number ?? readParts(String(sent));
  return Number.isSafeInteger(value) ? Number(value) + 0 : invalid(MESSAGE, input);
}

/** The largest units first, from `upTo` to `downTo`, without zero parts; what is smaller is cut off. */
function write(value: number, upTo: Unit, downTo: Unit): string {
  const units = UNITS.slice(UNITS.indexOf(upTo), UNITS.indexOf(downTo) + 1);
  const parts: string[] = [];
  let rest = Math.abs(value);
  for (const unit of units) {
    const amount = Math.floor(rest / LENGTH[unit]);
    if (amount > 0) parts.push(`${amount}${unit.charAt(0)}`);
    rest -= amount * LENGTH[unit];
  }
  if (parts.length === 0) return `0${downTo.charAt(0)}`;
  return (value < 0 ? '-' : '') + parts.join(' ');
}

function readUnit(reader: OptionReader, key: string, fallback: Unit): Unit {
  const written = reader.display[key] ?? fallback;
  const unit = UNITS.find((name) => name === String(written).toLowerCase());
  if (!unit) reader.warn(`uiOptions.${key}`, `must be one of ${UNITS.join(', ')}; ${fallback} is used`);
  return unit ?? fallback;
}

function options(reader: OptionReader): DurationOptions {
  const bare = readUnit(reader, 'defaultUnit', 'hours');
  const upTo = readUnit(reader, 'formatUpTo', 'days');
  const downTo = readUnit(reader, 'formatDownTo', 'seconds');
  if (UNITS.indexOf(upTo) <= UNITS.indexOf(downTo)) return { upTo, downTo, bare };
  reader.warn('uiOptions.formatUpTo', 'is smaller than formatDownTo; both are ignored');
  return { upTo: 'days', downTo: 'seconds', bare };
}

export const duration: FieldType<DurationOptions, number> = {
  ...dateValue,
  name: 'duration',
  supports: { ...DATE_SUPPORTS, aggregatable: true },
  options,
  decode: (input) => decode(input, 1),
  fromCsv: (cell, { options }) => decode(cell, LENGTH[options.bare]),
  encode: (value) => Number(value),
  plainText: (value, { options }) => write(value, options.upTo, options.downTo),
  toCsv: (value) => write(value, 'days', 'seconds'),
  equal: (a, b) => a === b,
  operators: dateOperators(({ value }) => {
    const parsed = decode(value, 1);
    return parsed instanceof Problem ? (between(value) ?? parsed) : parsed;
  }),
  schema: () => ({ type: 'integer', format: 'int64', description: 'Milliseconds', examples: [10_800_000] }),
};

/** A number between two milliseconds equals none and still compares. */
function between(value: Json): Bounds | null {
  const exact = typeof value === 'boolean' || typeof value === 'object' ? null : readDecimal(String(value));
  if (!exact || exact.isInteger() || !Number.isSafeInteger(exact.ceil().toNumber())) return null;
  return new Bounds(exact.ceil().toNumber(), exact.floor().toNumber());
}
