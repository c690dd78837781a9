// A job engine as production builds it, with job types of tests and, where asked for, short times. In this process or in its own.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { MongoClient } from 'mongodb';
import { type Logger, pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { systemContext } from '../../src/context.ts';
import { connectMongo } from '../../src/db/mongo.ts';
import { connectRedis } from '../../src/db/redis.ts';
import type { Definitions, EntityModel } from '../../src/definitions/model.ts';
import { Problem } from '../../src/fields/field-type.ts';
import { createSealer } from '../../src/fields/sealed.ts';
import { createJobEngine, type JobEngine } from '../../src/jobs/engine.ts';
import { createEngineStore, type EngineStore } from '../../src/jobs/engine-store.ts';
import type { JobLimits } from '../../src/jobs/limits.ts';
import type { JobJson } from '../../src/jobs/print.ts';
import type { JobTimings } from '../../src/jobs/timings.ts';
import { createCounterStore } from '../../src/records/counters/store.ts';
import { createRecordService, type RecordService, type RecordServices } from '../../src/records/service.ts';
import { createRecordStore } from '../../src/records/store.ts';
import { createTotals } from '../../src/records/totals.ts';
import { DEVELOPER } from './callers.ts';
import { entityOf } from './entities.ts';
import { type Effect, TEST_TYPES, testHandlers } from './job-handlers.ts';
import { NO_APP_LOG } from './log.ts';

/** Where an engine works. */
export interface JobPlace {
  readonly uri: string;
  readonly dbName: string;
  readonly redisUrl: string;
  readonly redisPrefix: string;
}

export interface JobTestOptions {
  readonly timings?: Partial<JobTimings>;
  readonly limits?: Partial<JobLimits>;
  /** Setting QUEUES. */
  readonly queues?: string;
  readonly log?: Logger;
  readonly now?: () => number;
}

export interface TestEngine extends JobEngine {
  readonly client: MongoClient;
  readonly store: EngineStore;
  readonly records: RecordService;
  readonly effects: import('mongodb').Collection<Effect>;
  readonly things: import('mongodb').Collection;
  readonly jobDocuments: import('mongodb').Collection<import('../../src/jobs/job.ts').JobDocument>;
}

/** Times that make a crash heal within about a second. Too short for a machine that is busy for that long. */
export const SHORT: Partial<JobTimings> = {
  heartbeat: 300,
  dead: 2_000,
  poll: 100,
  sweep: 200,
  retry: 200,
  suspicion: 300,
  flush: 200,
};

/** The one entity of these tests. */
export const things: EntityModel = entityOf(
  'things',
  { name: { type: 'text' }, group: { type: 'text' } },
  { collection: 'things', label: 'Things' },
);

/** Builds an engine; whoever does closes it with {@link closeEngine}. */
export async function openEngine(place: JobPlace, options: JobTestOptions = {}): Promise<TestEngine> {
  const { log = pino({ level: 'silent' }), now } = options;
  const config = readConfig({
    MONGODB_URI: place.uri,
    MONGODB_DB: place.dbName,
    REDIS_URL: place.redisUrl,
    REDIS_PREFIX: place.redisPrefix,
    ...(options.queues ? { QUEUES: options.queues } : {}),
  });
  const run = { ...config, mongodbUri: place.uri, redisUrl: place.redisUrl, encryptionKey: '5e'.repeat(32) };
  const mongo = await connectMongo(run, log);
  const redis = await connectRedis(run, log);
  const { client, db } = mongo;
  const store = createEngineStore(client, db, run);
  const effects = db.collection<Effect>('effects');
  const records = recordsOf(db, run.encryptionKey, store.sessions);
  const engine = await createJobEngine({
    config: run,
    store,
    redis,
    records,
    contextFor: async (job) =>
      job.runBy?.fullName === 'Gone' ? null : systemContext('a job of a test', { log, zone: 'UTC' }),
    log,
    ...(now ? { now } : {}),
    extra: {
      types: TEST_TYPES,
      handlers: testHandlers(effects),
      ...(options.timings ? { timings: options.timings } : {}),
      ...(options.limits ? { limits: options.limits } : {}),
    },
  });
  return {
    ...engine,
    client,
    store,
    records,
    effects,
    things: db.collection('things'),
    jobDocuments: db.collection('jobs'),
    close: async () => {
      await engine.close();
      await redis.close();
      await mongo.close();
    },
  };
}

function recordsOf(
  db: Parameters<typeof createRecordStore>[0],
  key: string,
  sessions: EngineStore['sessions'],
): RecordService {
  const sealer = createSealer({ key, oldKey: null });
  const store = createRecordStore(db, sealer, { queryTimeoutMs: 30_000 });
  const definitions = {
    hash: '',
    entities: new Map([[things.name, things]]),
    groups: { byId: () => undefined, byName: () => undefined, models: new Map() },
    listeners: [],
    apis: [],
    scripts: [],
    warnings: [],
  } as unknown as Definitions;
  return createRecordService({
    definitions: () => definitions,
    store,
    counters: createCounterStore(db),
    hooks: { run: async () => [], testPattern: async () => true },
    files: NO_FILES,
    appLog: NO_APP_LOG,
    sessions,
    sealer,
    totals: createTotals(store),
    unindexed: new Set(),
    now: Date.now,
    timezone: 'UTC',
  });
}

/** The one entity has no file field. */
const NO_FILES: RecordServices['files'] = {
  find: async () => new Map(),
  describe: () => new Problem('invalid', 'there are no files here'),
  store: async () => undefined,
  change: async ({ taken }) => taken,
  discard: async () => undefined,
};

/** Waits until a condition holds. @throws with what was last seen when it takes longer than `ms` */
export async function until<T>(
  what: string,
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
  ms = 20_000,
): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${ms} ms; last: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits for a status of a job. */
export function reaches({ jobs }: JobEngine, id: string, status: string, ms?: number): Promise<JobJson> {
  return until(
    `job ${id} is ${status}`,
    () => jobs.read(DEVELOPER, id),
    (job) => job.status === status,
    ms,
  );
}

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const WORKER = fileURLToPath(new URL('./job-worker.ts', import.meta.url));
const started = new Set<ChildProcess>();

/** Forks a worker and waits until it runs. */
export async function forkWorker(
  place: JobPlace,
  options: Omit<JobTestOptions, 'log' | 'now'> = {},
): Promise<WorkerProcess> {
  const child = fork(WORKER, [JSON.stringify({ place, options })], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  started.add(child);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('exit', (code, signal) => {
      started.delete(child);
      resolve({ code, signal });
    }),
  );
  await Promise.race([
    new Promise<void>((resolve) => child.once('message', () => resolve())),
    ended.then((how) => Promise.reject(new Error(`the worker ended at once: ${JSON.stringify(how)}`))),
  ]);
  return { child, pid: child.pid ?? 0, kill: (signal) => void child.kill(signal), ended };
}

/** Ends what is left of them; a frozen one dies too. */
export function killWorkers(): void {
  for (const child of started) child.kill('SIGKILL');
}
