// What functions return and throw, and what `sys` gives them (spec scripting-api §1.12, §1.17 and §2.1), in a real script host.
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/fields/field-type.ts';
import type { HookCall } from '../../../src/records/hooks.ts';
import { failureOf, poolOfTable } from '../../support/script-tests.ts';
import { callOf, contact, rules } from '../../support/scripts.ts';

const VALUES: readonly [expression: string, at: string | null, expected: Json][] = [
  ['undefined', 'points', null],
  ['null', 'points', null],
  ['NaN', 'points', 'NaN'],
  ['-Infinity', 'points', '-Infinity'],
  ['new Date(5)', 'seen', 5],
  ['new Date(5)', 'born', '1970-01-01'],
  ['new Date(5)', null, 5],
  ['new Date(NaN)', 'born', 'NaN'],
  ["sys.utils.numbers.BigNumber('1.50')", 'balance', '1.5'],
  ['new String("x")', 'firstName', 'x'],
  ["record.field('company')", 'company', contact().fields.company as Json],
  ["record.field('skills')", 'skills', contact().fields.skills as Json],
  ["record.field('born').val()", 'born', '1990-02-28'],
  ["[record.field('firstName'), record.field('points')]", null, ['Ann', 10]],
  ["[{note: 'x', date: new Date(7)}]", 'notes', [{ note: 'x', date: 7 }]],
  ['record', null, { id: contact().id, version: 3, label: 'Ann Lee', ...contact().fields }],
  ['({a: {toJSON: function () { return 1; }}})', null, { a: 1 }],
  ['({a: undefined, b: [undefined]})', null, { a: null, b: [null] }],
  ['10n', 'points', '10'],
];

describe('values come back as JSON', () => {
  const pool = poolOfTable(VALUES.map(([expression]) => `return ${expression}`));
  test.for(VALUES.map((row, index) => [...row, index] as const))('%s for %s', async ([, at, expected, index]) => {
    const params = ['record', 'parentField', 'action'];
    const one = at === null ? rules(`row${index}`) : callOf('calculation', `row${index}`, params, at);
    expect(await pool().call([one])).toEqual([expected]);
  });
});

const KINDS: readonly [kind: HookCall['kind'], expression: string, expected: Json][] = [
  ['condition', '"yes"', true],
  ['condition', 'undefined', false],
  ['condition', "record.field('vip')", false],
  ['condition', "record.field('firstName')", true],
  ['label', 'null', ''],
  ['label', '5', '5'],
  ['label', "record.field('firstName')", 'Ann'],
  ['label', "record.field('company')", 'Fivechat'],
  ['label', '({a: 1})', '{"a":1}'],
];

describe('labels are text, conditions are true or false', () => {
  const pool = poolOfTable(KINDS.map(([, expression]) => `return ${expression}`));
  test.for(KINDS.map((row, index) => [...row, index] as const))('%s: %s', async ([kind, , expected, index]) => {
    const at = kind === 'condition' ? 'firstName' : null;
    expect(await pool().call([callOf(kind, `row${index}`, ['record'], at)])).toEqual([expected]);
  });
});

const FAILURES: readonly [thrown: string, expected: object][] = [
  ["sys.exceptions.throwException('invalidState', 'no way')", { code: 'invalidState', status: 400, message: 'no way' }],
  ["throw new sys.exceptions.ScriptException('notFound', 'gone')", { code: 'notFound', status: 404, message: 'gone' }],
  [
    "throw new sys.exceptions.ScriptException(sys.exceptions.TIMEOUT_ERROR, 'slow')",
    { code: 'timeout', status: 400, message: 'slow' },
  ],
  ["throw new sys.exceptions.ScriptException('forbidden', 'x')", { code: 'forbidden', status: 403 }],
  [
    "var e = new sys.exceptions.ScriptException('validationErrors', 'bad'); e.additionalInfo = {errors: [{path: 'a', code: 'c', message: 'm'}]}; throw e",
    {
      code: 'validationErrors',
      status: 400,
      errors: [{ field: 'a', fieldLabel: null, code: 'c', message: 'm', additionalInfo: null }],
    },
  ],
  ["record.field('nothing')", { code: 'badRequest', status: 400 }],
  ["throw 'text'", { code: 'javascriptException', status: 500, message: 'text' }],
  ['throw {a: 1}', { code: 'javascriptException', message: '{"a":1}' }],
  ['throw null', { code: 'javascriptException', message: 'The function threw null' }],
  ['throw undefined', { code: 'javascriptException', message: 'The function threw undefined' }],
  ['throw Symbol("s")', { code: 'javascriptException', message: 'Symbol(s)' }],
  [
    'throw {get message() { throw 1; }, toJSON: function () { throw 2; }, toString: function () { throw 3; }}',
    { message: 'The function threw something unreadable' },
  ],
  [
    "var e = new Error('x'); Object.defineProperty(e, 'message', {get: function () { throw 1; }}); throw e",
    { message: 'The function threw something unreadable' },
  ],
  [
    "var e = new Error('x'); Object.defineProperty(e, 'stack', {get: function () { throw 1; }}); throw e",
    { message: 'x' },
  ],
  [
    'throw new Proxy({}, {get: function () { throw 1; }, getPrototypeOf: function () { throw 2; }})',
    { code: 'javascriptException' },
  ],
  [
    '(function f() { f(); })()',
    { code: 'javascriptException', message: 'RangeError: Maximum call stack size exceeded' },
  ],
  ['return function () {}', { code: 'javascriptException', message: 'TypeError: The function returned a function' }],
  ['return Symbol.iterator', { message: 'TypeError: The function returned a symbol' }],
  ['return {a: function () {}}', { message: 'TypeError: The function returned an object with a function in [a]' }],
  ['var a = {}; a.a = a; return a', { message: expect.stringContaining('holds itself') }],
  ['return Promise.resolve(1)', { message: expect.stringContaining('promise') }],
  ['return "x".repeat(1e8)', { message: 'RangeError: The function returned too much' }],
  ['return Array(1e6).fill(1)', { message: 'RangeError: The function returned too much' }],
  ["return new Proxy({}, {ownKeys: function () { throw new Error('trap'); }})", { message: 'trap' }],
  ["return {toJSON: function () { throw new Error('json'); }}", { message: 'json' }],
  ['return sys.data.find("companies")', { message: expect.stringContaining('sys.data.find() is not available') }],
  ['return svc.http.get({})', { message: expect.stringContaining('svc.http.get() is not available') }],
  ['return pkg.slack.api.post()', { message: expect.stringContaining('pkg.slack.api.post() is not available') }],
  ['return sys.data.nonsense()', { message: 'TypeError: sys.data.nonsense is not a function' }],
  ['return sys.utils.crypto.jwt.verify()', { message: expect.stringContaining('sys.utils.crypto.jwt.verify()') }],
  ["return record.field('company').fetch()", { message: expect.stringContaining('relationship.fetch()') }],
  ['return record.lock()', { message: expect.stringContaining('record.lock()') }],
];

