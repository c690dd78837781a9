// How functions are found, called and answered for (spec scripting-api §0 and §2, entity-model §2.10 and §5), in a real script host.
import { expect, test } from 'vitest';
import type { ScriptError } from '../../../src/scripts/failure.ts';
import { failureOf, poolsOfTest } from '../../support/script-tests.ts';
import { CONTACTS, callOf, contact, FILE, hook, library, rules, scriptContext } from '../../support/scripts.ts';

const poolOf = poolsOfTest();

test('arguments go by declared name, else by position; every variable is also in scope by name', async () => {
  const pool = poolOf(`
    function byName(nested, record) { return nested.field('state').val() + record.field('firstName').val(); }
    function byPosition(r, n) { return n.field('state').val() + r.field('firstName').val(); }
    function bare() { return helper(); }
    function helper() { return nested.field('state').val() + record.field('firstName').val() + (typeof parentField); }
    function parents(record, parentField, action) {
      return [parentField.field('note').val(), parentField.parent() === record, parentField.parent().field('firstName').val(), action];
    }
    function atRoot(record, parentField) { return parentField; }
    function value(record, parentField, field, action) { return {code: field.val(), message: parentField === null ? 'root' : parentField.field('note').val()}; }
    function odd(first, weird, third) { return {code: third.val(), message: ''}; }
    function element(field) { return {code: field.val(), message: field.constructor === Object}; }`);
  expect(
    await pool.call([
      callOf('nestedLabel', 'byName', ['nested', 'record'], 'address'),
      callOf('nestedLabel', 'byPosition', ['r', 'n'], 'address'),
      callOf('nestedLabel', 'bare', [], 'address'),
      callOf('default', 'parents', ['record', 'parentField', 'action'], 'notes[1].tags'),
      callOf('default', 'atRoot', ['record', 'parentField'], 'firstName'),
      callOf('validation', 'value', ['record', 'parentField', 'field', 'action'], 'notes[0].note'),
      callOf('validation', 'odd', ['first', 'weird', 'third'], 'firstName'),
      callOf('validation', 'element', ['field'], 'phones[0]'),
    ]),
  ).toEqual([
    'WVAnn',
    'WVAnn',
    'WVAnnundefined',
    ['second', false, 'Ann', null],
    null,
    { code: 'first', message: 'first' },
    { code: null, message: '' },
    { code: '702-845-9380', message: false },
  ]);
});

test('the old record is there for functions that ask for it', async () => {
  const pool = poolOf(
    'function f(record, oldRecord) { return [record.field("firstName").val(), oldRecord.field("firstName").val()]; }',
  );
  const [result] = await pool.hooks.run(scriptContext(), {
    entity: CONTACTS,
    record: contact({ firstName: 'Bea' }),
    oldRecord: contact(),
    calls: [rules('f', ['record', 'oldRecord'])],
  });
  expect(result?.value).toEqual(['Bea', 'Ann']);
});

test('a file is one scope, evaluated once, in sloppy mode, and closed to other files', async () => {
  const pool = poolOf(
    `var loads = 0; loads++; var a = b = 1;
     function count(record) { return ++loads; }
     function sloppy(record) { var x = y = 5; return [x, y, this === globalThis, typeof arguments.callee]; }
     function foreign(record) { return [typeof theirs, typeof loads, typeof window, typeof require, typeof process, typeof console,
       typeof setTimeout, typeof fetch, typeof WebAssembly, typeof SharedArrayBuffer, typeof Atomics, typeof globalThis.ivm]; }
     function code(record) { return [new Function('a', 'return a + typeof sys')(1), eval('record.field("firstName").val()'), (0, eval)('typeof app')]; }`,
    {
      more: [
        { file: 'model/entities/other.js', source: 'function theirs() { return 1; }', kind: 'entity', owner: 'other' },
      ],
    },
  );
  expect(await pool.call([rules('count'), rules('count')])).toEqual([2, 3]);
  expect(await pool.call([rules('sloppy')])).toEqual([[5, 5, true, 'function']]);
  expect(await pool.call([rules('foreign')])).toEqual([['undefined', 'number', ...Array(10).fill('undefined')]]);
  expect(await pool.call([rules('code')])).toEqual([['1object', 'Ann', 'object']]);
});

