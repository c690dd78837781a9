// Connecting to MongoDB: what is refused and how it is said, what is waited for, and how its errors arrive.
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnyClientBulkWriteModel, Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StartError } from '../../../src/db/connecting.ts';
import { DuplicateKeyError, guarded } from '../../../src/db/errors.ts';
import { connectMongo, type MongoConnection } from '../../../src/db/mongo.ts';
import { recordingLog } from '../../support/log.ts';
import { freePort, startLoneMongod } from '../../support/lone-mongod.ts';
import { type OwnServices, startOwnServices } from '../../support/own-services.ts';
import { testDatabase } from '../../support/services.ts';

const { uri, dbName } = testDatabase();
const { log } = recordingLog();

const connect = (mongodbUri: string, connectTimeoutMs = 3_000, to = log) =>
  connectMongo({ mongodbUri, mongodbDb: dbName, connectTimeoutMs }, to);

describe('refused at the start', () => {
  let standalone: Awaited<ReturnType<typeof startLoneMongod>>;
  let uninitiated: Awaited<ReturnType<typeof startLoneMongod>>;

  beforeAll(async () => {
    [standalone, uninitiated] = await Promise.all([startLoneMongod(), startLoneMongod(['--replSet', 'rs0'])]);
  });
  afterAll(() => Promise.all([standalone.stop(), uninitiated.stop()]));

  it('a standalone server, at once, with the way to mend it', async () => {
    const begin = performance.now();
    const failure = connect(`mongodb://127.0.0.1:${standalone.port}/`, 60_000);
    await expect(failure).rejects.toThrow(StartError);
    await expect(failure).rejects.toThrow(/is a standalone server.*--replSet rs0.*rs\.initiate\(\).*\?replicaSet=rs0/);
    expect(performance.now() - begin).toBeLessThan(5_000);
  });

  it('a standalone server where the URI names a replica set', async () => {
    const failure = connect(`mongodb://127.0.0.1:${standalone.port}/?replicaSet=rs0`, 60_000);
    await expect(failure).rejects.toThrow(/does not belong to the replica set.*--replSet rs0/);
  });

  it('a replica set that nobody initiated, after the time for waiting', async () => {
    const failure = connect(
      `mongodb://127.0.0.1:${uninitiated.port}/?replicaSet=rs0&serverSelectionTimeoutMS=500`,
      1_500,
    );
    await expect(failure).rejects.toThrow(/has not been initiated.*rs\.initiate\(\).*CONNECT_TIMEOUT_MS/);
  });

  it('a URI with an option that does not exist', async () => {
    await expect(connect('mongodb://h/?nonsense=1')).rejects.toThrow(/^MONGODB_URI must be .*nonsense/);
  });
});

describe('nothing there', () => {
  it('is waited for, said, and found when it comes', async () => {
    const own = await startOwnServices();
    try {
      process.kill(own.pids.mongod, 'SIGKILL');
      const heard = recordingLog();
      const quick = `${own.mongodbUri}&serverSelectionTimeoutMS=300`;
      const connecting = connect(quick, 30_000, heard.log);
      await sleep(1_500);
      await own.restart();
      const connection = await connecting;
      await connection.close();
      const said = heard
        .messages()
        .filter((message) => /MongoDB at 127\.0\.0\.1:\d+ can't be reached, trying again/.test(message));
      expect(said.length).toBeGreaterThanOrEqual(2);
      const waits = heard.entries.flatMap(({ waitMs }) => (typeof waitMs === 'number' ? [waitMs] : []));
      expect(waits.slice(0, 2)).toEqual([250, 500]);
    } finally {
      await own.stop();
    }
  });

  it('ends the start when the time is over; the password is not in the message', async () => {
    const port = await freePort();
    const failure = connect(`mongodb://user:geheim@127.0.0.1:${port}/?serverSelectionTimeoutMS=200`, 500);
    await expect(failure).rejects.toThrow(
      new RegExp(`MongoDB at 127\\.0\\.0\\.1:${port} can't be reached: .*Tried for 500 ms`),
    );
    await expect(failure).rejects.not.toThrow(/geheim/);
  });
});

describe('errors', () => {
  let connection: MongoConnection;

  beforeAll(async () => {
    connection = await connect(uri);
    const unique = connection.db.collection<Document>('unique');
    await unique.createIndex({ k: 1 }, { unique: true, name: 'k_unique' });
    await unique.insertOne({ k: 'taken' });
  });
  afterAll(() => connection.close());

  const taken = { index: 'k_unique', keyValue: { k: 'taken' } };

  const insertOf = (k: string): AnyClientBulkWriteModel<Document> => {
    return { namespace: `${dbName}.unique`, name: 'insertOne', document: { k } };
  };

  it.each([
    ['insertOne', 0, () => connection.db.collection<Document>('unique').insertOne({ k: 'taken' })],
    ['insertMany', 1, () => connection.db.collection<Document>('unique').insertMany([{ k: 'a' }, { k: 'taken' }])],
    [
      'updateOne',
      0,
      () =>
        connection.db
          .collection<Document>('unique')
          .updateOne({ k: 'other' }, { $set: { k: 'taken' } }, { upsert: true }),
    ],
    ['bulkWrite over collections', 1, () => connection.client.bulkWrite(['b', 'taken'].map(insertOf))],
  ])('a duplicate in %s names index, value and position', async (_, position, write) => {
    const failure = guarded<unknown>(write);
    await expect(failure).rejects.toBeInstanceOf(DuplicateKeyError);
    await expect(failure).rejects.toMatchObject({ ...taken, position });
  });

  it('a query over its time is a timeout of the contract', async () => {
    const slow = () =>
      connection.db.collection<Document>('unique').find({ $where: 'sleep(500) || true' }).maxTimeMS(20).toArray();
    await expect(guarded(slow)).rejects.toMatchObject({ code: 'timeout', status: 400 });
  });

  it('a wrong call stays what it is', async () => {
    const wrong = () => connection.db.collection<Document>('unique').findOne({ $nonsense: 1 });
    await expect(guarded(wrong)).rejects.toThrow(/unknown top level operator/);
  });

  it('writes wait for the majority whatever the URI says', async () => {
    const weak = await connect(`${uri}&w=0`);
    expect(weak.client.options.writeConcern).toMatchObject({ w: 'majority', j: true });
    await weak.close();
  });
});

describe('MongoDB away', () => {
  let own: OwnServices;
  let connection: MongoConnection;

  beforeAll(async () => {
    own = await startOwnServices();
    connection = await connect(own.mongodbUri);
  });
  afterAll(async () => {
    await connection.close();
    await own.stop();
  });

  it('is "unavailable" within 5 s for reads and writes, and heals by itself', async () => {
    const numbers = connection.db.collection('numbers');
    await numbers.insertOne({ n: 1 });
    process.kill(own.pids.mongod, 'SIGKILL');
    for (const call of [() => numbers.insertOne({ n: 2 }), () => numbers.findOne({ n: 1 })]) {
      const begin = performance.now();
      await expect(guarded<unknown>(call)).rejects.toMatchObject({ code: 'applicationUnavailable', status: 503 });
      expect(performance.now() - begin).toBeLessThan(5_000);
    }
    await own.restart();
    await guarded(() => numbers.insertOne({ n: 3 }));
    expect(await guarded(() => numbers.countDocuments({ n: { $in: [1, 3] } }))).toBe(2);
  });
});
