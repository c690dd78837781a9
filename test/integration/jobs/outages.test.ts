// Redis and MongoDB go away under running jobs; on services of this file's own.
import { afterAll, afterEach, beforeAll, it } from 'vitest';
import {
  flush,
  flushedRedis,
  frozenRedis,
  killedRedis,
  type Outage,
  silentWorker,
  steppedDown,
  wakeUpsReturn,
} from '../../support/job-outages.ts';
import { killWorkers, openEngine, SHORT, type TestEngine } from '../../support/jobs.ts';
import { type OwnServices, startOwnServices } from '../../support/own-services.ts';

const options = { timings: { ...SHORT, silent: 1_500 } };
let services: OwnServices;
let engine: TestEngine;

const outage = (): Outage => ({
  services,
  engine,
  options,
  place: { uri: services.mongodbUri, dbName: 'outages', redisUrl: services.redisUrl, redisPrefix: 'outages:' },
});

beforeAll(async () => {
  services = await startOwnServices();
  engine = await openEngine(
    { uri: services.mongodbUri, dbName: 'outages', redisUrl: services.redisUrl, redisPrefix: 'outages:' },
    options,
  );
});

afterEach(killWorkers);
afterAll(async () => {
  await engine?.close();
  await services?.stop();
});

it('FLUSHALL loses no job and runs none twice', async () => {
  await flushedRedis(outage(), 10);
}, 60_000);

it('with Redis frozen calls are answered and jobs run', async () => {
  await frozenRedis(outage());
}, 60_000);

it('kill -9 of Redis loses no job; when it is back workers are woken up again', async () => {
  await killedRedis(outage());
}, 60_000);

it('wake-ups return after FLUSHALL and after a restart of Redis', async () => {
  await wakeUpsReturn(outage(), async () => {
    await flush(services.redisUrl);
    process.kill(services.pids.redis, 'SIGKILL');
    await services.restart();
  });
}, 90_000);

it('a primary that steps down in a bulk delete is waited for', async () => {
  await steppedDown(outage(), { records: 20_000, times: 1 });
}, 90_000);

it('a worker that cannot look for jobs says so', async () => {
  await silentWorker(outage(), 1_500);
}, 60_000);
