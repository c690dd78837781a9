// Transactions: whole or not at all, tried again where that helps, and ended from outside when their process can't any more.
import { type Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSessions, inTransaction, type Sessions, sessionId } from '../../../src/db/transaction.ts';
import { testDatabase } from '../../support/services.ts';

const database = testDatabase();
let client: MongoClient;
let db: Db;
let sessions: Sessions;

interface Counter {
  readonly _id: string;
  readonly n: number;
}

beforeAll(async () => {
  client = await new MongoClient(database.uri).connect();
  db = client.db(database.dbName);
  sessions = createSessions(client);
});
afterAll(() => client.close());

const counters = () => db.collection<Counter>('counters');
const count = async (id: string): Promise<number> => (await counters().findOne({ _id: id }))?.n ?? 0;

beforeEach(async () => {
  await counters().deleteMany({});
  await counters().insertMany([
    { _id: 'a', n: 0 },
    { _id: 'b', n: 0 },
  ]);
});

describe('run', () => {
  it('stores all or, when the work throws, nothing', async () => {
    const work = sessions.run(async (session) => {
      await counters().updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
      throw new Error('on purpose');
    });
    await expect(work).rejects.toThrow('on purpose');
    expect(await count('a')).toBe(0);
    await sessions.run(async (session) => {
      await counters().updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
      await counters().updateOne({ _id: 'b' }, { $inc: { n: 1 } }, { session });
    });
    expect([await count('a'), await count('b')]).toEqual([1, 1]);
  });

  it('is tried again after conflicts: each of many takes effect once', async () => {
    const work = (): Promise<unknown> =>
      sessions.run((session) => counters().updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session }));
    await Promise.all(Array.from({ length: 30 }, work));
    expect(await count('a')).toBe(30);
  });
});

describe('kill', () => {
  it('frees at once what a session holds, and the session can be used again', async () => {
    const session = sessions.open();
    session.startTransaction();
    await counters().updateOne({ _id: 'a' }, { $inc: { n: 100 } }, { session });
    await sessions.kill([sessionId(session)]);
    const start = performance.now();
    await counters().updateOne({ _id: 'a' }, { $inc: { n: 1 } });
    expect(performance.now() - start).toBeLessThan(5_000);
    await session.abortTransaction();
    await inTransaction(session, () => counters().updateOne({ _id: 'a' }, { $inc: { n: 10 } }, { session }));
    await sessions.close(session);
    expect(await count('a')).toBe(11);
  });

  it('at any moment of a unit: it is tried again and takes effect once', async () => {
    const session = sessions.open();
    let tries = 0;
    const killed = [0, 1, 2].map((step) => `step ${step}`);
    await inTransaction(session, async () => {
      tries += 1;
      for (const [step, id] of ['a', 'b', 'c'].entries()) {
        await counters().updateOne({ _id: id }, { $inc: { n: 1 } }, { session, upsert: true });
        if (killed[0] === `step ${step}`) {
          killed.shift();
          await sessions.kill([sessionId(session)]);
        }
      }
    });
    await sessions.close(session);
    expect(tries).toBe(4);
    expect(await Promise.all(['a', 'b', 'c'].map(count))).toEqual([1, 1, 1]);
  });

  it('while calls are under way, again and again: nothing is lost and nothing done twice', async () => {
    const session = sessions.open();
    let done = false;
    const killer = (async () => {
      while (!done) {
        await sessions.kill([sessionId(session)]);
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
    })();
    for (let unit = 0; unit < 40; unit += 1) {
      await inTransaction(session, async () => {
        await counters().updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
        await counters().updateOne({ _id: 'b' }, { $inc: { n: 1 } }, { session });
      });
    }
    done = true;
    await killer;
    await sessions.close(session);
    expect([await count('a'), await count('b')]).toEqual([40, 40]);
  });
});
