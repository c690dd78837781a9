// The pool's life: when processes start, what scripts log, new sources, closing.
import { expect, test } from 'vitest';
import type { ScriptPoolOptions } from '../../../src/scripts/pool.ts';
import { failureOf, poolsOfTest } from '../../support/script-tests.ts';
import { CONTACTS, FILE, rules } from '../../support/scripts.ts';

const poolOf = poolsOfTest();

const STARTS: [name: string, options: Partial<ScriptPoolOptions>, started: number][] = [
  ['no scripts', { scripts: [] }, 0],
  ['scripts but no hooks', { entities: new Map([['contacts', CONTACTS]]) }, 0],
  ['hooks', { entities: new Map([['contacts', { ...CONTACTS, has: { ...CONTACTS.has, hooks: true } }]]) }, 2],
];

test.for(STARTS)('processes started for an app with %s', async ([, options, started]) => {
  const pool = poolOf('function f(record) { return 1; }', options);
  expect(pool.stats().started).toBe(started);
  await pool.ready();
  if (started > 0) expect(await pool.call([rules('f')])).toEqual([1]);
});

test('new sources take over; work of the old ones is finished', async () => {
  const pool = poolOf('function f(record) { var end = Date.now() + 300; while (Date.now() < end); return "old"; }');
  await pool.ready();
  const before = [pool.call([rules('f')]), pool.call([rules('f')])];
  pool.replaceScripts({
    scripts: [{ file: FILE, source: 'function f(record) { return "new"; }', kind: 'entity', owner: 'contacts' }],
    entities: new Map(),
  });
  expect(await pool.call([rules('f')])).toEqual(['new']);
  expect(await Promise.all(before)).toEqual([['old'], ['old']]);
});

test('after close there is no more work', async () => {
  const pool = poolOf('function f(record) { return 1; }');
  await pool.call([rules('f')]);
  const pids = pool.pids();
  await pool.close();
  expect(await failureOf(pool.call([rules('f')]))).toMatchObject({ code: 'applicationUnavailable', status: 503 });
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
});
test('logs reach the app with their level and detail; a flood is cut', async () => {
  const pool = poolOf(`
    function f(record) { log('plain'); sys.logs.warn({a: 1}, new Error('why')); sys.logs.error('bad', {code: 7}); sys.logs.debug(5); sys.ui.sendMessage({}); }
    function g(record) { log('before'); throw new Error('after'); }
    function flood(record) { for (var i = 0; i < 100000; i++) log('line ' + i); }`);
  await pool.call([rules('f')]);
  expect(pool.logs.map(({ level, message }) => [level, message])).toEqual([
    ['info', 'plain'],
    ['warn', '{"a":1}'],
    ['error', 'bad'],
    ['debug', '5'],
    ['debug', expect.any(String)],
  ]);
  expect(pool.logs[1]?.detail).toMatchObject({ message: 'why', stack: expect.stringContaining(FILE) });
  expect(pool.logs[2]).toMatchObject({ detail: { code: 7 }, entity: 'contacts' });
  pool.logs.length = 0;
  await failureOf(pool.call([rules('g')]));
  expect(pool.logs.map(({ message }) => message)).toEqual(['before', expect.stringContaining('after (Function g')]);
  pool.logs.length = 0;
  await pool.call([rules('flood')]);
  expect(pool.logs.length).toBe(201);
  expect(pool.logs.at(-1)?.message).toContain('99800 more log lines');
});

test('whoever waits for hosts that can not start is told so', async () => {
  const pool = poolOf('function f(record) { return 1; }', { memoryMb: 1 });
  expect(await failureOf(pool.ready())).toMatchObject({ code: 'applicationUnavailable', status: 503 });
});
