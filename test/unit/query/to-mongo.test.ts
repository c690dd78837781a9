// Filters for MongoDB: sealed values, ranges inside lists, distances.
import { Binary, type Document } from 'mongodb';
import { describe, expect, test } from 'vitest';
import type { Predicate } from '../../../src/query/predicate.ts';
import { toMongo } from '../../../src/query/to-mongo.ts';
import { entityOf } from '../../support/entities.ts';

const text = { type: 'text' };
const sealedText = { type: 'text', sensitive: true };
const entity = entityOf('things', {
  word: text,
  words: { ...text, many: true },
  secret: sealedText,
  secrets: { ...sealedText, many: true },
  page: { type: 'html', sensitive: true },
  group: { type: 'nestedFields', fields: { word: text, secret: sealedText } },
  groups: {
    type: 'nestedFields',
    many: true,
    fields: { word: text, words: { ...text, many: true }, secret: sealedText },
  },
  place: { type: 'geoPoint' },
});
const hashes = (value: unknown) => [new Binary(Buffer.from(`new ${value}`)), new Binary(Buffer.from(`old ${value}`))];
const mongo = (predicate: Predicate, near?: 'order' | 'within'): Document =>
  toMongo(predicate, { entity, sealer: { hashes }, ...(near && { near }) });
const hash = (value: string) => ({ $in: hashes(value) });
const equals = (path: string, ...values: unknown[]): Predicate => ({ kind: 'in', path, values });

describe('sealed values', () => {
  test.each<[Predicate, Document]>([
    [equals('data.secret', 'x'), { 'data.secret.hash': hash('x') }],
    [equals('data.secrets', 'x'), { 'data.secrets.hash': hash('x') }],
    [equals('data.page.plain', 'x'), { 'data.page.hash': hash('x') }],
    [equals('data.groups.secret', 'x'), { 'data.groups.secret.hash': hash('x') }],
    [{ kind: 'not', of: equals('data.secret', 'x') }, { $nor: [{ 'data.secret.hash': hash('x') }] }],
    [{ kind: 'empty', path: 'data.secret' }, { 'data.secret': { $in: [null, []] } }],
    [{ kind: 'empty', path: 'data.page.plain' }, { 'data.page': { $in: [null, []] } }],
    [
      { kind: 'element', path: 'data.groups', of: equals('secret', 'x') },
      { 'data.groups': { $elemMatch: { 'secret.hash': hash('x') } } },
    ],
    [
      { kind: 'element', path: 'data.group', of: equals('secret', 'x') },
      { $and: [{ 'data.group': { $type: 'object' } }, { 'data.group.secret.hash': hash('x') }] },
    ],
    // the hidden array of unique values holds hashes itself
    [equals('keys.secrets', 'x'), { 'keys.secrets': hash('x') }],
    // a name that only begins like a sealed one is in clear
    [equals('data.secretive', 'x'), { 'data.secretive': { $eq: 'x' } }],
    [equals('data.secret'), { 'data.secret.hash': { $in: [] } }],
  ])('%j', (predicate, expected) => {
    expect(mongo(predicate)).toEqual(expected);
  });

  test.each<Predicate>([
    { kind: 'range', path: 'data.secret', gt: 'x' },
    {
      kind: 'match',
      path: 'data.page.plain',
      pattern: { source: 'x', test: () => true, mongo: { source: 'x', options: '' } },
    },
    { kind: 'element', path: 'data.groups', of: { kind: 'range', path: 'secret', lt: 'x' } },
  ])('$kind can not be answered, so nothing is let through', (predicate) => {
    expect(() => mongo(predicate)).toThrow(expect.objectContaining({ code: 'systemException' }));
  });
});

describe('ranges', () => {
  const range = (path: string): Predicate => ({ kind: 'range', path, gte: 1, lt: 5 });
  test.each<[Predicate, Document]>([
    [range('data.word'), { 'data.word': { $gte: 1, $lt: 5 } }],
    [range('data.words'), { 'data.words': { $elemMatch: { $gte: 1, $lt: 5 } } }],
    [range('data.groups.word'), { 'data.groups': { $elemMatch: { word: { $gte: 1, $lt: 5 } } } }],
    [range('data.groups.words'), { 'data.groups': { $elemMatch: { words: { $elemMatch: { $gte: 1, $lt: 5 } } } } }],
    [
      { kind: 'element', path: 'data.groups', of: range('words') },
      { 'data.groups': { $elemMatch: { words: { $elemMatch: { $gte: 1, $lt: 5 } } } } },
    ],
    // one end needs no such care, and an index serves it better as it is
    [{ kind: 'range', path: 'data.groups.word', gt: 1 }, { 'data.groups.word': { $gt: 1 } }],
    [{ kind: 'range', path: 'data.word' }, { _id: { $in: [] } }],
  ])('%j', (predicate, expected) => {
    expect(mongo(predicate)).toEqual(expected);
  });
});

describe('distances', () => {
  const near = (min: number | null, max: number | null): Predicate => ({
    kind: 'near',
    path: 'data.place',
    longitude: 10,
    latitude: 5,
    min,
    max,
  });
  const circle = (metres: number) => ({
    'data.place': { $geoWithin: { $centerSphere: [[10, 5], metres / 6_378_100] } },
  });
  const point = { $geometry: { type: 'Point', coordinates: [10, 5] } };
  test.each<[Predicate, 'order' | 'within', Document]>([
    [near(null, null), 'order', { 'data.place': { $nearSphere: point } }],
    [near(5, 10), 'order', { 'data.place': { $nearSphere: { ...point, $minDistance: 5, $maxDistance: 10 } } }],
    [near(null, null), 'within', { 'data.place': { $type: 'object' } }],
    [near(null, 10), 'within', circle(10)],
    [near(0, 10), 'within', circle(10)],
    [near(5, 10), 'within', { $and: [circle(10), { $nor: [circle(5)] }] }],
    [near(null, 30_000_000), 'within', { 'data.place': { $type: 'object' } }],
    [near(10, 5), 'order', { _id: { $in: [] } }],
    [near(30_000_000, null), 'within', { _id: { $in: [] } }],
  ])('%j, %s', (predicate, mode, expected) => {
    expect(mongo(predicate, mode)).toEqual(expected);
  });
});

test('constants', () => {
  expect(mongo({ kind: 'all' })).toEqual({});
  expect(mongo({ kind: 'none' })).toEqual({ _id: { $in: [] } });
  expect(mongo({ kind: 'text', search: 'x y' })).toEqual({ $text: { $search: 'x y' } });
});
