// Measures jobs beside the bare tools on the same services in the same run: jobs per second through the whole path beside raw BullMQ,
// deleted records per second beside `deleteMany`, and what a delete of many records costs the process: memory and event loop.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { ObjectId } from 'mongodb';
import { acquireServices } from '../../src/embedded/services.ts';
import { DEVELOPER } from '../support/callers.ts';
import { forkWorker, type JobPlace, openEngine, reaches, type TestEngine } from '../support/jobs.ts';
import type { ProcessReport } from '../support/process-meter.ts';

const JOBS = Number(process.env.BENCH_JOBS ?? 3_000);
const RECORDS = Number(process.env.BENCH_DELETES ?? 1_000_000);
/** The comparison with `deleteMany` needs fewer. */
const COMPARED = Math.min(RECORDS, 200_000);

interface Row {
  readonly name: string;
  readonly ours: string;
  readonly beside: string;
  readonly note: string;
}

const dataDir = await mkdtemp(join(tmpdir(), 'trebuchet-bench-'));
const services = await acquireServices({ dataDir, mongo: true, redis: true });
try {
  const place = {
    uri: services.mongodbUri ?? '',
    dbName: `bench_${randomBytes(3).toString('hex')}`,
    redisUrl: services.redisUrl ?? '',
    redisPrefix: 'bench:',
  };
  const engine = await openEngine(place);
  const runner = await engine.startRunner();
  const rows = [await compareJobs(engine, place.redisUrl), await compareDeletes(engine)];
  await runner.stop(5_000);
  rows.push(...(await deleteMany(engine, place)));
  await engine.close();
  print(rows);
} finally {
  await services.release();
  await rm(dataDir, { recursive: true, force: true });
}

async function compareJobs(engine: TestEngine, redisUrl: string): Promise<Row> {
  await jobRate(engine, 200);
  const rounds = await inTurns(
    () => jobRate(engine, JOBS),
    () => bullmqRate(redisUrl),
  );
  return { ...rounds, name: 'jobs, submit to FINISHED', beside: `BullMQ ${rounds.beside}` };
}

/** Both sides take turns, since figures of a shared machine only mean something as ratios; medians. */
async function inTurns(
  ours: () => Promise<number>,
  other: () => Promise<number>,
  rounds = 3,
): Promise<Omit<Row, 'name'>> {
  const pairs: [ours: number, other: number][] = [];
  for (let round = 0; round < rounds; round += 1) pairs.push([await ours(), await other()]);
  const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
  return {
    ours: `${median(pairs.map(([mine]) => mine)).toFixed(0)}/s`,
    beside: `${median(pairs.map(([, theirs]) => theirs)).toFixed(0)}/s`,
    note: median(pairs.map(([mine, theirs]) => mine / theirs)).toFixed(2),
  };
}

/** Jobs of one unit, submitted 50 at a time. */
async function jobRate(engine: TestEngine, count: number): Promise<number> {
  const start = performance.now();
  for (let at = 0; at < count; at += 50) {
    await Promise.all(
      Array.from({ length: 50 }, () =>
        engine.jobs.submit(DEVELOPER, { type: 'TEST_COUNT', label: 'bench', queue: 'light', input: { units: 0 } }),
      ),
    );
  }
  while ((await engine.jobDocuments.countDocuments({ status: { $ne: 'FINISHED' } })) > 0) await pause(20);
  return count / ((performance.now() - start) / 1_000);
}

/** The same number of places, and the same shape of load. */
async function bullmqRate(redisUrl: string): Promise<number> {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue('raw', { connection });
  let done = 0;
  const worker = new Worker(
    'raw',
    async () => {
      done += 1;
    },
    { connection, concurrency: 8, removeOnComplete: { count: 0 } },
  );
  const start = performance.now();
  for (let at = 0; at < JOBS; at += 50) {
    await Promise.all(Array.from({ length: 50 }, () => queue.add('job', { units: 0 })));
  }
  while (done < JOBS) await pause(5);
  const rate = JOBS / ((performance.now() - start) / 1_000);
  await worker.close();
  await queue.close();
  connection.disconnect();
  return rate;
}

async function compareDeletes(engine: TestEngine): Promise<Row> {
  const bare = async (): Promise<number> => {
    await seed(engine, COMPARED);
    const start = performance.now();
    await engine.things.deleteMany({ 'data.group': 'bench' });
    return COMPARED / ((performance.now() - start) / 1_000);
  };
  const ours = async (): Promise<number> => {
    await seed(engine, COMPARED);
    return deleteRate(engine, COMPARED);
  };
  const rounds = await inTurns(ours, bare);
  return {
    name: `async delete of ${COMPARED} records`,
    ours: rounds.ours,
    beside: `deleteMany ${rounds.beside}`,
    note: `${rounds.note} (goal 0.3)`,
  };
}

async function deleteRate(engine: TestEngine, count: number): Promise<number> {
  const start = performance.now();
  const link = await engine.deletes.removeMatching(DEVELOPER, 'things', [
    ['group', count > 0 ? 'bench' : 'none'],
    ['_async', 'true'],
  ]);
  const job = await reaches(engine, String(link.jobId), 'FINISHED', 600_000);
  if (job.recordsProcessed !== count) throw new Error(`${job.recordsProcessed} of ${count} records were deleted`);
  return count / ((performance.now() - start) / 1_000);
}

/** In a process of its own, as the API with its worker is: what it costs is to be seen apart from making the records. */
async function deleteMany(engine: TestEngine, place: JobPlace): Promise<Row[]> {
  await seed(engine, RECORDS);
  const worker = await forkWorker(place);
  await deleteRate(engine, 0);
  worker.child.send('measure');
  const rate = await deleteRate(engine, RECORDS);
  worker.child.send('report');
  const [report] = (await once(worker.child, 'message')) as [ProcessReport];
  worker.kill('SIGKILL');
  const mb = (bytes: number): string => `${(bytes / 1_048_576).toFixed(0)} MB`;
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const { rssBefore, rssMost, delayP50, delayP99, delayMax } = report;
  return [
    { name: `async delete of ${RECORDS} records`, ours: `${rate.toFixed(0)}/s`, beside: '', note: '' },
    {
      name: 'memory meanwhile (RSS)',
      ours: `${mb(rssBefore)} -> at most ${mb(rssMost)}`,
      beside: '',
      note: 'constant',
    },
    {
      name: 'event loop delay meanwhile',
      ours: `p50 ${ms(delayP50)}, p99 ${ms(delayP99)}, max ${ms(delayMax)}`,
      beside: '',
      note: 'goal p99 20 ms',
    },
  ];
}

async function seed(engine: TestEngine, count: number): Promise<void> {
  for (let at = 0; at < count; at += 10_000) {
    const some = Array.from({ length: Math.min(10_000, count - at) }, (_, index) => ({
      _id: new ObjectId(),
      version: 0,
      label: `Thing ${at + index}`,
      __label_lower_case__: `thing ${at + index}`,
      data: { name: `Thing ${at + index}`, group: 'bench', text: 'x'.repeat(400) },
    }));
    await engine.things.insertMany(some, { ordered: false });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function print(rows: readonly Row[]): void {
  process.stdout.write('| load | server | beside | ratio, goal |\n| --- | --- | --- | --- |\n');
  for (const { name, ours, beside, note } of rows)
    process.stdout.write(`| ${name} | ${ours} | ${beside} | ${note} |\n`);
}
