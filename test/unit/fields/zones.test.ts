// Zones: gaps, overlaps and days of 23 and 25 hours; filters on instants divide time without holes.
import fc from 'fast-check';
import type { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import { readMoment } from '../../../src/fields/dates/calendar.ts';
import { keywordInTime, readKeyword } from '../../../src/fields/dates/keywords.ts';
import { instantOf, isZone, wallClock } from '../../../src/fields/dates/zones.ts';
import { type Json, type OperatorName, Problem } from '../../../src/fields/field-type.ts';
import { matches } from '../../../src/query/matches.ts';
import { compileOperator, fieldOf } from '../../support/fields.ts';

const HOUR = 3_600_000;
const ZONES = [
  'UTC',
  'US/Central',
  'America/Buenos_Aires',
  'America/New_York',
  'America/Sao_Paulo',
  'America/Havana',
  'Europe/Madrid',
  'Asia/Kolkata',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Africa/Casablanca',
];
const zones = fc.constantFrom(...ZONES);
const instants = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2037, 0, 1) });

const at = (text: string): number => Date.parse(text);
const local = (text: string, zone: string): string => new Date(instantOf(wallOf(text), zone)).toISOString();
const wallOf = (text: string): DateTime => readMoment(text)?.wall ?? expect.fail(text);

