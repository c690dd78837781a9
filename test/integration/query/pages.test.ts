// Pages by the id of a record: every record once, in order, whatever it is sorted by, at the same cost at any depth.
import { type Collection, type Document, MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { continueAfter, mongoSort, offsetProjection, type SortPlan } from '../../../src/query/page.ts';
import type { Predicate } from '../../../src/query/predicate.ts';
import { and } from '../../../src/query/predicate.ts';
import { toMongo } from '../../../src/query/to-mongo.ts';
import { companies, list, NO_SEALER } from '../../support/query-models.ts';
import { testDatabase } from '../../support/services.ts';

const COUNT = 20_000;
const database = testDatabase();
const client = new MongoClient(database.uri);
let collection: Collection<Document>;

const idOf = (index: number) => new ObjectId(index.toString(16).padStart(24, '0'));
beforeAll(async () => {
  await client.connect();
  collection = client.db(database.dbName).collection('companies');
  const names = ['b', 'B', 'é', '\uffee', '\u{1f600}', ''];
  await collection.insertMany(
    Array.from({ length: COUNT }, (_, index) => ({
      _id: idOf(index),
      version: index % 3,
      label: `L${index}`,
      __label_lower_case__: `l${index}`,
      data: {
        // empties as missing and as null, long runs of equal values, and unique ones
        ...(index % 5 === 0 ? {} : { state: index % 7 === 0 ? null : ['active', 'pending'][index % 2] }),
        name: `${names[index % names.length]}${(index * 7919) % COUNT}`,
        ...(index % 11 === 0 ? {} : { numberOfEmployees: (index * 31) % 500 }),
      },
    })),
  );
  for (const field of ['state', 'name', 'numberOfEmployees'])
    await collection.createIndex({ [`data.${field}`]: 1, _id: 1 });
  await collection.createIndex({ 'data.state': 1, 'data.numberOfEmployees': 1, _id: 1 });
});
afterAll(() => client.close());

async function page(filter: Predicate, sort: SortPlan, after: ObjectId | null, size: number): Promise<ObjectId[]> {
  const found = await pageCursor(filter, sort, await afterFilter(sort, after), size).toArray();
  return found.map(({ _id }) => _id as ObjectId);
}
async function afterFilter(sort: SortPlan, after: ObjectId | null): Promise<Predicate> {
  if (!after) return { kind: 'all' };
  const projection = offsetProjection(sort);
  const record = projection && (await collection.findOne({ _id: after as never }, { projection }));
  return continueAfter(sort, after, record);
}
function pageCursor(filter: Predicate, sort: SortPlan, after: Predicate, size: number) {
  const mongo = toMongo(and([filter, after]), { entity: companies, sealer: NO_SEALER });
  return collection
    .find(mongo, { projection: { _id: 1 } })
    .sort(mongoSort(sort))
    .limit(size);
}

describe.each([
  '',
  '_sortType=asc',
  '_sortField=state',
  '_sortField=state&_sortType=desc',
  '_sortField=name',
  '_sortField=name&_sortType=desc',
  '_sortField=numberOfEmployees',
  '_sortField=numberOfEmployees&_sortType=desc',
  '_sortField=label',
  '_sortField=version&_sortType=desc',
  'state=active&_sortField=numberOfEmployees',
  'state=empty()&_sortField=numberOfEmployees&_sortType=desc',
])('%s', (query) => {
  const { filter, sort } = list(companies, query);

  test('pages end to end are the whole sorted list', async () => {
    const whole = await pageCursor(filter, sort, { kind: 'all' }, COUNT).toArray();
    const expected = whole.map(({ _id }) => String(_id));
    const seen: string[] = [];
    for (let after: ObjectId | null = null; ; ) {
      const ids = await page(filter, sort, after, 997);
      seen.push(...ids.map(String));
      after = ids.at(-1) ?? null;
      if (!after) break;
    }
    expect(seen).toEqual(expected);
    expect(new Set(seen).size).toBe(seen.length);
  });
});

test('strings sort by code point, empties first', async () => {
  const first = await pageCursor({ kind: 'all' }, { path: 'data.name', direction: -1 }, { kind: 'all' }, 1).toArray();
  const top = await collection.findOne({ _id: first[0]?._id as never });
  expect(top?.data.name.startsWith('\u{1f600}')).toBe(true);
  const [empty] = await page({ kind: 'all' }, { path: 'data.state', direction: 1 }, null, 1);
  expect(empty).toEqual(idOf(0));
});

/** Index keys that a page looks at. */
async function cost(query: string, depth: number): Promise<{ keys: number; stages: string }> {
  const { filter, sort } = list(companies, query);
  const [after] = await pageCursor(filter, sort, { kind: 'all' }, 1).skip(depth).toArray();
  const plan = await pageCursor(filter, sort, await afterFilter(sort, after?._id ?? null), 20).explain(
    'executionStats',
  );
  return { keys: plan.executionStats.totalKeysExamined, stages: JSON.stringify(plan.queryPlanner.winningPlan) };
}

describe('an id offset costs the same at any depth', () => {
  test.each([
    ['', COUNT - 100],
    ['_sortField=name', COUNT - 100],
    ['_sortField=name&_sortType=desc', COUNT - 100],
    ['_sortField=numberOfEmployees', COUNT - 100],
    ['_sortField=numberOfEmployees&_sortType=desc', COUNT - 3_000],
    // in the middle of thousands of equal values, and of empty ones
    ['_sortField=state', 10_000],
    ['_sortField=state', 3_000],
    ['_sortField=state&_sortType=desc', COUNT - 100],
    ['state=active&_sortField=numberOfEmployees', 5_000],
  ])('%s after %i records', async (query, depth) => {
    const deep = await cost(query, depth);
    expect(deep.keys).toBeLessThan(100);
    expect(deep.stages).toContain('IXSCAN');
    expect(deep.stages).not.toContain('"stage":"SORT"');
  });
});

test('where the sorted value is not known any more, only the order by id goes on', async () => {
  const gone = new ObjectId();
  expect(continueAfter({ path: '_id', direction: -1 }, gone, null)).toEqual({ kind: 'range', path: '_id', lt: gone });
  expect(() => continueAfter({ path: 'data.name', direction: 1 }, gone, null)).toThrow(
    expect.objectContaining({ code: 'badRequest', message: expect.stringContaining('[_offset]') }),
  );
});
