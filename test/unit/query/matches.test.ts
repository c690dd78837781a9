// The in-memory evaluator: what each test means on lists, missing values and mixed types.
import { Binary, Decimal128, Long, ObjectId } from 'mongodb';
import { expect, test } from 'vitest';
import { exactPattern, startsPattern } from '../../../src/fields/pattern.ts';
import { matches } from '../../../src/query/matches.ts';
import { not, type Predicate } from '../../../src/query/predicate.ts';

const id = new ObjectId();
const decimal = (text: string) => Decimal128.fromString(text);
const equals = (path: string, ...values: unknown[]): Predicate => ({ kind: 'in', path, values });
const range = (path: string, bounds: object): Predicate => ({ kind: 'range', path, ...bounds });
const empty = (path: string): Predicate => ({ kind: 'empty', path });
const element = (path: string, of: Predicate): Predicate => ({ kind: 'element', path, of });

test.each<[string, Predicate, object, boolean]>([
  ['equal string', equals('a', 'x'), { a: 'x' }, true],
  ['string in another case', equals('a', 'x'), { a: 'X' }, false],
  ['any of several', equals('a', 1, 2), { a: 2 }, true],
  ['no value at all', equals('a'), { a: 2 }, false],
  ['null never equals', equals('a', null, undefined), { a: null }, false],
  ['element of a list', equals('a', 2), { a: [1, 2] }, true],
  ['path through a list', equals('a.b', 2), { a: [{ b: 1 }, { b: [3, 2] }] }, true],
  ['path through a number', equals('a.b', 2), { a: 2 }, false],
  ['inherited property', equals('constructor.name', 'Object'), {}, false],
  ['object id', equals('a', new ObjectId(id.toHexString())), { a: id }, true],
  ['object id and its text', equals('a', id.toHexString()), { a: id }, false],
  ['binary', equals('a', new Binary(Buffer.from('xy'))), { a: new Binary(Buffer.from('xy')) }, true],
  ['date', equals('a', new Date(5)), { a: new Date(5) }, true],
  ['date and number', equals('a', 5), { a: new Date(5) }, false],
  ['boolean and number', equals('a', 1), { a: true }, false],
  ['decimal and number', equals('a', 2.5), { a: decimal('2.50') }, true],
  ['decimal and a double that only looks the same', equals('a', 0.1), { a: decimal('0.1') }, false],
  ['long and number', equals('a', 7), { a: Long.fromNumber(7) }, true],
  ['zeroes', equals('a', 0), { a: -0 }, true],
  ['not a number', equals('a', Number.NaN), { a: Number.NaN }, true],
  ['lone surrogates are stored as replacement characters', equals('a', '\ufffd'), { a: '\ud800' }, true],

  ['inside bounds', range('a', { gte: 1, lt: 3 }), { a: 1 }, true],
  ['at an open bound', range('a', { gte: 1, lt: 3 }), { a: 3 }, false],
  ['one element must be inside all bounds', range('a', { gt: 1, lt: 5 }), { a: [0, 9] }, false],
  ['one element is inside', range('a.b', { gt: 1, lt: 5 }), { a: [{ b: 0 }, { b: 4 }] }, true],
  ['other types are outside', range('a', { gt: 1 }), { a: 'x' }, false],
  ['empties are outside', range('a', { lte: 1 }), {}, false],
  ['no bounds, no match', range('a', {}), { a: 1 }, false],
  ['not a number is outside', range('a', { lte: 1 }), { a: Number.NaN }, false],
  ['code points, not code units', range('a', { gt: '\uffee' }), { a: '\u{1f600}' }, true],
  ['decimals by value', range('a', { gt: decimal('9.9') }), { a: decimal('10') }, true],
  ['decimal against double, exactly', range('a', { gt: 0.1 }), { a: decimal('0.10000000000000000556') }, true],

  ['pattern', { kind: 'match', path: 'a', pattern: startsPattern('ab') }, { a: ['x', 'ABC'] }, true],
  ['pattern on a number', { kind: 'match', path: 'a', pattern: exactPattern('1') }, { a: 1 }, false],

  ['null', empty('a'), { a: null }, true],
  ['missing', empty('a.b'), {}, true],
  ['empty list', empty('a'), { a: [] }, true],
  ['empty list on the way', empty('a.b'), { a: [] }, true],
  ['missing in one element', empty('a.b'), { a: [{ b: 1 }, {}] }, true],
  ['present in all elements', empty('a.b'), { a: [{ b: 1 }, { b: 0 }] }, false],
  ['false is a value', empty('a'), { a: false }, false],
  ['blank is a value', empty('a'), { a: '' }, false],

  [
    'same element',
    element('a', { kind: 'and', of: [equals('x', 1), equals('y', 2)] }),
    { a: [{ x: 1 }, { y: 2 }] },
    false,
  ],
  ['same element', element('a', { kind: 'and', of: [equals('x', 1), equals('y', 2)] }), { a: [{ x: 1, y: 2 }] }, true],
  ['single object', element('a', equals('x', 1)), { a: { x: 1 } }, true],
  ['no object', element('a', not(equals('x', 1))), {}, false],
  ['element lists inside lists', element('a.b', equals('x', 1)), { a: [{ b: [{ x: 2 }] }, { b: [{ x: 1 }] }] }, true],

  ['not', not(equals('a', 1)), {}, true],
  ['not, in a list', not(equals('a', 1)), { a: [1, 2] }, false],
  ['and', { kind: 'and', of: [equals('a', 1), empty('b')] }, { a: 1 }, true],
  ['or', { kind: 'or', of: [equals('a', 2), empty('b')] }, { a: 1 }, true],
])('%s: %j', (_, predicate, doc, expected) => {
  expect(matches(predicate, doc)).toBe(expected);
});

const berlin = { type: 'Point', coordinates: [13.4, 52.5] };
const near = (min: number | null, max: number | null): Predicate => ({
  kind: 'near',
  path: 'p',
  longitude: 2.35,
  latitude: 48.85,
  min,
  max,
});
test.each<[Predicate, object, boolean]>([
  [near(null, null), { p: berlin }, true],
  [near(null, 900_000), { p: berlin }, true],
  [near(null, 800_000), { p: berlin }, false],
  [near(800_000, 900_000), { p: [berlin] }, true],
  [near(800_000, null), { p: [berlin, { type: 'Point', coordinates: [2.35, 48.85] }] }, false],
  [near(null, null), {}, false],
])('distance of the nearest point: %j', (predicate, doc, expected) => {
  expect(matches(predicate, doc)).toBe(expected);
});

test('a full-text search is not answered in memory', () => {
  expect(() => matches({ kind: 'text', search: 'x' }, {})).toThrow('database');
});
