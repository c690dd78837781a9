// The only producer of wake-ups. A wake-up says "look at this queue" and nothing else; one that gets lost costs a moment, no job.
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

/** Wakes workers up. */
export interface Waker {
  /** Says that a queue has a new job; never waits, never throws. */
  wake(queue: string): void;
  close(): Promise<void>;
}

/** Part of every key of the queues in Redis. */
export const queuePrefix = (redisPrefix: string): string => `${redisPrefix}jobs`;

/** Adding hangs on a frozen Redis and on one that was never there, whatever the connection's own limits say. */
const ADD_TIMEOUT_MS = 2_000;
/** Wake-ups sent in one go; further ones at the same moment would only be for places that are busy anyway. */
const MOST_AT_ONCE = 100;
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * @param connection one that fails fast and adds no prefix to keys; closed by whoever opened it
 */
export function createWaker(connection: Redis, redisPrefix: string, log: Logger): Waker {
  const senders = new Map<string, Sender>();
  let away = false;
  const report = (error: unknown): void => {
    if (error !== null && !away)
      log.warn({ reason: (error as Error).message }, 'workers are not woken up: they look for jobs by themselves');
    if (error === null && away) log.info('workers are woken up again');
    away = error !== null;
  };
  const senderOf = (name: string): Sender => {
    let sender = senders.get(name);
    if (!sender) {
      sender = createSender(openQueue(name, connection, redisPrefix), report);
      senders.set(name, sender);
    }
    return sender;
  };
  return {
    wake: (name) => senderOf(name).wake(),
    close: async () => {
      await Promise.all([...senders.values()].map((sender) => sender.close()));
    },
  };
}

interface Sender {
  wake(): void;
  close(): Promise<void>;
}

function openQueue(name: string, connection: Redis, redisPrefix: string): Queue {
  const queue = new Queue(name, {
    connection,
    prefix: queuePrefix(redisPrefix),
    skipWaitingForReady: true,
    streams: { events: { maxLen: 100 } },
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
  });
  // Every failure arrives at the call that it belongs to as well.
  queue.on('error', () => {});
  return queue;
}

/** Sends what has come together while the last sending was under way, so that a slow Redis is not flooded. */
function createSender(queue: Queue, report: (error: unknown) => void): Sender {
  let pending = 0;
  let sending = false;

  const send = async (): Promise<void> => {
    sending = true;
    while (pending > 0) {
      const count = Math.min(pending, MOST_AT_ONCE);
      pending = 0;
      report(await failureOf(add(queue, count), ADD_TIMEOUT_MS));
    }
    sending = false;
  };

  return {
    wake: () => {
      pending += 1;
      if (!sending) void send();
    },
    close: async () => {
      pending = 0;
      await failureOf(queue.close(), CLOSE_TIMEOUT_MS);
    },
  };
}

async function add(queue: Queue, count: number): Promise<void> {
  if (count === 1) await queue.add('wake', null);
  else await queue.addBulk(Array.from({ length: count }, () => ({ name: 'wake', data: null })));
}

/** Null when it went well in time. */
async function failureOf(work: Promise<unknown>, timeoutMs: number): Promise<Error | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Error>((resolve) => {
    timer = setTimeout(() => resolve(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  const done = work.then(
    () => null,
    (error: Error) => error,
  );
  const outcome = await Promise.race([done, late]);
  clearTimeout(timer);
  return outcome;
}
