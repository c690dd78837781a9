// Puts the job engine together: its service for everybody, and its runner for processes that work.
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Context } from '../context.ts';
import type { RedisConnections } from '../db/redis.ts';
import type { RecordService } from '../records/service.ts';
import { createDeleteService, type DeleteService } from './deletes.ts';
import type { EngineStore } from './engine-store.ts';
import type { JobHandlers } from './handler.ts';
import { createHandlers, requireHandlers } from './handlers/index.ts';
import type { JobDocument } from './job.ts';
import { JOB_LIMITS, type JobLimits } from './limits.ts';
import type { PerformDeps } from './perform.ts';
import { createWaker } from './queue.ts';
import { queuesOf } from './queues.ts';
import { type Runner, startRunner } from './runner.ts';
import { createJobService, type JobService } from './service.ts';
import { submitBelow } from './submit.ts';
import { JOB_TIMINGS, type JobTimings } from './timings.ts';
import { JOB_TYPES, type JobTypes } from './types.ts';

export type JobSettings = Pick<
  Config,
  'redisPrefix' | 'queues' | 'jobRetentionDays' | 'syncTimeoutMs' | 'maxIdsInPath'
>;

export interface JobEngineDeps {
  readonly config: JobSettings;
  readonly store: EngineStore;
  readonly redis: Pick<RedisConnections, 'openForQueues'>;
  readonly records: RecordService;
  /** A context with the rights that the job's user has now, system rights without one; null when the user is gone or not active. */
  readonly contextFor: (job: JobDocument) => Promise<Context | null>;
  readonly log: Logger;
  /** Hears of every job that came to rest in this process. */
  readonly onDone?: PerformDeps['onDone'];
  /** Wall clock, epoch ms. */
  readonly now?: () => number;
  /** For tests: further types with their handlers, and shorter times. */
  readonly extra?: {
    readonly types?: JobTypes;
    readonly handlers?: JobHandlers;
    readonly timings?: Partial<JobTimings>;
    readonly limits?: Partial<JobLimits>;
  };
}

export interface JobEngine {
  readonly jobs: JobService;
  readonly deletes: DeleteService;
  /** Whether any process runs jobs at the moment. */
  hasWorkers(): Promise<boolean>;
  /** Begins to run jobs in this process; to be stopped before the engine is closed. */
  startRunner(): Promise<Runner>;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;

/** @throws AppError `systemException` when a job type has no handler */
export async function createJobEngine(deps: JobEngineDeps): Promise<JobEngine> {
  const { config, store, redis, records, contextFor, log, now = Date.now, extra = {} } = deps;
  const types: JobTypes = { ...JOB_TYPES, ...extra.types };
  const limits: JobLimits = { ...JOB_LIMITS, ...extra.limits };
  const timings: JobTimings = { ...JOB_TIMINGS, ...extra.timings };
  const handlers: JobHandlers = { ...createHandlers({ records, items: store.items }), ...extra.handlers };
  requireHandlers(handlers, types);
  await store.ensureIndexes();

  const queues = queuesOf(config.queues);
  const waker = createWaker(redis.openForQueues('wake-ups', 'fast'), config.redisPrefix, log);
  const moment = () => ({ now: new Date(now()), expires: new Date(now() + config.jobRetentionDays * DAY_MS) });
  const submitting = { jobs: store.jobs, waker, queues, types, now };
  const jobs = createJobService({ store, waker, queues, types, limits, now, moment });

  return {
    jobs,
    deletes: createDeleteService({
      records,
      jobs,
      sessions: store.sessions,
      maxIds: config.maxIdsInPath,
      timeoutMs: config.syncTimeoutMs,
    }),
    hasWorkers: async () => (await store.workers.alive(timings.dead)).size > 0,
    startRunner: () =>
      startRunner({
        ...store,
        handlers,
        ...(deps.onDone && { onDone: deps.onDone }),
        queues,
        limits,
        timings,
        contextFor,
        moment,
        now,
        monotonic: () => performance.now(),
        submitBelow: (parent, request, session) => submitBelow(parent, request, session, submitting),
        redis: redis.openForQueues('jobs', 'waiting'),
        redisPrefix: config.redisPrefix,
        log,
      }),
    close: () => waker.close(),
  };
}
