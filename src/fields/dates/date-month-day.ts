// `dateMonthDay`: a day of any year (spec field-types §4.24).
import { DateTime } from 'luxon';
import { type Decoded, type FieldType, type Json, Problem } from '../field-type.ts';
import { invalid } from '../problems.ts';
import { type DateOptions, dateOperators, dateText, scalarInput } from './date-value.ts';
import { readDatePattern } from './patterns.ts';

const MESSAGE = 'Not a valid day';
const MONTH_DAY = /^\s*(\d\d)-(\d\d)\s*$/;
/** Has a 29th of February, which is a valid day. */
const LEAP_YEAR = 2000;

function readDay(text: string): DateTime | null {
  const [, month, day] = MONTH_DAY.exec(text) ?? [];
  const wall = DateTime.utc(LEAP_YEAR, Number(month), Number(day));
  return wall.isValid ? wall : null;
}

function decode(input: Json): Decoded<string> {
  const sent = scalarInput(input, MESSAGE);
  if (sent === null || sent instanceof Problem) return sent;
  return readDay(String(sent)) ? String(sent).trim() : invalid(MESSAGE, input);
}

export const dateMonthDay: FieldType<DateOptions, string> = {
  ...dateText,
  name: 'dateMonthDay',
  options: (reader) => ({ pattern: readDatePattern(reader, 'MM-dd', ['month', 'day']) }),
  decode,
  fromCsv: decode,
  plainText: (value, { options }, env) => {
    const wall = readDay(value);
    return wall ? options.pattern({ wall, offset: null }, env.language) : value;
  },
  operators: dateOperators((operand) => decode(operand.value)),
  schema: () => ({ type: 'string', pattern: '^[0-9]{2}-[0-9]{2}$', examples: ['04-16'] }),
};
