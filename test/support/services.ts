// A database of its own for each test file, on the services of the run.
import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll, inject } from 'vitest';

/** Where a test file finds its own corner of the run's services. */
export interface TestDatabase {
  /** The URI without a database name; the name goes into `MONGODB_DB`. */
  uri: string;
  dbName: string;
  redisUrl: string;
  /** Keeps this file's keys apart in the shared Redis. */
  redisPrefix: string;
}

/** Call it at the top of a test file; the database is dropped when the file's tests are done. */
export function testDatabase(): TestDatabase {
  const { mongodbUri, redisUrl } = inject('services');
  const dbName = `t_${randomBytes(6).toString('hex')}`;
  afterAll(() => dropDatabase(mongodbUri, dbName));
  return { uri: mongodbUri, dbName, redisUrl, redisPrefix: `${dbName}:` };
}

async function dropDatabase(uri: string, dbName: string): Promise<void> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 5_000 });
  try {
    await client.db(dbName).dropDatabase();
  } finally {
    await client.close();
  }
}
