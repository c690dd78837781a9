// Connections to Redis by two recipes: one that fails fast, for requests, and one that waits, for whoever consumes.
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';
import type { RunConfig } from '../config.ts';
import { connectPatiently, hostsOf, StartError } from './connecting.ts';

/** The Redis of this process. */
export interface RedisConnections {
  /** Answers or fails within {@link COMMAND_TIMEOUT_MS}; without a connection it fails at once. Heals by itself. */
  fast: Redis;
  /** A further connection whose commands wait until Redis is back; closed with the rest. */
  openWaiting(name: string): Redis;
  /**
   * The same two recipes for the queue library, which names its keys by itself: no prefix is added to them.
   * @param patience `fast` fails as {@link fast} does, `waiting` waits as {@link openWaiting} does
   */
  openForQueues(name: string, patience: 'fast' | 'waiting'): Redis;
  /** Whether it answers at this moment; a frozen one keeps its connections. */
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}

/** The settings this part needs. */
export type RedisSettings = Pick<RunConfig, 'redisUrl' | 'redisPrefix' | 'connectTimeoutMs'>;

/** Without the one option that the constructor types more strictly than this. */
type Options = Omit<RedisOptions, 'replyMapping'>;

const COMMAND_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
const LONGEST_PAUSE_MS = 2_000;
const QUIT_MS = 1_000;

const FAST: Options = { enableOfflineQueue: false, commandTimeout: COMMAND_TIMEOUT_MS, maxRetriesPerRequest: 1 };
const WAITING: Options = { maxRetriesPerRequest: null };

/**
 * Connects, waiting for a Redis that is not there yet, and checks that it never throws keys away.
 * @throws {StartError} when the time is over, the login is refused, or keys may be evicted
 */
export async function connectRedis(settings: RedisSettings, log: Logger): Promise<RedisConnections> {
  const what = `Redis at ${hostsOf(settings.redisUrl)}`;
  const fast = await connectPatiently(what, settings.connectTimeoutMs, log, () => connectOnce(settings, what, log));
  log.info(`connected to ${what}`);
  const others: Redis[] = [];
  const open = (name: string, options: Options): Redis => {
    const redis = new Redis(settings.redisUrl, {
      ...reconnecting(settings),
      ...options,
      connectionName: `trebuchet-${name}`,
    });
    reportChanges(redis, `${what} (${name})`, log);
    others.push(redis);
    return redis;
  };
  return {
    fast,
    isReady: () => isAnswering(fast),
    openWaiting: (name) => open(name, WAITING),
    openForQueues: (name, patience) => open(name, { ...(patience === 'fast' ? FAST : WAITING), keyPrefix: '' }),
    close: async () => {
      await Promise.all([fast, ...others].map(quit));
    },
  };
}

async function connectOnce(settings: RedisSettings, what: string, log: Logger): Promise<Redis> {
  let connectedOnce = false;
  let reason = 'no connection';
  const options: Options = {
    ...reconnecting(settings),
    connectionName: 'trebuchet',
    lazyConnect: true,
    ...FAST,
    // while the start itself repeats, one attempt is one attempt
    retryStrategy: (times) => (connectedOnce ? pauseBefore(times) : null),
  };
  const redis = new Redis(settings.redisUrl, options);
  redis.on('error', (error: Error) => {
    reason = error.message || reason;
  });
  try {
    await redis.connect();
    await checkPolicy(redis, what, log);
  } catch (error) {
    redis.disconnect();
    if (error instanceof StartError) throw error;
    throw isRefusedLogin(reason)
      ? new StartError(`${what} refused the login of REDIS_URL: ${reason}`)
      : new Error(reason, { cause: error });
  }
  connectedOnce = true;
  reportChanges(redis, what, log);
  return redis;
}

async function isAnswering(redis: Redis): Promise<boolean> {
  if (redis.status !== 'ready') return false;
  try {
    return (await redis.ping()) === 'PONG';
  } catch {
    return false; // too late, or cut off meanwhile: away either way
  }
}

function reconnecting(settings: RedisSettings): Options {
  return {
    keyPrefix: settings.redisPrefix,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: pauseBefore,
    // after a failover the old master answers READONLY: go and look for the new one
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
  };
}

function pauseBefore(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 10), LONGEST_PAUSE_MS);
}

function isRefusedLogin(reason: string): boolean {
  return /^(WRONGPASS|NOAUTH|ERR invalid password)/.test(reason);
}

/** One line when it goes away and one when it is back, not one for each attempt. */
function reportChanges(redis: Redis, what: string, log: Logger): void {
  let away = false;
  let reason = '';
  redis.on('error', (error: Error) => {
    reason = error.message;
  });
  redis.on('reconnecting', () => {
    if (!away) log.warn({ reason }, `${what} is away`);
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info(`${what} is back`);
    away = false;
  });
}

/** Queues lose jobs where Redis may evict keys. CONFIG is denied by many providers, INFO rarely. */
async function checkPolicy(redis: Redis, what: string, log: Logger): Promise<void> {
  const policy = (await fromInfo(redis)) ?? (await fromConfig(redis));
  if (policy === 'noeviction') return;
  if (policy !== undefined) {
    throw new StartError(
      `${what} must have maxmemory-policy noeviction, it has ${policy}: set it with "CONFIG SET maxmemory-policy noeviction" and in redis.conf`,
    );
  }
  log.warn(`maxmemory-policy of ${what} can't be read; it must be noeviction`);
}

async function fromInfo(redis: Redis): Promise<string | undefined> {
  const info = await orUnreadable(redis.info('memory'));
  return /^maxmemory_policy:(\S+)/m.exec(info ?? '')?.[1];
}

async function fromConfig(redis: Redis): Promise<string | undefined> {
  const answer = await orUnreadable(redis.config('GET', 'maxmemory-policy'));
  return (answer as string[] | undefined)?.[1];
}

/** A command that this user may not run, or that does not exist there, is no failure of the connection. */
async function orUnreadable<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (/^(NOPERM|ERR unknown command)/.test((error as Error).message)) return undefined;
    throw error;
  }
}

async function quit(redis: Redis): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    redis.once('end', resolve);
    setTimeout(resolve, QUIT_MS).unref();
  });
  if (redis.status === 'ready') redis.quit().catch(() => redis.disconnect());
  else redis.disconnect();
  await gone;
}
