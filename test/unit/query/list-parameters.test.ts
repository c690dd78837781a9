// Query parameters of the job lists: every kind, and every refusal with its name.
import { describe, expect, it } from 'vitest';
import { readParameters } from '../../../src/query/list-parameters.ts';
import { readPeriod } from '../../../src/query/period.ts';

const isWord = (item: string): item is 'A' | 'B' => item === 'A' || item === 'B';
const of = (...pairs: [string, string][]) => readParameters(pairs);

describe('parameters', () => {
  it('lists are trimmed, empty items dropped', () => {
    expect(of(['status', ' A ,,B,']).list('status', isWord)).toEqual(['A', 'B']);
    expect(of(['status', ' , ']).list('status', isWord)).toBeNull();
    expect(of().list('status', isWord)).toBeNull();
  });

  it('times are inclusive, each alone or both', () => {
    const { between } = of(['a', '5'], ['b', '7']);
    expect(between('a', 'b')).toEqual({ $gte: new Date(5), $lte: new Date(7) });
    expect(between('a', 'none')).toEqual({ $gte: new Date(5) });
    expect(between('none', 'b')).toEqual({ $lte: new Date(7) });
    expect(between('none', 'neither')).toBeNull();
  });

  it.each<[string, number, object]>([
    ['', 20, { size: 20, start: { kind: 'first' } }],
    ['_size=5', 20, { size: 5 }],
    ['_size=0', 20, { size: 0 }],
    ['_size=5000', 20, { size: 1_000 }],
    ['_offset=0', 20, { start: { kind: 'skip', count: 0 } }],
    ['_offset=123456789', 20, { start: { kind: 'skip', count: 123_456_789 } }],
  ])('page of %j', (query, size, expected) => {
    expect(readParameters([...new URLSearchParams(query)]).page(size)).toMatchObject(expected);
  });

  it('an id is a place to go on from', () => {
    const { start } = of(['_offset', '588a02c13b063a0007605032']).page(20);
    expect(start.kind === 'after' && start.id.toHexString()).toBe('588a02c13b063a0007605032');
  });

  it.each<[string, (query: ReturnType<typeof of>) => unknown]>([
    ['_size=-1', (query) => query.page(20)],
    ['_size=2.5', (query) => query.page(20)],
    ['_size=many', (query) => query.page(20)],
    ['_offset=1234567890', (query) => query.page(20)],
    ['_offset=588a', (query) => query.page(20)],
    ['hasErrors=yes', (query) => query.boolean('hasErrors')],
    ['hasErrors=TRUE', (query) => query.boolean('hasErrors')],
    ['status=A,C', (query) => query.list('status', isWord)],
    ['status=a', (query) => query.list('status', isWord)],
    ['from=yesterday', (query) => query.between('from', 'to')],
    ['from=1.5', (query) => query.between('from', 'to')],
  ])('%s is refused by name', (query, read) => {
    const [name] = query.split('=');
    expect(() => read(readParameters([...new URLSearchParams(query)]))).toThrowError(
      expect.objectContaining({ code: 'badRequest', status: 400, message: expect.stringContaining(`[${name}]`) }),
    );
  });
});

describe('period', () => {
  const NOW = Date.UTC(2024, 2, 10, 12);
  const span = (text: string): number => NOW - readPeriod(text, NOW, 'UTC').$gte.getTime();
  const MINUTE = 60_000;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;

  it.each([
    ['1d', DAY],
    ['2h', 2 * HOUR],
    ['2H', 2 * HOUR],
    ['30m', 30 * MINUTE],
    ['15s', 15_000],
    ['1M', 30 * DAY],
    ['1d 2h 3m 4s', DAY + 2 * HOUR + 3 * MINUTE + 4_000],
    ['4s3m2h1d', DAY + 2 * HOUR + 3 * MINUTE + 4_000],
    ['3 hours', 3 * HOUR],
    ['30 minutes', 30 * MINUTE],
    ['1 day 1 hour', DAY + HOUR],
  ])('%s', (text, ms) => {
    expect(span(text)).toBe(ms);
    expect(readPeriod(text, NOW, 'UTC').$lte.getTime()).toBe(NOW);
  });

  it.each(['', 'soon', '5', '5 parsecs', '1d soon', '0h', 'tomorrow'])('%j is refused', (text) => {
    expect(() => readPeriod(text, NOW, 'UTC')).toThrowError(/\[period\]/);
  });

  it('days by name are those of the zone', () => {
    const late = Date.UTC(2024, 2, 10, 23, 30);
    expect(readPeriod('today', late, 'Europe/Berlin').$gte.toISOString()).toBe('2024-03-10T23:00:00.000Z');
    expect(readPeriod('today', late, 'UTC').$gte.toISOString()).toBe('2024-03-10T00:00:00.000Z');
    expect(readPeriod('Yesterday', late, 'UTC')).toEqual({
      $gte: new Date('2024-03-09T00:00:00.000Z'),
      $lte: new Date('2024-03-09T23:59:59.999Z'),
    });
  });
});