test('libraries: exports, nested names, this, private names, state, each other', async () => {
  const pool = poolOf(
    `function use(record) { return [app.texts.shout('a'), app.commons.stringUtils.twice('b'), app.commons.version, typeof app.texts.hidden,
       app.texts.selfish(), app.counter.next(), app.even.is(10), typeof app.nothing]; }
     function steal(record) { app.texts = 1; app.newOne = 2; return [typeof app.texts, typeof app.newOne]; }`,
    {
      more: [
        library(
          'texts',
          `function hidden() { return '!'; } exports.shout = function (s) { return s.toUpperCase() + hidden(); };
          exports.name = 'texts'; exports.selfish = function () { return this.name; };`,
        ),
        library('commons.stringUtils', 'exports.twice = function (s) { return s + s; };'),
        library('commons', 'exports.version = 2;'),
        library('counter', 'var n = 0; exports.next = function () { return ++n; };'),
        library('even', 'exports.is = function (n) { return n === 0 || app.odd.is(n - 1); }; var other = app.odd;'),
        library('odd', 'exports.is = function (n) { return n !== 0 && app.even.is(n - 1); }; var other = app.even;'),
      ],
    },
  );
  expect(await pool.call([rules('use'), rules('steal'), rules('use')])).toEqual([
    ['A!', 'bb', 2, 'undefined', 'texts', 1, true, 'undefined'],
    ['object', 'undefined'],
    ['A!', 'bb', 2, 'undefined', 'texts', 2, true, 'undefined'],
  ]);
});

const CALCULATED = ['record', 'parentField', 'action'] as const;

test('calculations see each other: in order, before their turn, and inside groups', async () => {
  const pool = poolOf(`
    function late(record) { return record.field('points').val() + 1; }
    function early(record) { return 41; }
    function total(record, parentField) { return parentField.field('note').val().length; }
    function sum(record) { var s = 0; record.field('notes').each(function (n) { s += n.field('total').val(); }); return s; }
    function spread(record) { return record.field('notes.total').val(); }
    function json(record) { return record.toJson().points; }
    function label(record) { return record.field('numberOfSkills').val() + '/' + record.field('address').label(); }
    function place(record, nested) { return 'at ' + nested.field('state').val(); }`);
  const calculations = [
    callOf('calculation', 'late', CALCULATED, 'numberOfSkills'),
    callOf('calculation', 'early', CALCULATED, 'points'),
    callOf('nestedLabel', 'place', ['record', 'nested'], 'address'),
    callOf('label', 'label', ['record']),
    rules('json'),
  ];
  expect(await pool.call(calculations)).toEqual([42, 41, 'at WV', '42/at WV', 41]);
  const inside = [
    callOf('calculation', 'sum', CALCULATED, 'points'),
    rules('spread'),
    callOf('calculation', 'total', CALCULATED, 'notes[0].total'),
    callOf('calculation', 'total', CALCULATED, 'notes[1].total'),
  ];
  expect(await pool.call(inside)).toEqual([11, [5, 6], 5, 6]);
});

test('a calculation that needs itself gets the stored value, and a warning says so', async () => {
  const pool = poolOf(`
    function a(record) { return record.field('numberOfSkills').val() + 1; }
    function b(record) { return record.field('points').val() + 1; }`);
  expect(
    await pool.call([
      callOf('calculation', 'a', CALCULATED, 'points'),
      callOf('calculation', 'b', CALCULATED, 'numberOfSkills'),
    ]),
  ).toEqual([12, 11]);
  expect(pool.logs).toEqual([expect.objectContaining({ level: 'warn', message: expect.stringContaining('[points]') })]);
});

