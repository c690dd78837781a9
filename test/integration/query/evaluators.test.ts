// One meaning, two evaluators: random predicates on random documents find the same in MongoDB and in memory.
import fc from 'fast-check';
import { Binary, Decimal128, type Document, MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FieldType } from '../../../src/fields/field-type.ts';
import { containsPattern, endsPattern, exactPattern, startsPattern } from '../../../src/fields/pattern.ts';
import { matches } from '../../../src/query/matches.ts';
import type { Predicate } from '../../../src/query/predicate.ts';
import { type MongoOptions, toMongo } from '../../../src/query/to-mongo.ts';
import { entityOf } from '../../support/entities.ts';
import { testDatabase } from '../../support/services.ts';

const database = testDatabase();
const client = new MongoClient(database.uri);
beforeAll(async () => {
  await client.connect();
});
afterAll(() => client.close());

// what a path means depends on the fields' multiplicity alone, so one made-up type serves for all
const any = { name: 'any' } as FieldType;
const leaves = { x: { type: any }, xs: { type: any, many: true } };
const entity = entityOf('things', {
  ...leaves,
  g: { type: any, fields: { ...leaves, gg: { type: any, fields: leaves } } },
  l: {
    type: any,
    many: true,
    fields: { ...leaves, g: { type: any, fields: leaves }, l: { type: any, many: true, fields: leaves } },
  },
});
const options: MongoOptions = { entity, sealer: { hashes: () => [] } };

const ids = [1, 2, 3].map((digit) => new ObjectId(`${digit}`.repeat(24)));
const scalar = fc.constantFrom<unknown>(
  ...[null, true, false, 0, -0, 1, 2.5, 0.1, -7, 1e300, Number.NaN, Number.POSITIVE_INFINITY],
  ...['', 'a', 'B', 'ab', 'AB', 'aé', '\uffee', '\u{1f600}', 'x\u0000y', '.*', '2.5'],
  ...['0', '-0', '1.0', '2.50', '0.1', '1E+400', 'NaN', 'Infinity', '0.1000000000000000055511151231257827'].map(
    (text) => Decimal128.fromString(text),
  ),
  ...[new Date(0), new Date(1e12), ...ids, new Binary(Buffer.from('ab')), new Binary(Buffer.from('b'))],
);
const wanted = scalar.filter((value) => value !== null);

/** Where the model says group or list of groups, other things stand there now and then. */
const leaf = fc.oneof({ weight: 6, arbitrary: scalar }, { weight: 1, arbitrary: fc.constant({ x: 1 }) });
const list = (of: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 5, arbitrary: fc.array(of, { maxLength: 3 }) }, fc.constant(null));
const leafParts = { x: leaf, xs: list(leaf) };
const group = (parts: Record<string, fc.Arbitrary<unknown>>) =>
  fc.oneof({ weight: 8, arbitrary: fc.record(parts, { requiredKeys: [] }) }, { weight: 1, arbitrary: scalar });
const document = fc.record({
  data: fc.record(
    {
      ...leafParts,
      g: group({ ...leafParts, gg: group(leafParts) }),
      l: list(group({ ...leafParts, g: group(leafParts), l: list(group(leafParts)) })),
    },
    { requiredKeys: [] },
  ),
});

const leafPath = (...before: string[]) => before.flatMap((each) => [`${each}x`, `${each}xs`]);
const everyPath = [
  ...leafPath('data.', 'data.g.', 'data.g.gg.', 'data.l.', 'data.l.g.', 'data.l.l.'),
  'data.g',
  'data.l',
];
/** Paths that may be tested inside an element at each group. */
const elements: Readonly<Record<string, readonly string[]>> = {
  'data.g': [...leafPath('', 'gg.'), 'gg'],
  'data.g.gg': leafPath(''),
  'data.l': [...leafPath('', 'g.', 'l.'), 'g', 'l'],
  'data.l.g': leafPath(''),
  'data.l.l': leafPath(''),
};

const primitives = (paths: readonly string[]): fc.Arbitrary<Predicate>[] => {
  const path = fc.constantFrom(...paths);
  const make = fc.constantFrom(containsPattern, startsPattern, endsPattern, exactPattern);
  const bounds = fc.record({ gt: wanted, gte: wanted, lt: wanted, lte: wanted }, { requiredKeys: [] });
  return [
    fc.record({ kind: fc.constant('in' as const), path, values: fc.array(scalar, { maxLength: 3 }) }),
    fc.tuple(path, bounds).map(([at, limits]): Predicate => ({ kind: 'range', path: at, ...limits })),
    fc.record({
      kind: fc.constant('match' as const),
      path,
      pattern: fc
        .tuple(make, fc.constantFrom('a', 'B', 'é', '.*', 'x\u0000y', '😀'))
        .map(([build, text]) => build(text)),
    }),
    fc.record({ kind: fc.constant('empty' as const), path }),
    fc.constantFrom<Predicate>({ kind: 'all' }, { kind: 'none' }),
  ];
};

const predicateOn = (paths: readonly string[], deeper: readonly fc.Arbitrary<Predicate>[]): fc.Arbitrary<Predicate> =>
  fc.letrec<{ predicate: Predicate }>((tie) => ({
    predicate: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'predicate' },
      ...primitives(paths),
      ...deeper,
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        of: fc.array(tie('predicate'), { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant('not' as const), of: tie('predicate') }),
    ),
  })).predicate;

const elementAt = (path: string, at: string): fc.Arbitrary<Predicate> => {
  const inner = elements[path] ?? [];
  const nested = inner.filter((each) => elements[`${path}.${each}`]).map((each) => elementAt(`${path}.${each}`, each));
  return predicateOn(inner, nested).map((of): Predicate => ({ kind: 'element', path: at, of }));
};
const predicate = predicateOn(
  everyPath,
  Object.keys(elements).map((path) => elementAt(path, path)),
);

test('random predicates find the same documents in MongoDB and in memory', async () => {
  const documents = fc.sample(document, { numRuns: 300, seed: 7 }).map((each, index) => ({ _id: index, ...each }));
  const collection = client.db(database.dbName).collection<Document>('random');
  await collection.insertMany(documents as Document[]);
  // as stored and read back: what MongoDB makes of the values is what both evaluators see
  const stored = await collection.find().sort({ _id: 1 }).toArray();
  await fc.assert(
    fc.asyncProperty(predicate, async (tested) => {
      const found = await collection
        .find(toMongo(tested, options), { projection: { _id: 1 } })
        .sort({ _id: 1 })
        .toArray();
      const expected = stored.filter((each) => matches(tested, each)).map((each) => each._id);
      expect(found.map((each) => each._id)).toEqual(expected);
    }),
    { numRuns: Number(process.env.QUERY_PROPERTY_RUNS ?? 1_000), seed: Number(process.env.QUERY_PROPERTY_SEED ?? 1) },
  );
});
