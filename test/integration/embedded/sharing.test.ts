// The embedded services of one data folder: shared by processes, taken over from killed ones, moved to another port.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { afterAll, describe, expect, it } from 'vitest';
import { readOrCreateEncryptionKey } from '../../../src/embedded/encryption-key.ts';
import { identify } from '../../../src/embedded/process-record.ts';
import { acquireServices } from '../../../src/embedded/services.ts';
import { scratchFolder } from '../../support/scratch.ts';

const scratch = scratchFolder();
const HOLDER = fileURLToPath(new URL('../../support/holder.ts', import.meta.url));
const SIZE = { cacheGb: 0.25, oplogMb: 256 };

interface Held {
  child: ChildProcess;
  mongodbUri: string;
  pids: { mongod: number; redis: number };
}

const holders: Held[] = [];

/** Whatever a failed test has left behind. */
afterAll(() => {
  for (const { child, pids } of holders) {
    for (const pid of [child.pid, pids.mongod, pids.redis]) if (pid && identify(pid)) process.kill(pid, 'SIGKILL');
  }
});

async function hold(dataDir: string): Promise<Held> {
  const child = spawn(process.execPath, [HOLDER, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout as NonNullable<typeof child.stdout>, 'data')) as [Buffer];
  const held = { child, ...JSON.parse(line.toString()) } as Held;
  holders.push(held);
  return held;
}

async function end(held: Held, signal: NodeJS.Signals): Promise<void> {
  const gone = once(held.child, 'exit');
  held.child.kill(signal);
  expect(await gone).toEqual(signal === 'SIGKILL' ? [null, 'SIGKILL'] : [0, null]);
}

async function withDb<T>(uri: string, task: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 5_000 });
  try {
    return await task(client);
  } finally {
    await client.close();
  }
}

describe('a data folder', () => {
  it('gives two processes that start at once the same services, which end with the last of them', async () => {
    const dataDir = join(scratch, 'shared');
    const [one, two] = await Promise.all([hold(dataDir), hold(dataDir)]);
    expect(two.pids).toEqual(one.pids);
    await end(one, 'SIGTERM');
    expect(identify(one.pids.mongod)).toBeDefined();
    await end(two, 'SIGTERM');
    expect([identify(one.pids.mongod), identify(one.pids.redis)]).toEqual([undefined, undefined]);
  });

  it('takes over what a killed process has left running', async () => {
    const dataDir = join(scratch, 'left');
    const killed = await hold(dataDir);
    await end(killed, 'SIGKILL');
    const heir = await hold(dataDir);
    expect(heir.pids).toEqual(killed.pids);
    await end(heir, 'SIGTERM');
    expect(identify(killed.pids.mongod)).toBeUndefined();
  });

  it('replaces services that were killed, and keeps what was acknowledged', async () => {
    const dataDir = join(scratch, 'killed');
    const before = await hold(dataDir);
    await withDb(before.mongodbUri, (client) =>
      client
        .db('t')
        .collection('c')
        .insertOne({ n: 1 }, { writeConcern: { w: 'majority' } }),
    );
    process.kill(before.pids.mongod, 'SIGKILL');
    process.kill(before.pids.redis, 'SIGKILL');
    await end(before, 'SIGKILL');
    const after = await hold(dataDir);
    expect(after.pids.mongod).not.toBe(before.pids.mongod);
    expect(after.mongodbUri).toBe(before.mongodbUri);
    expect(await withDb(after.mongodbUri, (client) => client.db('t').collection('c').countDocuments())).toBe(1);
    await end(after, 'SIGTERM');
  });

  it('moves to another port when its own is taken, and finds its data there', async () => {
    const dataDir = join(scratch, 'moved');
    const before = await hold(dataDir);
    await withDb(before.mongodbUri, (client) => client.db('t').collection('c').insertOne({ n: 1 }));
    await end(before, 'SIGTERM');
    const { port } = JSON.parse(readFileSync(join(dataDir, 'mongodb.json'), 'utf8')) as { port: number };
    const squatter = createServer((socket) => socket.end()).listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    const after = await hold(dataDir);
    squatter.close();
    expect(after.mongodbUri).not.toBe(before.mongodbUri);
    const insertAndCount = async (client: MongoClient) => {
      await client
        .db('t')
        .collection('c')
        .insertOne({ n: 2 }, { writeConcern: { w: 'majority' } });
      return client.db('t').collection('c').countDocuments();
    };
    expect(await withDb(after.mongodbUri, insertAndCount)).toBe(2);
    await end(after, 'SIGTERM');
  });

  it('that holds something else is refused and left alone', async () => {
    const dataDir = join(scratch, 'foreign');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'thesis.txt'), '');
    await expect(acquireServices({ dataDir, mongo: true, redis: true, size: SIZE })).rejects.toThrow(
      /DATA_DIR .* it holds other files/,
    );
    expect(() => readOrCreateEncryptionKey(dataDir)).toThrow(/DATA_DIR .* it holds other files/);
    expect(existsSync(join(dataDir, 'mongodb'))).toBe(false);
  });
});

describe('the encryption key', () => {
  it('is made once, readable by its owner alone', () => {
    const dataDir = join(scratch, 'key');
    const key = readOrCreateEncryptionKey(dataDir);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(readOrCreateEncryptionKey(dataDir)).toBe(key);
    expect(statSync(join(dataDir, 'encryption.key')).mode & 0o777).toBe(0o600);
  });

  it('that was damaged is not replaced by a new one', () => {
    const dataDir = join(scratch, 'damaged');
    readOrCreateEncryptionKey(dataDir);
    writeFileSync(join(dataDir, 'encryption.key'), '');
    expect(() => readOrCreateEncryptionKey(dataDir)).toThrow(/ENCRYPTION_KEY: .* must hold 64 hex digits/);
  });
});