test('a calculation that fails ends the message, even inside a function that catches', async () => {
  const pool = poolOf(`
    function a(record) { try { return record.field('points').val(); } catch (e) { return 1; } }
    function b(record) { throw new Error('no points today'); }`);
  const error = await failureOf(
    pool.call([
      callOf('calculation', 'a', CALCULATED, 'numberOfSkills'),
      callOf('calculation', 'b', CALCULATED, 'points'),
    ]),
  );
  expect(error).toMatchObject({ code: 'javascriptException', status: 500, message: 'no points today' });
});

test('defaults see earlier ones; writes inside a function end with it', async () => {
  const pool = poolOf(`
    function first(record) { record.field('lastName').val('gone'); return 'Cy'; }
    function second(record) { return record.field('firstName').val() + ' ' + record.field('lastName').val(); }`);
  const empty = contact({ firstName: null, email: null });
  expect(
    await pool.call(
      [callOf('default', 'first', CALCULATED, 'firstName'), callOf('default', 'second', CALCULATED, 'email')],
      empty,
    ),
  ).toEqual(['Cy', 'Cy Lee']);
});

test('errors carry file and line of the app in their cause, and only code and message outside', async () => {
  const pool = poolOf(`function f(record) {
    return g(null);
  }
  function g(nothing) {
    return nothing.x;
  }`);
  const error = await failureOf(pool.call([rules('f')]));
  expect(error).toMatchObject({
    code: 'javascriptException',
    status: 500,
    message: "TypeError: Cannot read properties of null (reading 'x')",
  });
  const { message, stack, at, line } = error.cause as ScriptError;
  expect({ at, line }).toEqual({ at: `${FILE}:5`, line: 'return nothing.x;' });
  expect(message).toContain('Function f (recordValidations of contacts)');
  expect(stack?.split('\n').slice(1)).toEqual([
    `    at g (${FILE}:5:20)`,
    expect.stringContaining(`    at f (${FILE}:2:12)`),
  ]);
});

test('a file that does not parse or throws at its top fails its own functions, every time, and no others', async () => {
  const more = [
    { file: 'bad.js', source: 'function f( {', kind: 'entity', owner: 'bad' },
    { file: 'angry.js', source: "throw new Error('at the top'); function f() {}", kind: 'entity', owner: 'angry' },
  ] as const;
  const pool = poolOf('function fine(record) { return 1; }', { more });
  for (const file of ['bad.js', 'angry.js', 'bad.js', 'angry.js', 'none.js']) {
    const error = await failureOf(pool.call([{ ...rules('f'), hook: hook('f', [], file) }]));
    expect(error.message).toMatch(/bad\.js|at the top|none\.js/);
  }
  expect((await failureOf(pool.call([rules('missing')]))).message).toContain(`There is no function missing in ${FILE}`);
  expect(await pool.call([rules('fine')])).toEqual([1]);
});

test('patterns that need look-around are tested against the whole value', async () => {
  const pool = poolOf('');
  const ctx = scriptContext();
  const holds = (source: string, value: string): Promise<boolean> => pool.hooks.testPattern(ctx, source, value);
  expect(await holds('(?=.*\\d)(?=.*[a-z]).{4,}', 'abc1')).toBe(true);
  expect(await holds('(?=.*\\d)(?=.*[a-z]).{4,}', 'abcd')).toBe(false);
  expect(await holds('a|b', 'ab')).toBe(false);
  expect(await holds('a', 'xax')).toBe(false);
  await expect(holds('a)|(b', 'b')).rejects.toMatchObject({ code: 'javascriptException' });
  await expect(holds('(?=(a+)+$)(a+)+b', 'a'.repeat(40))).rejects.toMatchObject({ code: 'timeout', status: 400 });
});