describe('failures', () => {
  const pool = poolOfTable(FAILURES.map(([body]) => body));
  test.for(FAILURES.map((row, index) => [...row, index] as const))('%s', async ([, expected, index]) => {
    expect(await failureOf(pool().call([rules(`row${index}`)]))).toMatchObject(expected);
  });
});

const SYS: readonly [expression: string, expected: Json][] = [
  ["sys.utils.text.findTokens('a #x:1 #y:1,2 #z #x:3')", { x: ['1', '3'], y: ['1', '2'], z: true }],
  ["sys.utils.text.htmlToText('<p>a &amp; b<br>c</p><script>no</script>')", 'a & b\nc'],
  ["sys.utils.text.textToHtml('a<b\\nc')", 'a&lt;b<br>c'],
  ["sys.utils.base64.encode('añ€😀')", 'YcOx4oKs8J+YgA=='],
  ["sys.utils.base64.decode('YcOx4oKs8J+YgA==')", 'añ€😀'],
  ["sys.utils.base64.encode('')", ''],
  [
    "sys.utils.numbers.format(1234.567, {thousandsSeparator: true, limitNumberOfDecimals: true, limitRuleType: 'ROUND'})",
    '1,234.57',
  ],
  ["sys.utils.numbers.BigNumber('0.1').plus('0.2').toFixed()", '0.3'],
  ["new sys.utils.numbers.BigNumber('ff', 16).toFixed()", '255'],
  ["sys.utils.time.format(0, 'yyyy-MM-dd HH:mm')", '1969-12-31 19:00'],
  ["sys.utils.time.format(new Date(0), 'yyyy-MM-dd HH:mm', {id: 'UTC'})", '1970-01-01 00:00'],
  ["sys.utils.time.parse('2016-07-07 08:00', 'yyyy-MM-dd HH:mm', 'US/Eastern').getTime()", Date.UTC(2016, 6, 7, 12)],
  [
    "sys.utils.time.parse('Jul 7, 2016 8:05 PM -0700', 'MMM d, yyyy h:mm a z').toISOString()",
    '2016-07-08T03:05:00.000Z',
  ],
  ["sys.utils.time.getTimeZoneOffset('America/New_York', new Date(0))", -18_000_000],
  ["sys.utils.time.setTimeZone(new Date(0), 'US/Eastern').getTime()", -18_000_000],
  ["sys.utils.script.eval('this.a + context.a + typeof sys', {a: 1})", '2object'],
  ["sys.exceptions.getCode(new Error('x'))", null],
  [
    "sys.exceptions.getMessage(new Error('x')) + sys.exceptions.getMessage('y') + sys.exceptions.getMessage({z: 1})",
    'xy{"z":1}',
  ],
  [
    "var e = new sys.exceptions.ScriptException('c', 'm'); [e.code(), e.message(), e.message + '!', String(e), e instanceof Error, sys.exceptions.getAdditionalInfo(e)]",
    ['c', 'm', 'm!', 'c: m', true, {}],
  ],
  ['sys.endpoints.isDeployed("x")', false],
  ['sys.monitoring.getMetrics()', []],
  ['sys.internal.users.getLastLoginDate(record)', null],
  ['sys.context.getCurrentUserId()', '000000000000000000000001'],
  ['typeof svc.http.get', 'function'],
];

describe('sys', () => {
  const pool = poolOfTable(SYS.map(([expression]) => expression.replace(/^(var .*; )?/, '$1return ')));
  test.for(SYS.map((row, index) => [...row, index] as const))('%s', async ([, expected, index]) => {
    expect(await pool().call([rules(`row${index}`)])).toEqual([expected]);
  });
});
