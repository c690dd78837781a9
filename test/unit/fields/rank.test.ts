// Ranks as they are given out: after the last one, or between two.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextRank, rankBetween } from '../../../src/fields/rank.ts';

test.for<[highest: string | null, next: string]>([
  [null, 'iiiii00000'],
  ['iiiii00000', 'iiiii0001s'],
  ['zzzzzzzzzz', 'zzzzzzzzzzi'],
  ['zzzzzzzzzzi', 'zzzzzzzzzzii'],
  ['a', 'a00000001s'],
  ['iiiii00000zz', 'iiiii0001s'],
])('after %s comes %s', ([highest, next]) => {
  expect(nextRank(highest)).toBe(next);
});

test('between two neighbours there is room, one digit further', () => {
  expect(rankBetween('iiiii00000', 'iiiii0001s')).toBe('iiiii0000w');
  expect(rankBetween('iiiii00000', 'iiiii00001')).toBe('iiiii00000i');
  expect(rankBetween(null, 'iiiii00000')).toBe('9999900000');
  expect(rankBetween('iiiii00000', null)).toBe('iiiii0001s');
});

const rank = fc.stringMatching(/^[0-9a-z]{1,14}$/);

test('a new rank lies after the highest one', () => {
  fc.assert(fc.property(rank, (highest) => nextRank(highest) > highest && /^[0-9a-z]+$/.test(nextRank(highest))));
});

test('a rank between two lies between them', () => {
  fc.assert(
    fc.property(rank, rank, (a, b) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      if (low.padEnd(20, '0') === high.padEnd(20, '0')) {
        expect(() => rankBetween(low, high)).toThrow(RangeError);
        return;
      }
      const middle = rankBetween(low, high);
      expect(middle > low && middle < high, middle).toBe(true);
    }),
  );
});

test('a thousand records moved to the same place keep their order', () => {
  let high = 'iiiii0001s';
  for (let i = 0; i < 1_000; i++) {
    const next = rankBetween('iiiii00000', high);
    expect(next > 'iiiii00000' && next < high).toBe(true);
    high = next;
  }
  expect(high.length).toBeLessThan(300);
});

test('before the lowest of all ranks and between equal ones there is nothing', () => {
  expect(() => rankBetween(null, '0000000000')).toThrow(RangeError);
  expect(() => rankBetween('b', 'a')).toThrow(RangeError);
  expect(() => rankBetween('a', 'a')).toThrow(RangeError);
});
