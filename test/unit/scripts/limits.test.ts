// Functions that break every limit: each ends alone, with the contract's error (spec scripting-api §0.1). The long form with load
// beside it is in test/faults.
import { expect, test } from 'vitest';
import { failureOf, poolsOfTest } from '../../support/script-tests.ts';
import { rules } from '../../support/scripts.ts';

const poolOf = poolsOfTest();

const LATE = { code: 'timeout', status: 400 };
const THROWN = { code: 'javascriptException', status: 500 };

test.for<[name: string, body: string, expected: object]>([
  ['an endless loop', 'for (;;);', LATE],
  ['an endless loop that catches', 'for (;;) { try { for (;;); } finally { continue; } }', LATE],
  ['endless promises', '(function f() { Promise.resolve().then(f); })(); return 1', LATE],
  ['an endless async function', '(async function () { for (;;) await 0; })(); return 1', LATE],
  ['a pattern that backtracks', 'return /(a+)+b/.test("a".repeat(50))', LATE],
  ['a loop in a result', 'return {toJSON: function () { for (;;); }}', LATE],
  ['a loop in a thrown object', 'throw {toJSON: function () { for (;;); }}', LATE],
  ['a growing list', 'var a = []; for (;;) a.push({x: 1})', THROWN],
  [
    'growing strings',
    'var k = []; for (var i = 0;; i++) { k.push("a".repeat(1e6) + i); JSON.stringify(k[i]); }',
    THROWN,
  ],
  [
    'a growing map, which no limit of the engine catches',
    'var m = new Map(); for (var i = 0;; i++) m.set(i, {a: i})',
    THROWN,
  ],
  ['growing buffers', 'var k = []; for (;;) k.push(new Uint8Array(1e7).fill(1))', THROWN],
])('%s', { timeout: 30_000 }, async ([, body, expected]) => {
  const hookTimeoutMs = expected === LATE ? 300 : 20_000;
  const pool = poolOf(`function bad(record) { ${body}; } function good(record) { return 1; }`, { hookTimeoutMs });
  await pool.ready();
  const [failed, served] = await Promise.all([failureOf(pool.call([rules('bad')])), pool.call([rules('good')])]);
  expect(failed).toMatchObject(expected);
  expect(served).toEqual([1]);
  await pool.ready();
  expect(pool.stats()).toMatchObject({ inFlight: 0, waiting: 0 });
  expect(await pool.call([rules('good')])).toEqual([1]);
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
  expect(pool.logs.map(({ message }) => message)).toEqual(['before']);
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
