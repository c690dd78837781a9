// What the query language lets through, MongoDB takes: no random query or aggregate ends in an error of the database.
import fc from 'fast-check';
import { type Document, MongoClient, MongoServerError } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppError } from '../../../src/errors.ts';
import { compileAggregate } from '../../../src/query/aggregate.ts';
import { parseList } from '../../../src/query/list.ts';
import { mongoSort } from '../../../src/query/page.ts';
import { toMongo } from '../../../src/query/to-mongo.ts';
import { ENV } from '../../support/fields.ts';
import { storeQueryData } from '../../support/query-data.ts';
import { aggregateBody, everything, queryPairs } from '../../support/query-fuzz.ts';
import { aggregateEnv, companies, contacts, NO_SEALER, queryEnv } from '../../support/query-models.ts';
import { testDatabase } from '../../support/services.ts';

const RUNS = Number(process.env.QUERY_FUZZ_RUNS ?? 3_000);
const SEED = Number(process.env.QUERY_FUZZ_SEED ?? 1);
const database = testDatabase();
const client = new MongoClient(database.uri);
beforeAll(async () => {
  await client.connect();
  const db = client.db(database.dbName);
  await storeQueryData(db);
  await db.collection('everything').insertOne({ version: 1, label: 'x', data: { textOne: 'x' } });
  for (const field of ['geoPointOne', 'geoPointMany']) {
    await db.collection('everything').createIndex({ [`data.${field}`]: '2dsphere' });
  }
});
afterAll(() => client.close());

/** What a query compiles to; null when it is refused. */
function compiled<T>(compile: () => T): T | null {
  try {
    return compile();
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

test(`${RUNS} random query strings`, async () => {
  const collection = client.db(database.dbName).collection<Document>('everything');
  let ran = 0;
  await fc.assert(
    fc.asyncProperty(queryPairs, async (pairs) => {
      const query = compiled(() => parseList(everything, pairs, queryEnv()));
      if (!query) return;
      ran++;
      const options = { entity: everything, sealer: NO_SEALER };
      const cursor = collection.find(
        toMongo(query.filter, { ...options, near: query.byDistance ? 'order' : 'within' }),
      );
      if (!query.byDistance) cursor.sort(mongoSort(query.sort));
      await cursor.limit(query.size || 1).toArray();
      await collection.countDocuments(toMongo(query.filter, options));
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(ran).toBeGreaterThan(RUNS / 20);
});

test(`${RUNS} random aggregates`, async () => {
  const sealer = { isSealed: (_value: unknown): _value is never => false, unseal: () => null };
  let ran = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('companies', 'contacts'), aggregateBody, async (name, body) => {
      const entity = name === 'companies' ? companies : contacts;
      const aggregate = compiled(() => compileAggregate(entity, body, aggregateEnv()));
      if (!aggregate) return;
      ran++;
      try {
        const found = await client
          .db(database.dbName)
          .collection(name)
          .aggregate([...aggregate.pipeline])
          .toArray();
        JSON.stringify(found.map((document) => aggregate.print(document, { env: ENV, sealer })));
      } catch (error) {
        throw error instanceof MongoServerError
          ? new Error(`${error.message}: ${JSON.stringify(aggregate.pipeline)}`)
          : error;
      }
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(ran).toBeGreaterThan(RUNS / 50);
});
