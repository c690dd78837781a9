// Patterns of dates inside the sandbox (spec scripting-api §1.8, field-types §2.9), and time zones.
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { expect, test } from 'vitest';
import { printDate, readDate } from '../../../src/scripts/runtime/date-pattern.ts';
import { instantOf, offsetAt } from '../../../src/scripts/runtime/zones.ts';

/** Thursday. */
const WALL = Date.UTC(2016, 6, 7, 0, 5, 9, 123);

test.for([
  ['G', 'AD'],
  ['yy yyyy', '16 2016'],
  ['M MM MMM MMMM', '7 07 Jul July'],
  ['w D', '27 189'],
  ['d dd', '7 07'],
  ['EEE EEEE', 'Thu Thursday'],
  ['a H HH h hh', 'AM 0 00 12 12'],
  ['m mm s ss SSS', '5 05 9 09 123'],
  ['z zzzz Z', '-0700 -07:00 -0700'],
  ["d 'de' MMMM 'o''clock' ''", "7 de July o'clock '"],
  ['MMM dd, yyyy h:mm a', 'Jul 07, 2016 12:05 AM'],
])('%s prints %s', ([pattern = '', expected]) => {
  expect(printDate(WALL, pattern, -7 * 3_600_000)).toBe(expected);
});

test.for(['q', 'yyyy-MM-ddT', 'x'])('%s is no pattern', (pattern) => {
  expect(() => printDate(WALL, pattern)).toThrow(/unknown letter/);
});

test.for<[text: string, pattern: string, iso: string | null]>([
  ['2016-07-07 08:30', 'yyyy-MM-dd HH:mm', '2016-07-07T08:30:00.000Z'],
  ['7 jul 2016', 'd MMM yyyy', '2016-07-07T00:00:00.000Z'],
  ['12:05 AM', 'h:mm a', '1970-01-01T00:05:00.000Z'],
  ['12:05 pm', 'h:mm a', '1970-01-01T12:05:00.000Z'],
  ['2017-02-30', 'yyyy-MM-dd', null],
  ['2017-02-3', 'yyyy-MM-dd', null],
  ['2017-13-01', 'yyyy-MM-dd', null],
  ['25:00', 'HH:mm', null],
  ['10:60', 'HH:mm', null],
  ['x', 'yyyy', null],
])('%s read as %s', ([text, pattern, iso]) => {
  const found = readDate(text, pattern);
  expect(found && new Date(found.wall).toISOString()).toBe(iso);
});

const moment = fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(2100, 0) });
const zone = fc.constantFrom(
  'UTC',
  'America/New_York',
  'Europe/Madrid',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'US/Central',
);

test('what is printed can be read again', () => {
  fc.assert(
    fc.property(moment, (time) => {
      expect(readDate(printDate(time, 'yyyy-MM-dd HH:mm:ss.SSS'), 'yyyy-MM-dd HH:mm:ss.SSS')?.wall).toBe(time);
    }),
  );
});

test('offsets are those of the time zone database, and wall clocks lead back to their instant', () => {
  fc.assert(
    fc.property(moment, zone, (time, name) => {
      const expected = DateTime.fromMillis(time, { zone: name });
      // luxon rounds offsets of the years before standard time to minutes
      if (expected.year < 1970) return;
      expect(offsetAt(name, time)).toBe(expected.offset * 60_000);
      const again = instantOf(name, time + offsetAt(name, time));
      expect(again + offsetAt(name, again)).toBe(time + offsetAt(name, time));
    }),
  );
});

test('a clock reading that daylight saving leaves out is moved to after the gap', () => {
  const gap = Date.UTC(2016, 2, 13, 2, 30);
  expect(new Date(instantOf('America/New_York', gap)).toISOString()).toMatch(/T0[67]:30/);
});
