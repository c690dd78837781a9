// `time`: a time of the day on a 24-hour clock (spec field-types §4.21).
import { DateTime } from 'luxon';
import { type Decoded, type FieldType, type Json, Problem } from '../field-type.ts';
import { invalid } from '../problems.ts';
import { type DateOptions, dateOperators, dateText, scalarInput } from './date-value.ts';
import { readDatePattern } from './patterns.ts';

const MESSAGE = 'Not a valid time';
const TIME = /^\s*([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?\s*$/;

function decode(input: Json): Decoded<string> {
  const sent = scalarInput(input, MESSAGE);
  if (sent === null || sent instanceof Problem) return sent;
  const [, hour, minute] = TIME.exec(String(sent)) ?? [];
  return hour && minute ? `${hour.padStart(2, '0')}:${minute}` : invalid(MESSAGE, input);
}

export const time: FieldType<DateOptions, string> = {
  ...dateText,
  name: 'time',
  options: (reader) => ({ pattern: readDatePattern(reader, 'HH:mm', ['time']) }),
  decode,
  fromCsv: decode,
  plainText: (value, { options }, env) => {
    const [hour, minute] = value.split(':').map(Number);
    const wall = DateTime.utc(2000, 1, 1, hour ?? 0, minute ?? 0);
    return wall.isValid ? options.pattern({ wall, offset: null }, env.language) : value;
  },
  operators: dateOperators((operand) => decode(operand.value)),
  schema: () => ({ type: 'string', pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', examples: ['08:00'] }),
};
