// What may happen to Redis and MongoDB while jobs run: short scenarios for `npm test`, the same ones longer for `npm run test:faults`.
import { MongoClient } from 'mongodb';
import { expect } from 'vitest';
import { DEVELOPER } from './callers.ts';
import { expectOnce, type Scene, submitCount } from './job-faults.ts';
import { forkWorker, reaches, type TestEngine, until } from './jobs.ts';
import type { OwnServices } from './own-services.ts';

export interface Outage extends Scene {
  readonly services: OwnServices;
}

async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const start = performance.now();
  return { value: await work, ms: performance.now() - start };
}

const allOnce = async (engine: TestEngine, ids: readonly string[], units: number, ms = 60_000): Promise<void> => {
  for (const id of ids) {
    await reaches(engine, id, 'FINISHED', ms);
    await expectOnce(engine, id, units);
  }
};

const submitMany = (engine: TestEngine, count: number, units: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => submitCount(engine, { units, pause: 10 })));

/** Redis forgets everything while jobs run and wait. */
export async function flushedRedis({ place, engine, options, services }: Outage, jobs: number): Promise<void> {
  const worker = await forkWorker(place, options);
  const ids = await submitMany(engine, jobs, 5);
  await flush(services.redisUrl);
  ids.push(...(await submitMany(engine, jobs, 5)));
  await flush(services.redisUrl);
  await allOnce(engine, ids, 5);
  worker.kill('SIGKILL');
}

/** Redis is killed: calls are answered within 2 s, workers go on by themselves, and are woken up again when it is back. */
export async function killedRedis({ place, engine, options, services }: Outage): Promise<void> {
  const worker = await forkWorker(place, options);
  const before = await submitMany(engine, 6, 10);
  process.kill(services.pids.redis, 'SIGKILL');
  const { value: during, ms } = await timed(submitMany(engine, 3, 5));
  expect(ms).toBeLessThan(2_000);
  await allOnce(engine, before, 10);
  await allOnce(engine, during, 5);
  await services.restart();
  await allOnce(engine, await submitMany(engine, 3, 5), 5);
  worker.kill('SIGTERM');
  expect(await worker.ended).toEqual({ code: 0, signal: null });
}

/** Wake-ups work again after Redis was lost with all it knew: seen with a worker that hardly ever looks by itself. */
export async function wakeUpsReturn(
  { place, engine, options, services }: Outage,
  lose: () => Promise<void>,
): Promise<void> {
  const worker = await forkWorker(place, { ...options, timings: { ...options.timings, sweep: 600_000 } });
  // A wake-up runs the oldest job: after one was lost it is the one before that runs.
  const finished = () => engine.jobDocuments.countDocuments({ status: 'FINISHED' });
  const isQuick = async (): Promise<boolean> => {
    const before = await finished();
    await submitCount(engine, { units: 1 });
    const start = performance.now();
    const after = await until(
      'a job runs, or it is late',
      finished,
      (now) => now > before || performance.now() - start > 1_000,
    );
    return after > before;
  };
  await until('wake-ups arrive', isQuick, Boolean, 30_000);
  await lose();
  await until('wake-ups arrive again', isQuick, Boolean, 30_000);
  await until('and go on to arrive', isQuick, Boolean, 2_000);
  worker.kill('SIGKILL');
  await worker.ended;
  // what was left behind meanwhile is found by a worker that looks
  const other = await forkWorker(place, options);
  await until(
    'nothing is left',
    () => engine.jobDocuments.countDocuments({ status: { $ne: 'FINISHED' } }),
    (left) => left === 0,
  );
  other.kill('SIGKILL');
  await flush(services.redisUrl);
}

