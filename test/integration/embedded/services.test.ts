// The services of the run are real: a replica set with transactions, a Redis that evicts nothing.
import { MongoClient } from 'mongodb';
import { expect, it } from 'vitest';
import { testDatabase } from '../../support/services.ts';

const { uri, dbName } = testDatabase();

it('commits a transaction over two collections', async () => {
  const client = new MongoClient(uri);
  try {
    const db = client.db(dbName);
    await client.withSession((session) =>
      session.withTransaction(async () => {
        await db.collection('a').insertOne({ n: 1 }, { session });
        await db.collection('b').insertOne({ n: 1 }, { session });
      }),
    );
    expect(await db.collection('b').countDocuments()).toBe(1);
  } finally {
    await client.close();
  }
});
