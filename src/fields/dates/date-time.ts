// `dateTime`: an instant, to the millisecond (spec field-types §4.19).
import { type Decoded, type FieldType, type Json, type Operand, type OperandEnv, Problem } from '../field-type.ts';
import { Bounds, operandText } from '../operators.ts';
import { invalid } from '../problems.ts';
import { endOf, readEpoch, readMoment, type Written } from './calendar.ts';
import { type DateOptions, dateOperators, dateValue, scalarInput } from './date-value.ts';
import { keywordInTime, readKeyword } from './keywords.ts';
import { DATE_PARTS, readDatePattern } from './patterns.ts';
import { instantOf, offsetAt, wallClock } from './zones.ts';

const MESSAGE = 'Not a valid date-time';
const FORMAT = 'yyyy-MM-dd HH:mm';
const FIXED_LENGTH = { minute: 60_000, second: 1000, millisecond: 1 } as const;

/** Reads epoch milliseconds or a written date and time; without an offset in the text, the zone's wall clock. */
export function decodeInstant(input: Json, zone: string): Decoded<Date> {
  const sent = scalarInput(input, MESSAGE);
  if (sent === null || sent instanceof Problem) return sent;
  const epoch = typeof sent === 'number' ? sent : (readEpoch(sent) ?? readInstant(sent, zone));
  const value = new Date(epoch);
  return Number.isInteger(epoch) && !Number.isNaN(value.getTime()) ? value : invalid(MESSAGE, input);
}

function readInstant(text: string, zone: string): number {
  const written = readMoment(text);
  return written && written.precision !== 'month' ? startOf(written, zone) : Number.NaN;
}

function startOf({ wall, offset }: Written, zone: string): number {
  return offset === null ? instantOf(wall, zone) : wall.toMillis() - offset;
}

/** Last millisecond that a text names: minutes and seconds are stretches of real time, days and months follow the calendar. */
function lastOf(written: Written, zone: string): number {
  const { precision, offset } = written;
  if (precision !== 'day' && precision !== 'month') return startOf(written, zone) + FIXED_LENGTH[precision] - 1;
  const after = endOf(written).plus({ millisecond: 1 });
  return startOf({ wall: after, precision, offset }, zone) - 1;
}

function parseOperand(operand: Operand, _field: unknown, env: OperandEnv): unknown {
  const text = typeof operand.value === 'string' ? operandText(operand) : null;
  if (typeof text !== 'string') return decodeInstant(operand.value, env.zone);
  const keyword = operand.quoted ? null : readKeyword(text);
  if (keyword) return bounds(...keywordInTime(keyword, env.now, env.zone));
  const written = readMoment(text);
  return written ? bounds(startOf(written, env.zone), lastOf(written, env.zone)) : decodeInstant(text, env.zone);
}

function bounds(from: number, to: number): unknown {
  const [first, last] = [new Date(from), new Date(to)];
  if (Number.isNaN(first.getTime()) || Number.isNaN(last.getTime())) return new Problem('badRequest', MESSAGE);
  return from === to ? first : new Bounds(first, last);
}

/** E N 0 C on instants. */
export const instantOperators = dateOperators<DateOptions>(parseOperand);

/** What dateTime and the record dates share. */
export const instantValue = {
  ...dateValue,
  options: (reader: Parameters<typeof readDatePattern>[0]): DateOptions => ({
    pattern: readDatePattern(reader, FORMAT, [...DATE_PARTS, 'time', 'zone']),
  }),
  encode: (value: Date): Json => value.getTime(),
  toCsv: (value: Date): string => value.toISOString(),
  equal: (a: Date, b: Date): boolean => a.getTime() === b.getTime(),
  operators: instantOperators,
} as const;

const plainText: FieldType<DateOptions, Date>['plainText'] = (value, { options }, { zone, language }) => {
  const instant = value.getTime();
  const wall = wallClock(instant, zone);
  return wall.isValid ? options.pattern({ wall, offset: offsetAt(instant, zone) }, language) : value.toISOString();
};

export const dateTime: FieldType<DateOptions, Date> = {
  ...instantValue,
  name: 'dateTime',
  decode: (input, _field, env) => decodeInstant(input, env.zone),
  fromCsv: (cell, _field, env) => decodeInstant(cell, env.zone),
  plainText,
  schema: () => ({
    type: 'integer',
    format: 'int64',
    description: 'Epoch milliseconds',
    examples: [1_484_578_380_000],
  }),
};
