// The token table of display patterns (spec field-types §2.9).
import { DateTime } from 'luxon';
import { expect, test } from 'vitest';
import { compileDatePattern } from '../../../src/fields/dates/patterns.ts';
import { ENV, fieldOf } from '../../support/fields.ts';

const ALL_PARTS = ['year', 'month', 'day', 'week', 'time', 'zone'] as const;
const moment = { wall: DateTime.utc(2016, 7, 5, 0, 5, 9, 7), offset: -7 * 3_600_000 };
const show = (
  pattern: string,
  language: 'english' | 'spanish' = 'english',
  shown: Parameters<typeof print>[1] = moment,
): string => print(pattern, shown, language);

function print(
  pattern: string,
  shown: { wall: DateTime; offset: number | null },
  language: 'english' | 'spanish',
): string {
  return compileDatePattern(pattern, ALL_PARTS).format(shown, language);
}

test.for([
  ['G', 'AD'],
  ['yy', '16'],
  ['yyyy', '2016'],
  ['M', '7'],
  ['MM', '07'],
  ['MMM', 'Jul'],
  ['MMMM', 'July'],
  ['w', '27'],
  ['D', '187'],
  ['d', '5'],
  ['dd', '05'],
  ['EEE', 'Tue'],
  ['EEEE', 'Tuesday'],
  ['a', 'AM'],
  ['H', '0'],
  ['HH', '00'],
  ['h', '12'],
  ['hh', '12'],
  ['m', '5'],
  ['mm', '05'],
  ['s', '9'],
  ['ss', '09'],
  ['SSS', '007'],
  ['z', '-0700'],
  ['zzzz', '-07:00'],
  ['MMM dd, yyyy h:mm a', 'Jul 05, 2016 12:05 AM'],
  ["'at' H 'o''clock'", "at 0 o'clock"],
  ["d''M", "5'7"],
  ['yyyy年MM月', '2016年07月'],
  ['d/M — Q😀', '5/7 — Q😀'],
  ["'open", "'open"],
] as const)('%s shows %s', ([pattern, text]) => {
  expect(show(pattern)).toBe(text);
});

test('names follow the language', () => {
  expect(show('EEEE d MMMM, EEE MMM', 'spanish')).toBe('martes 5 julio, mar jul');
  const names = (pattern: string, language: 'english' | 'spanish') =>
    [1, 4, 8, 12].map((month) => show(pattern, language, { wall: DateTime.utc(2016, month, 9), offset: null }));
  expect(names('MMM EEE', 'spanish')).toEqual(['ene sáb', 'abr sáb', 'ago mar', 'dic vie']);
  expect(names('MMMM EEEE', 'spanish')).toEqual(['enero sábado', 'abril sábado', 'agosto martes', 'diciembre viernes']);
});

test('offsets east of UTC and afternoon hours', () => {
  const shown = { wall: DateTime.utc(2016, 7, 5, 13, 0), offset: 5.5 * 3_600_000 };
  expect(show('h a z zzzz', 'english', shown)).toBe('1 PM +0530 +05:30');
  expect(show('z', 'english', { ...shown, offset: 0 })).toBe('+0000');
});

test('letters that mean nothing for a type print nothing and are told', () => {
  const { format, foreign } = compileDatePattern('yyyy-MM HH:mm z', ['year', 'month']);
  expect(format(moment, 'english')).toBe('2016-07 : ');
  expect(foreign).toEqual(['HH', 'mm', 'z']);
});

test('instants are shown on the acting clock, in the acting language', () => {
  const field = fieldOf({ type: 'dateTime', uiOptions: { format: 'MMMM d HH:mm z' } });
  const env = { ...ENV, zone: 'Europe/Madrid', language: 'spanish' } as const;
  expect(field.type.plainText(new Date(Date.UTC(2016, 6, 12, 22, 30)), field, env)).toBe('julio 13 00:30 +0200');
});
