// Functions that break every limit: each ends alone, with the contract's error (spec scripting-api §0.1). The long form with load
// beside it is in test/faults.
import { describe, expect, test } from 'vitest';
import { failureOf, poolOfTable, poolsOfTest } from '../../support/script-tests.ts';
import { rules } from '../../support/scripts.ts';

const poolOf = poolsOfTest();

const LATE = { code: 'timeout', status: 400 };
const THROWN = { code: 'javascriptException', status: 500 };

const LOOPS: readonly [name: string, body: string][] = [
  ['an endless loop', 'for (;;);'],
  ['an endless loop that catches', 'for (;;) { try { for (;;); } finally { continue; } }'],
  ['endless promises', '(function f() { Promise.resolve().then(f); })(); return 1'],
  ['an endless async function', '(async function () { for (;;) await 0; })(); return 1'],
  ['a pattern that backtracks', 'return /(a+)+b/.test("a".repeat(50))'],
  ['a loop in a result', 'return {toJSON: function () { for (;;); }}'],
  ['a loop in a thrown object', 'throw {toJSON: function () { for (;;); }}'],
];

const HOARDS: readonly [name: string, body: string][] = [
  ['a growing list', 'var a = []; for (;;) a.push({x: 1})'],
  ['growing strings', 'var k = []; for (var i = 0;; i++) { k.push("a".repeat(1e6) + i); JSON.stringify(k[i]); }'],
  ['a growing map, which no limit of the engine catches', 'var m = new Map(); for (var i = 0;; i++) m.set(i, {a: i})'],
  ['growing buffers', 'var k = []; for (;;) k.push(new Uint8Array(1e7).fill(1))'],
];

for (const [title, rows, expected, hookTimeoutMs] of [
  ['functions that never end', LOOPS, LATE, 300],
  ['functions that use up their memory', HOARDS, THROWN, 20_000],
] as const)
  describe(title, () => {
    const pool = poolOfTable([...rows.map(([, body]) => body), 'return 1'], { hookTimeoutMs });
    const good = rules(`row${rows.length}`);
    test.for(rows.map(([name], index) => [name, index] as const))('%s', { timeout: 30_000 }, async ([, index]) => {
      const bad = failureOf(pool().call([rules(`row${index}`)]));
      expect(await pool().call([good])).toEqual([1]);
      expect(await bad).toMatchObject(expected);
      await pool().ready();
      expect(await pool().call([good])).toEqual([1]);
      expect(pool().stats()).toMatchObject({ inFlight: 0, waiting: 0 });
    });
  });

test('a builtin that can not be interrupted costs its host, at the limit', async () => {
  const pool = poolOf(
    'function bad(record) { [].includes.call({length: 2 ** 53 - 1}, 1); } function good(record) { return 1; }',
    {
      hookTimeoutMs: 300,
    },
  );
  await pool.ready();
  const begun = performance.now();
  const bad = failureOf(pool.call([rules('bad')]));
  expect(await pool.call([rules('good')])).toEqual([1]);
  expect(await bad).toMatchObject(LATE);
  expect(performance.now() - begun).toBeGreaterThan(300);
  expect(pool.stats().deaths.late).toBe(1);
});

test('the failure names the function and what it was for', async () => {
  const pool = poolOf('function fine(record) { return 1; } function slow(record) { for (;;); }', {
    hookTimeoutMs: 200,
  });
  const error = await failureOf(pool.call([rules('fine'), rules('slow')]));
  expect(error.message).toBe('Function slow (recordValidations of contacts) took longer than 200 ms');
});

test('what a function logged before it was too late is not lost', async () => {
  const pool = poolOf('function slow(record) { log("before"); for (;;); }', { hookTimeoutMs: 200 });
  expect(await failureOf(pool.call([rules('slow')]))).toMatchObject(LATE);
  expect(pool.logs.map(({ message }) => message)).toEqual(['before', expect.stringContaining('took longer')]);
});

test('all functions of a message together have a limit too', async () => {
  const pool = poolOf('function half(record) { var end = Date.now() + 60; while (Date.now() < end); }', {
    hookTimeoutMs: 500,
    scriptTimeoutMs: 300,
  });
  const calls = Array.from({ length: 20 }, () => rules('half'));
  expect(await failureOf(pool.call(calls))).toMatchObject(LATE);
});

test('what libraries keep does not make the next function fail for memory', async () => {
  const pool = poolOf(`
    var kept = [];
    function keep(record) { for (var i = 0; i < 30; i++) kept.push(new Array(1e5).fill(record.id() + i)); return kept.length; }
    function big(record) { var a = []; for (var i = 0; i < 35; i++) a.push(new Array(1e5).fill(i)); return a.length; }`);
  await pool.call([rules('keep')]);
  expect(await pool.call([rules('big')])).toEqual([35]);
  await pool.call([rules('keep')]);
  expect(await pool.call([rules('big')])).toEqual([35]);
});

test('too much waiting work is refused at once, and waiting ends', async () => {
  const pool = poolOf('function f(record) { for (;;); }', { hookTimeoutMs: 1000, queueLimit: 3, queueTimeoutMs: 400 });
  await pool.ready();
  const work = Array.from({ length: 60 }, () => failureOf(pool.call([rules('f')])));
  const codes = (await Promise.all(work)).map(({ code }) => code);
  expect(codes).toContain('applicationUnavailable');
  expect(codes).toContain('timeout');
});
