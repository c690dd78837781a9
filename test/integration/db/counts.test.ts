// Totals of whole collections after a kill -9 of mongod, whose own counts are wrong then: exact from the first answer on.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Counts, createCounts } from '../../../src/db/counts.ts';
import { connectMongo, type MongoConnection } from '../../../src/db/mongo.ts';
import { recordingLog } from '../../support/log.ts';
import { type OwnServices, startOwnServices } from '../../support/own-services.ts';

const QUERY_TIMEOUT_MS = 30_000;

let own: OwnServices;
let mongo: MongoConnection;
let counts: Counts;
/** Names of the commands on the collection of the tests. */
let commands: string[] = [];
const heard = recordingLog();

beforeAll(async () => {
  own = await startOwnServices();
  mongo = await connectMongo(
    { mongodbUri: own.mongodbUri, mongodbDb: 'counts', connectTimeoutMs: 20_000 },
    heard.log,
    (client) => {
      client.on('commandStarted', ({ command, commandName }) => {
        if (command[commandName] === 'things') commands.push(commandName);
      });
    },
  );
  counts = createCounts({ ...mongo, queryTimeoutMs: QUERY_TIMEOUT_MS, log: heard.log });
});
afterAll(async () => {
  await counts?.close();
  await mongo?.close();
  await own?.stop();
});

const things = () => mongo.db.collection('things');
const countExactly = () => things().countDocuments({});
const insert = (number: number) => things().insertMany(Array.from({ length: number }, (_, n) => ({ n })));

/** Kills mongod when its own count is on disk, but newer records are only in the journal: so it comes back with a wrong one. */
async function crash(): Promise<void> {
  await insert(300);
  await mongo.db.admin().command({ fsync: 1 });
  await insert(500);
  process.kill(own.pids.mongod, 'SIGKILL');
  await own.restart();
}

/** Until answers come from MongoDB's own count. */
async function corrected(by = counts): Promise<void> {
  await expect
    .poll(
      async () => {
        commands = [];
        await by.all('things');
        return commands;
      },
      { timeout: 20_000 },
    )
    .toEqual(['count']);
}

it('a collection that does not exist has no documents', async () => {
  expect(await counts.all('nothing')).toBe(0);
});

it('are exact at once, and soon for next to nothing', async () => {
  await crash();
  const exact = await countExactly();
  expect(await things().estimatedDocumentCount()).not.toBe(exact);
  expect(await counts.all('things')).toBe(exact);
  await corrected();
  expect(await counts.all('things')).toBe(exact);
  await insert(7);
  await things().deleteMany({ n: 3 });
  expect(await counts.all('things')).toBe(await countExactly());
  expect(heard.messages().join()).toContain('the count of a collection was off, as after an unclean stop');
});

it('another process uses what was measured', async () => {
  const other = createCounts({ ...mongo, queryTimeoutMs: QUERY_TIMEOUT_MS, log: heard.log });
  const warnings = heard.messages().length;
  await corrected(other);
  expect(await other.all('things')).toBe(await countExactly());
  await other.close();
  expect(heard.messages()).toHaveLength(warnings);
});

it('are exact beside writers, in the middle of a crash too', { timeout: 90_000 }, async () => {
  let stopped = false;
  /** Bounds of what may be there: acknowledged, and sent. */
  const sent = { inserts: await countExactly(), deletes: 0 };
  const done = { inserts: sent.inserts, deletes: 0 };
  const write = async (): Promise<void> => {
    const ids: unknown[] = [];
    while (!stopped) {
      const isDelete = ids.length > 3;
      const kind = isDelete ? 'deletes' : 'inserts';
      sent[kind] += 1;
      try {
        if (isDelete) await things().deleteOne({ _id: ids.shift() as never });
        else ids.push((await things().insertOne({})).insertedId);
        done[kind] += 1;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50)); // whether it happened stays open: the bounds tell
      }
    }
  };
  const writers = Promise.all(Array.from({ length: 10 }, write));
  await crash();
  sent.inserts += 800;
  done.inserts += 800;
  for (let look = 0; look < 100; look++) {
    const [least, deletes] = [done.inserts, done.deletes];
    const total = await counts.all('things');
    expect(total).toBeGreaterThanOrEqual(least - sent.deletes);
    expect(total).toBeLessThanOrEqual(sent.inserts - deletes);
    if (look % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await corrected();
  stopped = true;
  await writers;
  expect(await counts.all('things')).toBe(await countExactly());
});

it('each new primary is measured anew', async () => {
  const before = mongo.primary.identity();
  await mongo.db.admin().command({ replSetStepDown: 1, force: true });
  await expect.poll(() => mongo.primary.identity(), { timeout: 20_000 }).not.toBeOneOf([before, null]);
  commands = [];
  expect(await counts.all('things')).toBe(await countExactly());
  expect(commands[0]).toBe('aggregate');
  await corrected();
});

it('who asks while a count runs gets one that began later', async () => {
  const slow = createCounts({
    ...mongo,
    primary: { identity: () => null },
    queryTimeoutMs: QUERY_TIMEOUT_MS,
    log: heard.log,
  });
  commands = [];
  const asked = Array.from({ length: 20 }, () => slow.all('things'));
  const exact = await countExactly();
  expect(new Set(await Promise.all(asked))).toEqual(new Set([exact]));
  // the two of the twenty, and the one for comparison
  expect(commands).toHaveLength(3);
});
