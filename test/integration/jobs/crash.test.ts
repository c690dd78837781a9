// Workers that are killed, frozen and stopped, in processes of their own; the long versions are in test/faults.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  backAtWork,
  frozenWorker,
  killAtRandom,
  killedWhileStopping,
  killingJob,
  killTwiceInOneBatch,
  type Scene,
  terminated,
} from '../../support/job-faults.ts';
import { killWorkers, openEngine, SHORT, type TestEngine } from '../../support/jobs.ts';
import { testDatabase } from '../../support/services.ts';

const place = testDatabase();
const options = { timings: SHORT };
let engine: TestEngine;
const scene = (): Scene => ({ place, engine, options });

beforeAll(async () => {
  engine = await openEngine(place, options);
});

afterEach(killWorkers);
afterAll(() => engine?.close());

it('kill -9 at random points: the job finishes and every unit took effect once', async () => {
  await killAtRandom(scene(), { kills: 3, units: 120, seed: 8 });
}, 60_000);

it('kill -9 twice in one batch: the same', async () => {
  await killTwiceInOneBatch(scene());
}, 60_000);

it('after a crash and a restart the job goes on', async () => {
  await backAtWork(scene(), 10_000);
}, 60_000);

it('a frozen worker that was taken over writes nothing when it thaws', async () => {
  await frozenWorker(scene());
}, 60_000);

it('a job whose worker dies while it is being stopped is stopped', async () => {
  await killedWhileStopping(scene());
}, 60_000);

it('SIGTERM hands jobs back and exits with 0', async () => {
  await terminated(scene());
}, 60_000);

it('a job that kills its process five times ends with errors and holds nobody up', async () => {
  expect(await killingJob(scene())).toBe(5);
}, 120_000);
