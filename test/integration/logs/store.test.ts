// The collection of the app's log: batches that are sent twice, and a size that it keeps.
import { type Db, MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LogDocument } from '../../../src/logs/log.ts';
import { createLogStore, type LogStore } from '../../../src/logs/store.ts';
import { testDatabase } from '../../support/services.ts';

const database = testDatabase();
let client: MongoClient;
let db: Db;
let store: LogStore;

beforeAll(async () => {
  client = await new MongoClient(database.uri).connect();
  db = client.db(database.dbName);
  store = createLogStore(db, { queryTimeoutMs: 10_000, counts: { all: async () => 0 } });
});
afterAll(() => client.close());
beforeEach(async () => {
  await db.collection('appLog').drop();
  await store.ensureIndexes();
});

const line = (number: number, message = `line ${number}`): LogDocument => ({
  _id: new ObjectId(),
  type: 'APP',
  level: 'INFO',
  message,
  userEmail: 'a@b.c',
  timestamp: new Date(1_000 + number),
});
const left = async (): Promise<string[]> =>
  (await store.page({ filter: {}, after: null, skip: 0, limit: 100_000 })).map(({ message }) => message);

describe('a batch', () => {
  it('that is sent again, since its answer got lost, is there once', async () => {
    const batch = [line(1), line(2), line(3)];
    await store.insertMany(batch.slice(0, 2));
    await store.insertMany(batch);
    await store.insertMany(batch);
    expect(await left()).toEqual(['line 1', 'line 2', 'line 3']);
  });

  it('that is refused for another reason fails', async () => {
    await db.command({ collMod: 'appLog', validator: { message: { $ne: 'bad' } } });
    await expect(store.insertMany([line(1), line(2, 'bad')])).rejects.toThrow(/validation/);
  });
});

describe('trimming', () => {
  const KB = 'x'.repeat(1_000);
  const fill = (count: number) =>
    store.insertMany(Array.from({ length: count }, (_, index) => line(index, `${index} ${KB}`)));
  const bytes = async (): Promise<number> => (await db.command({ collStats: 'appLog' })).size;

  it('removes nothing below the limit', async () => {
    await fill(100);
    expect(await store.trim(1_000_000)).toBe(0);
    expect(await left()).toHaveLength(100);
  });

  it('removes the oldest above it, to somewhat below', async () => {
    await fill(1_000);
    const removed = await store.trim(500_000);
    expect(removed).toBeGreaterThan(500);
    expect(removed).toBeLessThan(650);
    expect(await bytes()).toBeLessThan(500_000);
    const messages = await left();
    expect(messages).toHaveLength(1_000 - removed);
    expect(messages[0]).toBe(`${removed} ${KB}`);
    expect(await store.trim(500_000)).toBe(0);
  });

  it('goes by the time of the lines, not by the order of their coming', async () => {
    await store.insertMany(Array.from({ length: 100 }, (_, index) => line(100 - index, `${100 - index} ${KB}`)));
    const removed = await store.trim(50_000);
    expect((await left())[0]).toBe(`${removed + 1} ${KB}`);
  });

  it('by several processes at once removes no more than by one', async () => {
    await fill(1_000);
    const removed = await Promise.all(Array.from({ length: 4 }, () => store.trim(500_000)));
    const all = removed.reduce((sum, one) => sum + one, 0);
    expect(all).toBe(1_000 - (await left()).length);
    expect(all).toBeGreaterThan(500);
    expect(await bytes()).toBeGreaterThan(300_000);
  });

  it('removes more than one batch of deletions', async () => {
    await store.insertMany(Array.from({ length: 45_000 }, (_, index) => line(index)));
    const size = await bytes();
    expect(await store.trim(Math.round(size / 10))).toBeGreaterThan(40_000);
    expect(await bytes()).toBeLessThan(size / 10);
  });

  it('of an empty log does nothing', async () => {
    expect(await store.trim(1)).toBe(0);
  });
});
