// Jobs under everything that can happen to processes and services, with the times of production; shortened in `npm test`.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  backAtWork,
  frozenWorker,
  killAtRandom,
  killedWhileStopping,
  killingJob,
  killTwiceInOneBatch,
  type Scene,
  terminated,
} from '../support/job-faults.ts';
import { playAll } from '../support/job-model.ts';
import {
  flush,
  flushedRedis,
  frozenRedis,
  killedMongo,
  killedRedis,
  type Outage,
  silentWorker,
  steppedDown,
  wakeUpsReturn,
} from '../support/job-outages.ts';
import { killWorkers, openEngine, SHORT, type TestEngine } from '../support/jobs.ts';
import { type OwnServices, startOwnServices } from '../support/own-services.ts';

const options = { queues: 'light:16' };
let services: OwnServices;
let engine: TestEngine;

const scene = (): Scene => ({
  engine,
  options,
  place: { uri: services.mongodbUri, dbName: 'faults', redisUrl: services.redisUrl, redisPrefix: 'faults:' },
});
const outage = (): Outage => ({ ...scene(), services });

beforeAll(async () => {
  services = await startOwnServices();
  engine = await openEngine(scene().place, options);
});

afterEach(killWorkers);
afterAll(async () => {
  await engine?.close();
  await services?.stop();
});

describe('workers', () => {
  it.each([1, 2, 3])('kill -9 at random points (seed %i)', (seed) =>
    killAtRandom(scene(), { kills: 5, units: 600, seed }),
  );

  it('kill -9 twice in one batch', () => killTwiceInOneBatch(scene()));

  it('back at work within 15 s of a restart', () => backAtWork(scene(), 15_000));

  it('frozen, taken over, thawed', () => frozenWorker(scene()));

  it('killed while a job is being stopped', () => killedWhileStopping(scene()));

  it('SIGTERM', () => terminated(scene()));

  it('a job that kills its process five times', async () => {
    expect(await killingJob(scene())).toBe(5);
  });
});

describe('services', () => {
  it('FLUSHALL', () => flushedRedis(outage(), 50));

  it('Redis frozen', () => frozenRedis(outage()));

  it('Redis killed', () => killedRedis(outage()));

  it('wake-ups return', () =>
    wakeUpsReturn(outage(), async () => {
      await flush(services.redisUrl);
      process.kill(services.pids.redis, 'SIGKILL');
      await services.restart();
    }));

  it('the primary steps down again and again', () => steppedDown(outage(), { records: 200_000, times: 3 }));

  it('MongoDB killed', () => killedMongo(outage()));

  it('a worker that has stopped consuming for 60 s says so', () => silentWorker(outage(), 60_000));
});

it('a thousand sequences of calls never leave the state table', async () => {
  const place = { ...scene().place, dbName: 'model', redisPrefix: 'model:' };
  const short = { ...options, timings: SHORT };
  const own = await openEngine(place, short);
  try {
    const { kills } = await playAll(own, place, short, { sequences: 1_000, seed: 1, atOnce: 16, killEveryMs: 300 });
    expect(kills).toBeGreaterThan(3);
  } finally {
    await own.close();
  }
});
