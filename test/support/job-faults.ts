// What may happen to workers, as scenarios: short ones for `npm test`, long ones for `npm run test:faults`.
import { ObjectId } from 'mongodb';
import { expect } from 'vitest';
import { DEVELOPER } from './callers.ts';
import type { CountInput } from './job-handlers.ts';
import {
  forkWorker,
  type JobPlace,
  type JobTestOptions,
  reaches,
  type TestEngine,
  until,
  type WorkerProcess,
} from './jobs.ts';

export interface Scene {
  readonly place: JobPlace;
  /** Submits and looks; runs nothing itself. */
  readonly engine: TestEngine;
  readonly options: Omit<JobTestOptions, 'log' | 'now'>;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Numbers between 0 and 1 that are the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export async function submitCount(engine: TestEngine, input: CountInput, over: object = {}): Promise<string> {
  const request = { type: 'TEST_COUNT', label: 'count', input: { ...input }, ...over };
  return (await engine.jobs.submit(DEVELOPER, request)).jobId;
}

/** Every unit of a finished job took effect exactly once, and the job says so. */
export async function expectOnce(engine: TestEngine, id: string, units: number): Promise<void> {
  const effects = await engine.effects.find({ _id: { $regex: `^${id}:` } }).toArray();
  expect(effects.filter(({ n }) => n !== 1)).toEqual([]);
  expect(effects.length).toBe(units);
  const job = await engine.jobs.read(DEVELOPER, id);
  expect(job).toMatchObject({ status: 'FINISHED', hasErrors: false, recordsProcessed: units, recordsCount: units });
  expect(Object.keys(job.results).length).toBe(Math.min(units, 1_000));
}

const processed = async (engine: TestEngine, id: string): Promise<number> =>
  (await engine.jobs.read(DEVELOPER, id)).recordsProcessed;

/** kill -9 of the only worker again and again, at points that the seed chooses. */
export async function killAtRandom(
  { place, engine, options }: Scene,
  plan: { kills: number; units: number; seed: number },
): Promise<void> {
  const random = seeded(plan.seed);
  const id = await submitCount(engine, { units: plan.units, batch: 3, pause: 5 });
  for (let kill = 0; kill < plan.kills; kill += 1) {
    const before = await processed(engine, id);
    const worker = await forkWorker(place, options);
    await until(
      'the job goes on',
      () => processed(engine, id),
      (now) => now > before,
    );
    await sleep(random() * 150);
    worker.kill('SIGKILL');
    await worker.ended;
  }
  const last = await forkWorker(place, options);
  await reaches(engine, id, 'FINISHED', 60_000);
  await expectOnce(engine, id, plan.units);
  last.kill('SIGTERM');
  expect(await last.ended).toEqual({ code: 0, signal: null });
}

/** kill -9 twice while one and the same batch is under way. */
export async function killTwiceInOneBatch({ place, engine, options }: Scene): Promise<void> {
  const id = await submitCount(engine, { units: 20, batch: 10, dwell: 600 });
  for (let kill = 0; kill < 2; kill += 1) {
    const attempts = (await engine.jobDocuments.findOne({ _id: new ObjectId(id) }))?.attempt ?? 0;
    const worker = await forkWorker(place, options);
    await until(
      'it is claimed',
      () => engine.jobDocuments.findOne({ _id: new ObjectId(id) }),
      (job) => Boolean(job?.claim) && (job?.attempt ?? 0) > attempts,
    );
    await sleep(300);
    worker.kill('SIGKILL');
    await worker.ended;
    expect(await processed(engine, id)).toBe(0);
  }
  const last = await forkWorker(place, options);
  await reaches(engine, id, 'FINISHED', 60_000);
  await expectOnce(engine, id, 20);
  last.kill('SIGKILL');
}

/** Back at work after a crash within `ms`, measured from the restart. */
export async function backAtWork({ place, engine, options }: Scene, ms: number): Promise<void> {
  const id = await submitCount(engine, { units: 10_000, pause: 5 });
  const first = await forkWorker(place, options);
  await until(
    'it has begun',
    () => processed(engine, id),
    (done) => done > 3,
  );
  first.kill('SIGKILL');
  await first.ended;
  const before = await processed(engine, id);
  const start = performance.now();
  const second = await forkWorker(place, options);
  await until(
    'it goes on',
    () => processed(engine, id),
    (done) => done > before,
    ms + 30_000,
  );
  expect(performance.now() - start).toBeLessThan(ms);
  const { items } = await engine.jobs.readLogs(DEVELOPER, id, []);
  expect(items.map(({ level }) => level)).toContain('WARN');
  await engine.jobs.control(DEVELOPER, id, 'kill');
  second.kill('SIGKILL');
}

/** A worker frozen in the middle of a batch is taken over; thawed, nothing it writes counts, and it works on with other jobs. */
export async function frozenWorker({ place, engine, options }: Scene): Promise<void> {
  const id = await submitCount(engine, { units: 60, batch: 2, dwell: 60 });
  // It does not look whether it still has its jobs, so nothing but the fence in the database can keep it from writing.
  const frozen = await forkWorker(place, { ...options, timings: { ...options.timings, poll: 600_000 } });
  await until(
    'it has begun',
    () => processed(engine, id),
    (done) => done >= 4,
  );
  frozen.kill('SIGSTOP');
  const other = await forkWorker(place, options);
  const before = await processed(engine, id);
  await until(
    'the other one goes on',
    () => processed(engine, id),
    (done) => done > before,
    60_000,
  );
  frozen.kill('SIGCONT');
  await reaches(engine, id, 'FINISHED', 60_000);
  await expectOnce(engine, id, 60);
  other.kill('SIGKILL');
  await other.ended;
  const next = await submitCount(engine, { units: 3 });
  await reaches(engine, next, 'FINISHED', 60_000);
  await expectOnce(engine, next, 3);
  frozen.kill('SIGKILL');
}

/** A job that kills its process each time is given up after five; those beside and behind it are finished without errors. */
export async function killingJob({ place, engine, options }: Scene): Promise<number> {
  const beside = await submitCount(engine, { units: 40, pause: 100 }, { queue: 'light' });
  const { jobId: killer } = await engine.jobs.submit(DEVELOPER, {
    type: 'TEST_SUICIDE',
    label: 'killer',
    queue: 'heavy',
  });
  const behind = await submitCount(engine, { units: 5 }, { queue: 'heavy' });
  let deaths = 0;
  let supervising = true;
  let current: WorkerProcess | null = null;
  const supervise = async (): Promise<void> => {
    while (supervising) {
      current = await forkWorker(place, options);
      await current.ended;
      if (supervising) deaths += 1;
    }
  };
  const supervisor = supervise();
  await reaches(engine, killer, 'FINISHED', 180_000);
  await reaches(engine, behind, 'FINISHED', 60_000);
  await reaches(engine, beside, 'FINISHED', 60_000);
  supervising = false;
  (current as WorkerProcess | null)?.kill('SIGKILL');
  await supervisor;
  const job = await engine.jobs.read(DEVELOPER, killer);
  expect(job).toMatchObject({ hasErrors: true, progress: 100 });
  expect(job.results).toEqual({ errorMessage: expect.stringContaining('5 times') });
  await expectOnce(engine, behind, 5);
  await expectOnce(engine, beside, 40);
  return deaths;
}

/** A worker dies over a job that is being stopped: the stop is complete then, and resumed the job does the rest. */
export async function killedWhileStopping({ place, engine, options }: Scene): Promise<void> {
  const id = await submitCount(engine, { units: 6, batch: 2, dwell: 1_500 });
  const first = await forkWorker(place, options);
  await until(
    'it has begun',
    () => processed(engine, id),
    (done) => done >= 2,
  );
  await engine.jobs.control(DEVELOPER, id, 'stop');
  first.kill('SIGKILL');
  await first.ended;
  expect((await engine.jobs.read(DEVELOPER, id)).status).toBe('STOPPING');
  const second = await forkWorker(place, options);
  await reaches(engine, id, 'STOPPED', 30_000);
  await engine.jobs.control(DEVELOPER, id, 'resume');
  await reaches(engine, id, 'FINISHED', 30_000);
  await expectOnce(engine, id, 6);
  second.kill('SIGKILL');
}

/** SIGTERM: the run stops at its next batch, the process exits with 0, and another one goes on from there. */
export async function terminated({ place, engine, options }: Scene): Promise<void> {
  const id = await submitCount(engine, { units: 60, batch: 2, pause: 30 });
  const first = await forkWorker(place, options);
  await until(
    'it has begun',
    () => processed(engine, id),
    (done) => done > 3,
  );
  const start = performance.now();
  first.kill('SIGTERM');
  expect(await first.ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - start).toBeLessThan(4_000);
  const handed = await engine.jobDocuments.findOne({ _id: new ObjectId(id) });
  expect(handed).toMatchObject({ status: 'RUNNING', waiting: true, crashes: 0 });
  expect(handed?.claim).toBeUndefined();
  const second = await forkWorker(place, options);
  await reaches(engine, id, 'FINISHED', 30_000);
  await expectOnce(engine, id, 60);
  second.kill('SIGKILL');
}
