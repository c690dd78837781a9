// Script hosts under load while functions misbehave and hosts are killed: nobody else notices. The seed is printed; SEED repeats it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { failureOf, poolsOfTest } from '../support/script-tests.ts';
import { COMPANIES, CONTACTS, contact, rules, type TestPool } from '../support/scripts.ts';

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`SEED=${SEED}`);

/** Numbers from 0 to 1 that the seed decides (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const poolOf = poolsOfTest();
const GOOD = 'function good(record) { return record.field("firstName").val() + record.field("skills").size(); }';
const SIZE = 2;

/** Clients that call a good function of another entity until `stop`; every failure is kept, and the time of every call. */
function load(pool: TestPool, clients = 20) {
  const times: number[] = [];
  const failures: unknown[] = [];
  let stopped = false;
  const client = async (): Promise<void> => {
    while (!stopped) {
      const begun = performance.now();
      try {
        expect(await pool.call([rules('good')], contact(), CONTACTS)).toEqual(['Ann2']);
      } catch (error) {
        failures.push(error);
      }
      times.push(performance.now() - begun);
      await sleep(2);
    }
  };
  const running = Promise.all(Array.from({ length: clients }, client));
  return {
    failures,
    async stop(): Promise<{ count: number; p99: number }> {
      stopped = true;
      await running;
      times.sort((a, b) => a - b);
      return { count: times.length, p99: times[Math.floor(times.length * 0.99)] ?? 0 };
    },
  };
}

async function fullSize(pool: TestPool): Promise<void> {
  const complete = (): boolean => {
    const { hosts, spares, slow, starting, inFlight, waiting } = pool.stats();
    return hosts >= SIZE && spares === 1 && slow + starting + inFlight + waiting === 0;
  };
  await expect.poll(complete, { timeout: 10_000 }).toBe(true);
}

const LATE = 'timeout';
const THROWN = 'javascriptException';
const BAD: readonly [name: string, body: string, codes: readonly string[]][] = [
  ['loops', 'for (;;);', [LATE]],
  ['loops and catches', 'for (;;) { try { for (;;); } finally { continue; } }', [LATE]],
  ['makes promises without end', '(function f() { Promise.resolve().then(f); })()', [LATE]],
  ['backtracks', '/(a+)+b/.test("a".repeat(60))', [LATE]],
  ['sits in a builtin', '[].includes.call({length: 2 ** 53 - 1}, 1)', [LATE]],
  ['multiplies big numbers', 'var x = 3n; for (;;) x = x * x', [LATE, THROWN]],
  ['throws nothing', 'throw undefined', [THROWN]],
  [
    'throws a trap',
    'throw new Proxy({}, {get: function () { for (;;); }, getPrototypeOf: function () { for (;;); }})',
    [LATE],
  ],
  ['returns a trap', 'return new Proxy({}, {ownKeys: function () { for (;;); }})', [LATE]],
  ['returns 100 MB', 'return "x".repeat(1e8)', [THROWN]],
  ['recurses', '(function f() { f(); })()', [THROWN]],
  ['grows a list', 'var a = []; for (;;) a.push({x: 1})', [LATE, THROWN]],
  [
    'grows strings',
    'var k = []; for (var i = 0;; i++) { k.push("a".repeat(1e6) + i); JSON.stringify(k[i]); }',
    [LATE, THROWN],
  ],
  ['grows a map', 'var m = new Map(); for (var i = 0;; i++) m.set(i, {a: i})', [LATE, THROWN]],
  ['grows a set', 'var m = new Set(); for (var i = 0;; i++) m.add(i)', [LATE, THROWN]],
  ['grows an object', 'var o = {}; for (var i = 0;; i++) o["k" + i] = i', [LATE, THROWN]],
  [
    'grows functions',
    'var k = []; for (var i = 0;; i++) k.push(new Function("return " + i + "+1".repeat(1000)))',
    [LATE, THROWN],
  ],
  ['grows symbols', 'for (;;) Symbol.for(Math.random() + "x".repeat(1000))', [LATE, THROWN]],
];

test.for(BAD)('a function that %s', async ([, body, codes]) => {
  const pool = poolOf(`${GOOD} function bad(record) { ${body}; }`, { hosts: SIZE, hookTimeoutMs: 2000 });
  await pool.ready();
  await Promise.all(Array.from({ length: 50 }, () => pool.call([rules('good')])));
  const good = load(pool);
  await sleep(200);
  for (let round = 0; round < 2; round++) {
    const attacks = Array.from({ length: 3 }, () => failureOf(pool.call([rules('bad')], contact(), COMPANIES)));
    for (const { code } of await Promise.all(attacks)) expect(codes).toContain(code);
  }
  const { count, p99 } = await good.stop();
  expect(good.failures).toEqual([]);
  console.log(`${body.slice(0, 40)}: ${count} others, p99 ${p99.toFixed(1)} ms`);
  expect(p99).toBeLessThan(2000);
  await fullSize(pool);
});

test('hosts killed at random moments', async () => {
  const random = randomFrom(SEED);
  const pool = poolOf(GOOD, { hosts: SIZE });
  await pool.ready();
  const good = load(pool, 50);
  for (let kill = 0; kill < 25; kill++) {
    await sleep(random() * 400);
    const pids = pool.pids();
    const victim = pids[Math.floor(random() * pids.length)];
    if (victim !== undefined) process.kill(victim, 'SIGKILL');
  }
  const { count, p99 } = await good.stop();
  console.log(`25 kills: ${count} calls, p99 ${p99.toFixed(1)} ms`);
  expect(good.failures).toEqual([]);
  expect(pool.stats().deaths.killed).toBeGreaterThan(10);
  await fullSize(pool);
});

test('signals to the whole group leave the hosts alone until the pool is closed', async () => {
  const pool = poolOf(GOOD, { hosts: SIZE });
  await pool.ready();
  await fullSize(pool);
  const before = pool.pids();
  for (const pid of before) for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
  await sleep(300);
  expect(await pool.call([rules('good')])).toEqual(['Ann2']);
  expect(pool.pids()).toEqual(before);
});

let child: ReturnType<typeof spawn> | null = null;
afterEach(() => void child?.kill('SIGKILL'));

test('hosts end with the process that started them, even one that is stuck in a builtin', async () => {
  const support = join(import.meta.dirname, '../support/scripts.ts');
  const code = `
    import { testPool, rules } from ${JSON.stringify(support)};
    const pool = testPool('function bad(record) { [].includes.call({length: 2 ** 53 - 1}, 1); }', { hookTimeoutMs: 60000 });
    await pool.ready();
    pool.call([rules('bad')]).catch(() => {});
    setTimeout(() => console.log(JSON.stringify(pool.pids())), 300);`;
  child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  const pids = JSON.parse(String(line)) as number[];
  expect(pids.length).toBeGreaterThan(1);
  child.kill('SIGKILL');
  await expect.poll(() => pids.filter(isRunning), { timeout: 5000 }).toEqual([]);
});

/** Does the process run? One that has ended may still be waiting for somebody to ask how. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const state = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return !/\) Z /.test(state);
}

test('hosts that can not start are tried again, ever more slowly, and work ends in 503', async () => {
  const pool = poolOf(GOOD, { hosts: 1, memoryMb: 1, queueTimeoutMs: 1500 });
  expect(await failureOf(pool.call([rules('good')]))).toMatchObject({ code: 'applicationUnavailable', status: 503 });
  expect(pool.stats().started).toBeLessThan(20);
});