/** Redis hangs: the same. */
export async function frozenRedis({ place, engine, options, services }: Outage): Promise<void> {
  const worker = await forkWorker(place, options);
  await allOnce(engine, [await submitCount(engine, { units: 2 })], 2);
  process.kill(services.pids.redis, 'SIGSTOP');
  try {
    for (let call = 0; call < 3; call += 1) {
      const { value, ms } = await timed(submitCount(engine, { units: 2 }));
      expect(ms).toBeLessThan(2_000);
      await allOnce(engine, [value], 2);
    }
    const { value, ms } = await timed(engine.records.create(DEVELOPER, 'things', { name: 'meanwhile' }));
    expect(ms).toBeLessThan(1_000);
    const removal = await timed(engine.deletes.removeNamed(DEVELOPER, 'things', [String(value.id)], []));
    expect(removal.ms).toBeLessThan(1_000);
  } finally {
    process.kill(services.pids.redis, 'SIGCONT');
  }
  await allOnce(engine, await submitMany(engine, 3, 2), 2);
  worker.kill('SIGTERM');
  expect(await worker.ended).toEqual({ code: 0, signal: null });
}

/** The primary steps down in the middle of a delete: it goes on when there is one again, and every record is counted once. */
export async function steppedDown(
  { place, engine, options, services }: Outage,
  plan: { records: number; times: number },
): Promise<void> {
  await engine.things.insertMany(
    Array.from({ length: plan.records }, (_, n) => ({ version: 0, label: `${n}`, data: { name: `${n}`, group: 'a' } })),
  );
  const worker = await forkWorker(place, options);
  const link = await engine.deletes.removeMatching(DEVELOPER, 'things', [
    ['group', 'a'],
    ['_async', 'true'],
  ]);
  const id = String(link.jobId);
  const done = async (): Promise<number> => (await engine.jobs.read(DEVELOPER, id)).recordsProcessed;
  for (let time = 0; time < plan.times; time += 1) {
    const before = await patiently(done);
    await until(
      'it goes on',
      () => patiently(done),
      (now) => now > before,
    );
    await stepDown(services.mongodbUri);
  }
  const job = await until(
    'it is finished',
    () => patiently(() => engine.jobs.read(DEVELOPER, id)),
    ({ status }) => status === 'FINISHED',
    120_000,
  );
  expect(job).toMatchObject({ hasErrors: false, recordsProcessed: plan.records, recordsCount: plan.records });
  expect(Object.keys(job.results).length).toBe(Math.min(plan.records, 1_000));
  expect(await engine.things.countDocuments({ 'data.group': 'a' })).toBe(0);
  worker.kill('SIGKILL');
}

/** MongoDB is killed while jobs run: they go on when it is back, each unit once. */
export async function killedMongo({ place, engine, options, services }: Outage): Promise<void> {
  const worker = await forkWorker(place, options);
  const id = await submitCount(engine, { units: 200, batch: 2, pause: 10 });
  const done = async (): Promise<number> => (await engine.jobs.read(DEVELOPER, id)).recordsProcessed;
  await until('it has begun', done, (now) => now > 4);
  process.kill(services.pids.mongod, 'SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await services.restart();
  await until(
    'it is finished',
    () => patiently(() => engine.jobs.read(DEVELOPER, id)),
    ({ status }) => status === 'FINISHED',
    120_000,
  );
  await expectOnce(engine, id, 200);
  worker.kill('SIGKILL');
}

/** A worker that can't look for jobs any more says so, and takes it back. */
export async function silentWorker({ engine, services }: Outage, silentMs: number): Promise<void> {
  const runner = await engine.startRunner();
  await until(
    'it consumes',
    async () => runner.health(),
    ({ consuming }) => consuming,
  );
  process.kill(services.pids.mongod, 'SIGSTOP');
  try {
    await until(
      'it says that it is silent',
      async () => runner.health(),
      ({ consuming }) => !consuming,
      silentMs + 20_000,
    );
  } finally {
    process.kill(services.pids.mongod, 'SIGCONT');
  }
  await until(
    'it consumes again',
    async () => runner.health(),
    ({ consuming }) => consuming,
    30_000,
  );
  await runner.stop(1_000);
}

export async function flush(url: string): Promise<void> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url);
  await redis.flushall();
  redis.disconnect();
}

async function stepDown(uri: string): Promise<void> {
  const client = new MongoClient(uri);
  try {
    await client.db('admin').command({ replSetStepDown: 3, secondaryCatchUpPeriodSecs: 0, force: true });
  } finally {
    await client.close();
  }
}

/** Asks again while the database is away. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
