// A server on services of its own, with everything that can be killed: for tests that kill.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Found, problemOf } from './ledger.ts';
import { ENTITIES, type Load, sendTo, type Target, writeLedgerApp } from './ledger-clients.ts';
import { type OwnServices, startOwnServices } from './own-services.ts';
import { type RunningApi, startApi } from './process.ts';

export interface Stage {
  readonly services: OwnServices;
  /** Where the server answers now. */
  readonly target: Target;
  readonly api: () => RunningApi;
  /** kill -9, and a new process on the same database. */
  killServer(): Promise<void>;
  /** kill -9, and a new process on the same data after a while. */
  killMongod(awayMs: number): Promise<void>;
  /** SIGTERM, and a new process on the same data after a while. */
  stopMongod(awayMs: number): Promise<void>;
  /** Stops answering without closing a connection, and goes on after a while. */
  freezeMongod(awayMs: number): Promise<void>;
  /** kill -9 of every script host of the moment. */
  killHosts(): number;
  /** What the server of the moment has logged as its own faults. */
  faults(): string[];
  /** Resolves when the server is ready again. */
  healed(withinMs?: number): Promise<void>;
  stop(): Promise<void>;
}

const LOGIN = { email: 'admin@example.com', password: 'a password of crash tests' };

/** @param options `mongodbUri` another MongoDB than that of the stage, such as one behind a proxy */
export async function openStage(options: { mongodbUri?: (own: string) => string } = {}): Promise<Stage> {
  const services = await startOwnServices();
  const env = {
    MONGODB_URI: options.mongodbUri?.(services.mongodbUri) ?? services.mongodbUri,
    REDIS_URL: services.redisUrl,
    ENTITIES_DIR: writeLedgerApp(),
    ADMIN_EMAIL: LOGIN.email,
    ADMIN_PASSWORD: LOGIN.password,
    ENCRYPTION_KEY: 'ab'.repeat(32),
    SCRIPT_HOSTS: '2',
    LOG_LEVEL: 'info',
  };
  let api = await startApi(env);
  const target: Target = { apiUrl: api.apiUrl, token: '', login: LOGIN };
  const login = await sendTo(target, 'POST', '/auth/login', LOGIN);
  target.token = login?.body.token;

  const endMongod = async (signal: NodeJS.Signals, awayMs: number): Promise<void> => {
    process.kill(services.pids.mongod, signal);
    await sleep(awayMs);
    await services.restart();
  };
  const healed = async (withinMs = 20_000): Promise<void> => {
    await expect.poll(() => isReady(api.origin), { timeout: withinMs, interval: 50 }).toBe(true);
  };
  return {
    services,
    target,
    api: () => api,
    killServer: async () => {
      api.signal('SIGKILL');
      await api.ended;
      api = await startApi(env);
      target.apiUrl = api.apiUrl;
    },
    killMongod: (awayMs) => endMongod('SIGKILL', awayMs),
    stopMongod: (awayMs) => endMongod('SIGTERM', awayMs),
    freezeMongod: async (awayMs) => {
      process.kill(services.pids.mongod, 'SIGSTOP');
      await sleep(awayMs);
      process.kill(services.pids.mongod, 'SIGCONT');
    },
    killHosts: () => {
      const hosts = childrenOf(api.pid);
      for (const pid of hosts) process.kill(pid, 'SIGKILL');
      return hosts.length;
    },
    faults: () =>
      api
        .output()
        .split('\n')
        .filter((line) => line.includes('"level":50')),
    healed,
    stop: () => services.stop(),
  };
}

async function isReady(origin: string): Promise<boolean> {
  try {
    const { status } = await fetch(`${origin}/health/ready`, { signal: AbortSignal.timeout(5_000) });
    return status === 200;
  } catch {
    return false; // not even a connection
  }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

/** Everything that was acknowledged is there, and everything that is there was sent. The clients must be at rest. */
export async function expectAsAcknowledged(target: Target, load: Pick<Load, 'held' | 'problems'>): Promise<void> {
  expect(load.problems).toEqual([]);
  for (const entity of ENTITIES) {
    const { total, items } = await walk(target, entity);
    expect(total, `total of ${entity}`).toBe(items.length);
    const found = new Map(items.map((record) => [record.name, record]));
    expect(found.size, 'names are unique').toBe(items.length);
    const held = load.held.filter((one) => one.entity === entity);
    const names = new Set(held.map(({ name }) => name));
    expect(items.filter(({ name }) => !names.has(name))).toEqual([]);
    expect(held.map((one) => problemOf(one, found.get(one.name) ?? null)).filter(Boolean)).toEqual([]);
    if (entity === 'audited') await expectAudited(target, items);
  }
}

/** All records page by page, and the total that the very first answer told. */
export async function walk(target: Target, entity: string): Promise<{ total: number; items: Found[] }> {
  const items: Found[] = [];
  let total = -1;
  for (let offset = ''; ; ) {
    const answer = await sendTo(target, 'GET', `/data/${entity}?_size=1000${offset && `&_offset=${offset}`}`);
    if (answer?.status !== 200) throw new Error(`listing ${entity} answered ${JSON.stringify(answer)}`);
    if (total < 0) total = answer.body.total;
    items.push(...answer.body.items);
    if (!answer.body.offset) return { total, items };
    offset = answer.body.offset;
  }
}

/** One entry for the creation and one for each change, since they commit with them. */
async function expectAudited(target: Target, records: readonly Found[]): Promise<void> {
  for (const { id, version } of records.slice(0, 50)) {
    const answer = await sendTo(target, 'GET', `/data/audited/${id}/auditLogs?_size=1`);
    expect(answer, `audit logs of ${id}`).toMatchObject({ status: 200, body: { total: version + 1 } });
  }
}

/** Answers for the report of a run. */
export function summaryOf({ answers }: Load): string {
  return [...answers]
    .sort(([one], [other]) => one - other)
    .map(([status, { count, slowestMs, slowest }]) => {
      return `${status || 'broken'}: ${count} (slowest ${Math.round(slowestMs)} ms: ${slowest})`;
    })
    .join(', ');
}
