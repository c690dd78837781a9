// Connecting to Redis: the policy it must have, and what happens while it is away.
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StartError } from '../../../src/db/connecting.ts';
import { connectRedis } from '../../../src/db/redis.ts';
import { recordingLog } from '../../support/log.ts';
import { freePort } from '../../support/lone-mongod.ts';
import { type OwnServices, startOwnServices } from '../../support/own-services.ts';

let own: OwnServices;
let admin: Redis;

beforeAll(async () => {
  own = await startOwnServices();
  admin = new Redis(own.redisUrl);
  admin.on('error', () => {}); // it is killed on purpose
  await admin.acl('SETUSER', 'noinfo', 'on', '>p', '~*', '+@all', '-info', '-config');
  await admin.acl('SETUSER', 'noconfig', 'on', '>p', '~*', '+@all', '-config');
});
afterAll(async () => {
  admin.disconnect();
  await own.stop();
});

const as = (user: string) => own.redisUrl.replace('redis://', `redis://${user}:p@`);
const connect = (redisUrl: string, log = recordingLog().log, connectTimeoutMs = 2_000) =>
  connectRedis({ redisUrl, redisPrefix: 'test:', connectTimeoutMs }, log);

describe('maxmemory-policy', () => {
  it('noeviction is accepted without a word', async () => {
    const { log, entries } = recordingLog();
    const redis = await connect(own.redisUrl, log);
    await redis.close();
    expect(entries.filter(({ level }) => level > 30)).toEqual([]);
  });

  it.each(['default', 'noconfig'])('another one is refused at once (user %s)', async (user) => {
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    try {
      const failure = connect(user === 'default' ? own.redisUrl : as(user), recordingLog().log, 60_000);
      await expect(failure).rejects.toThrow(StartError);
      await expect(failure).rejects.toThrow(/must have maxmemory-policy noeviction, it has allkeys-lru/);
    } finally {
      await admin.config('SET', 'maxmemory-policy', 'noeviction');
    }
  });

  it('that can not be read is a warning', async () => {
    const { log, messages } = recordingLog();
    const redis = await connect(as('noinfo'), log);
    await redis.close();
    expect(messages()).toContainEqual(expect.stringMatching(/maxmemory-policy of Redis at .* can't be read/));
  });
});

it('a wrong password is refused at once, without being printed', async () => {
  const failure = connect(own.redisUrl.replace('redis://', 'redis://default2:geheim@'), recordingLog().log, 60_000);
  await expect(failure).rejects.toThrow(/refused the login of REDIS_URL: WRONGPASS/);
  await expect(failure).rejects.not.toThrow(/geheim/);
});

it('nothing there ends the start when the time is over', async () => {
  const port = await freePort();
  const { log, messages } = recordingLog();
  await expect(connect(`redis://127.0.0.1:${port}`, log, 700)).rejects.toThrow(
    /can't be reached: .*ECONNREFUSED.* Tried for 700 ms/,
  );
  expect(messages().length).toBeGreaterThanOrEqual(2);
});

it('while it is away, requests fail at once, waiting commands wait, and both heal; said once each', async () => {
  const { log, messages } = recordingLog();
  const redis = await connect(own.redisUrl, log);
  const waiting = redis.openWaiting('test');
  await redis.fast.set('k', 'v');
  process.kill(own.pids.redis, 'SIGKILL');
  await sleep(300);
  const begin = performance.now();
  await expect(redis.fast.get('k')).rejects.toThrow();
  expect(performance.now() - begin).toBeLessThan(200);
  expect(await redis.isReady()).toBe(false);
  const patient = waiting.set('later', 'v');
  await own.restart();
  expect(await patient).toBe('OK');
  await expect.poll(() => redis.isReady(), { timeout: 5_000 }).toBe(true);
  expect(await redis.fast.get('k')).toBe('v');
  await redis.close();
  expect(messages().filter((message) => / is away$/.test(message))).toHaveLength(2);
  expect(messages().filter((message) => / is back$/.test(message))).toHaveLength(2);
});

it('a frozen one is not ready, and is when it goes on', async () => {
  const redis = await connect(own.redisUrl, recordingLog().log);
  process.kill(own.pids.redis, 'SIGSTOP');
  const begin = performance.now();
  expect(await redis.isReady()).toBe(false);
  expect(performance.now() - begin).toBeLessThan(3_000);
  process.kill(own.pids.redis, 'SIGCONT');
  expect(await redis.isReady()).toBe(true);
  await redis.close();
});