describe('wall clock to instant', () => {
  test.for([
    ['a time that is shown once', '2016-07-12 14:30', 'US/Central', '2016-07-12T19:30:00.000Z'],
    ['an old name', '2016-07-12 14:30', 'America/Buenos_Aires', '2016-07-12T17:30:00.000Z'],
    ['half an hour east', '2016-07-12 14:30', 'Asia/Kolkata', '2016-07-12T09:00:00.000Z'],
    ['a skipped time is as much later', '2016-03-13 02:30', 'US/Central', '2016-03-13T08:30:00.000Z'],
    ['the first skipped minute', '2016-03-13 02:00', 'US/Central', '2016-03-13T08:00:00.000Z'],
    ['a time that is shown twice is the first', '2016-11-06 01:30', 'US/Central', '2016-11-06T06:30:00.000Z'],
    ['the same east of UTC', '2016-10-30 02:30', 'Europe/Madrid', '2016-10-30T00:30:00.000Z'],
    ['a day that starts at one', '2018-11-04 00:00', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    ['a midnight that comes twice', '2016-11-06 00:00', 'America/Havana', '2016-11-06T04:00:00.000Z'],
    ['a change of half an hour', '2016-10-02 02:15', 'Australia/Lord_Howe', '2016-10-01T15:45:00.000Z'],
    ['a day that never was', '2011-12-30 12:00', 'Pacific/Apia', '2011-12-30T22:00:00.000Z'],
    ['local mean time', '1800-01-01 00:00', 'America/New_York', '1800-01-01T04:56:02.000Z'],
  ] as const)('%s: %s in %s', ([, text, zone, instant]) => {
    expect(local(text, zone)).toBe(instant);
  });

  test('an instant comes back from its wall clock, or as the first of two', () => {
    fc.assert(
      fc.property(zones, instants, (zone, instant) => {
        const wall = wallClock(instant, zone);
        const back = instantOf(wall, zone);
        expect(back).toBeLessThanOrEqual(instant);
        expect(instant - back).toBeLessThanOrEqual(HOUR);
        expect(wallClock(back, zone).toMillis()).toBe(wall.toMillis());
      }),
    );
  });

  test('zones are known by name', () => {
    expect(ZONES.filter((zone) => !isZone(zone))).toEqual([]);
    expect(['Nowhere/City', '', 'local', '../etc'].filter(isZone)).toEqual([]);
    expect(() => wallClock(0, 'Nowhere/City')).toThrow('Unknown time zone [Nowhere/City]');
  });
});

describe('keywords in time', () => {
  const range = (text: string, now: number, zone: string): string[] => {
    const keyword = readKeyword(text) ?? expect.fail(text);
    return keywordInTime(keyword, now, zone).map((end) => new Date(end).toISOString());
  };

  test('the day on which summer time starts has 23 hours, the one on which it ends 25', () => {
    expect(range('today', at('2016-03-13T18:00:00Z'), 'US/Central')).toEqual([
      '2016-03-13T06:00:00.000Z',
      '2016-03-14T04:59:59.999Z',
    ]);
    expect(range('today', at('2016-11-06T18:00:00Z'), 'US/Central')).toEqual([
      '2016-11-06T05:00:00.000Z',
      '2016-11-07T05:59:59.999Z',
    ]);
  });

  test('hours are hours, also where clocks go back', () => {
    const second = at('2016-11-06T07:30:00Z');
    expect(range('this hour', second, 'US/Central')).toEqual(['2016-11-06T07:00:00.000Z', '2016-11-06T07:59:59.999Z']);
    expect(range('last hour', second, 'US/Central')).toEqual(['2016-11-06T06:00:00.000Z', '2016-11-06T06:59:59.999Z']);
    expect(range('this hour', at('2016-07-12T10:10:00Z'), 'Asia/Kolkata')[0]).toBe('2016-07-12T09:30:00.000Z');
    expect(range('last 24 hours', at('2016-03-13T18:00:00Z'), 'US/Central')[0]).toBe('2016-03-12T18:00:00.000Z');
    expect(range('last 1 day', at('2016-03-13T18:00:00Z'), 'US/Central')[0]).toBe('2016-03-12T19:00:00.000Z');
  });

  test('weeks start on Monday, months clip', () => {
    expect(range('this week', at('2016-07-10T12:00:00Z'), 'UTC')).toEqual([
      '2016-07-04T00:00:00.000Z',
      '2016-07-10T23:59:59.999Z',
    ]);
    expect(range('last 1 month', at('2016-03-31T12:00:00Z'), 'UTC')[0]).toBe('2016-02-29T12:00:00.000Z');
    expect(range('next month', at('2016-01-31T12:00:00Z'), 'UTC')).toEqual([
      '2016-02-01T00:00:00.000Z',
      '2016-02-29T23:59:59.999Z',
    ]);
  });
});

describe('operators of dates', () => {
  const texts = instants.map((instant) => new Date(instant).toISOString());
  const operands = fc.oneof(
    instants,
    texts,
    texts.map((text) => text.slice(0, 10)),
    texts.map((text) => text.slice(0, 16).replace('T', ' ')),
    texts.map((text) => text.slice(0, 7)),
    fc.constantFrom('now', 'today', 'this week', 'last month', 'next year', 'last 3 days', 'next 2 weeks'),
  );

  test.for(['dateTime', 'date', 'dateTimeNoTimezone'])('%s: less, equals and greater divide time', (type) => {
    const field = fieldOf({ type });
    fc.assert(
      fc.property(zones, instants, instants, operands, (zone, now, value, operand) => {
        const env = { zone, now };
        const stored = field.type.decode(value, field, { ...env, language: 'english' } as never, null);
        const finds = (operator: OperatorName, ...written: Json[]): boolean => {
          const predicate = compileOperator(field, operator, written, { env });
          return predicate instanceof Problem
            ? expect.fail(predicate.message)
            : matches(predicate, { data: { value: stored } });
        };
        const [less, equals, greater] = [finds('less', operand), finds('equals', operand), finds('greater', operand)];
        expect([less, equals, greater].filter(Boolean)).toHaveLength(1);
        expect(finds('lessOrEquals', operand)).toBe(less || equals);
        expect(finds('greaterOrEquals', operand)).toBe(greater || equals);
        expect(finds('between', operand, operand)).toBe(equals);
        expect(finds('notEquals', operand)).toBe(!equals);
      }),
    );
  });

  test('a quoted keyword is a text, and so no date', () => {
    const answer = compileOperator(fieldOf({ type: 'date' }), 'equals', ['today'], { quoted: true });
    expect(answer).toMatchObject({ message: '[today] is not valid for field [value]: Not a valid date' });
  });
});
