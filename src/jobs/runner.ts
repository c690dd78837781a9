// The only consumer of wake-ups: each makes the worker of this process look at one queue. Jobs run without them too, only later.
import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { queuePrefix } from './queue.ts';
import { createJobWorker, type JobWorker, type WorkerDeps } from './worker.ts';

export interface RunnerDeps extends WorkerDeps {
  /** A connection that waits for Redis and adds no prefix to keys; closed by whoever opened it. */
  readonly redis: Redis;
  readonly redisPrefix: string;
}

export interface RunnerHealth {
  /** False when this process has not looked for jobs for a minute. */
  readonly consuming: boolean;
  readonly silentMs: number;
  /** Jobs that run here, by queue. */
  readonly busy: Readonly<Record<string, number>>;
}

export interface Runner {
  health(): RunnerHealth;
  /** Lets running jobs come to their next stop, hands them back, and ends; after `patienceMs` without waiting for them. */
  stop(patienceMs: number): Promise<void>;
}

/** A wake-up whose process died is given to another one soon; it has nothing in it that could be lost or done twice. */
const WAKE_UP = {
  lockDuration: 20_000,
  stalledInterval: 10_000,
  maxStalledCount: 1_000_000,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
  runRetryDelay: 1_000,
} as const;

const CLOSE_TIMEOUT_MS = 2_000;

/** Starts to run jobs in this process. Redis may be away: then wake-ups come when it is back. */
export async function startRunner(deps: RunnerDeps): Promise<Runner> {
  const worker = await createJobWorker(deps);
  const consumers = [...deps.queues].map(([queue, size]) => openConsumer(queue, size, worker, deps));
  return {
    health: () => {
      const silentMs = Math.round(worker.silence());
      return { consuming: silentMs < deps.timings.silent, silentMs, busy: worker.busy() };
    },
    stop: async (patienceMs) => {
      // No new wake-ups; those at hand end with the runs they started.
      await Promise.all(consumers.map((consumer) => within(CLOSE_TIMEOUT_MS, consumer.pause(true), deps.log)));
      await worker.stop(patienceMs);
      await Promise.all(consumers.map((consumer) => within(CLOSE_TIMEOUT_MS, consumer.close(), deps.log)));
    },
  };
}

function openConsumer(queue: string, size: number, worker: JobWorker, deps: RunnerDeps): Worker {
  const consumer = new Worker(queue, () => worker.wake(queue), {
    ...WAKE_UP,
    connection: deps.redis,
    prefix: queuePrefix(deps.redisPrefix),
    concurrency: size,
  });
  // The connection reports that Redis is away and back; each of its errors would come here again and again meanwhile.
  consumer.on('error', (error) => deps.log.debug({ err: error, queue }, 'wake-ups could not be fetched'));
  return consumer;
}

/** Closing waits for a Redis that may be away for ever. */
async function within(ms: number, work: Promise<unknown>, log: Logger): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  const done = work.catch((error: unknown) => log.debug({ err: error }, 'wake-ups could not be given up cleanly'));
  await Promise.race([done, late]);
  clearTimeout(timer);
}
