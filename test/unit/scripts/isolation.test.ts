// One record's functions must not be noticed by the next record's: state of isolates (spec scripting-api §0.1).
import { expect, test } from 'vitest';
import type { Json } from '../../../src/fields/field-type.ts';
import { poolsOfTest } from '../../support/script-tests.ts';
import { contact, rules } from '../../support/scripts.ts';

const poolOf = poolsOfTest();

test('nothing a function changes is there for the next record', async () => {
  const pool = poolOf(`
    function pollute(record) {
      leaked = 'secret'; globalThis.other = 1; Object.defineProperty(globalThis, 'hidden', {value: 1, configurable: true});
      this[Symbol.for('s')] = 1;
      Object.prototype.polluted = 1; Array.prototype.polluted = 1; String.prototype.polluted = 1; Function.prototype.polluted = 1;
      record.constructor.prototype.id = function () { return 'forged'; };
      record.field('firstName').constructor.prototype.val = function () { return 'forged'; };
      sys.logs.info = null; sys.extra = 1; sys.exceptions.ScriptException.prototype.code = null;
      Date = null; JSON.parse = null; Math.max = null; Error.prepareStackTrace = function () { return 'forged'; }; Error.stackTraceLimit = 0;
      Object.getPrototypeOf(function* () {}).polluted = 1; Object.getPrototypeOf([][Symbol.iterator]()).next = null;
      sys.utils.numbers.BigNumber.config({DECIMAL_PLACES: 1}); sys.utils.numbers.BigNumber.prototype.plus = null;
      Promise.resolve().then(function () { globalThis.afterwards = 1; });
      record = null; eval('var viaEval = 1'); (0, eval)('var viaGlobalEval = 1; let lexical = 2');
      return 1;
    }
    function look(record) {
      return [typeof leaked, typeof other, typeof hidden, typeof afterwards, typeof viaEval, typeof viaGlobalEval, typeof lexical, this[Symbol.for('s')],
        ({}).polluted, [].polluted, ''.polluted, look.polluted, record.id(), record.field('firstName').val(), typeof sys.logs.info, sys.extra,
        new sys.exceptions.ScriptException('a', 'b').code(), typeof Date, typeof JSON.parse, Math.max(1, 2), /contacts.js/.test(new Error('x').stack),
        [...[1, 2]].length, String(sys.utils.numbers.BigNumber(1).div(3)).length];
    }`);
  const clean = [
    ...Array(7).fill('undefined'),
    ...Array(5).fill(null),
    contact().id,
    'Ann',
    'function',
    null,
    'a',
    'function',
    'function',
    2,
    true,
    2,
    22,
  ];
  expect(await pool.call([rules('pollute')])).toEqual([1]);
  expect(await pool.call([rules('look')])).toEqual([clean]);
  const [, again] = await pool.call([rules('pollute'), rules('look')]);
  // In one message BigNumber keeps its settings; they are the record's own.
  expect((again as Json[]).slice(0, -1)).toEqual(clean.slice(0, -1));
});

test('a global that can not be removed costs the isolate', async () => {
  const pool = poolOf(`
    function stick(record) { Object.defineProperty(globalThis, 'stuck', {value: 'secret', configurable: false}); return 1; }
    function look(record) { return typeof stuck; }`);
  expect(await pool.call([rules('stick')])).toEqual([1]);
  expect(await pool.call([rules('look')])).toEqual(['undefined']);
  expect(pool.stats().started).toBe(2);
});

test('apps may give their own objects members that built-in prototypes have', async () => {
  const pool = poolOf(`
    function Shape(name) { this.name = name; this.toString = function () { return 'shape ' + name; }; }
    function Round() {} Round.prototype = new Shape('round'); Round.prototype.constructor = Round; Round.prototype.valueOf = function () { return 7; };
    function Oops(m) { this.message = m; this.name = 'Oops'; } Oops.prototype = Object.create(Error.prototype);
    class Own extends Error { constructor(m) { super(m); this.name = 'Own'; } }
    function f(record) {
      var plain = {}; plain.hasOwnProperty = 1; plain.constructor = 2; var fn = function () {}; fn.call = 3; var d = new Date(0); d.toString = function () { return 'day'; };
      var e = new Error(); e.message = 'set'; e.name = 'Mine';
      return [String(new Shape('x')), new Round() + 1, new Round().constructor === Round, String(new Oops('m')), String(new Own('o')),
        plain.hasOwnProperty, plain.constructor, Object.keys(plain), fn.call, String(d), String(e)];
    }`);
  expect(await pool.call([rules('f')])).toEqual([
    ['shape x', 8, true, 'Oops: m', 'Own: o', 1, 2, ['hasOwnProperty', 'constructor'], 3, 'day', 'Mine: set'],
  ]);
});

test('whatever a function can reach belongs to its own isolate and makes no functions of another', async () => {
  const pool = poolOf(`
    function walk(record) {
      var seen = new Set(), open = [globalThis, record, record.field('firstName'), record.field('notes'), record.field('notes').get(0),
        record.field('company'), record.field('seen').val(), record.field('balance').val(), sys, app, log, pkg, svc, arguments, walk];
      var functions = 0, foreign = [];
      while (open.length) {
        var o = open.pop();
        if (o === null || (typeof o !== 'object' && typeof o !== 'function') || seen.has(o)) continue;
        seen.add(o);
        open.push(Object.getPrototypeOf(o));
        if (typeof o === 'function') {
          functions++;
          try {
            var make = o.constructor;
            while (typeof make === 'function' && make !== make.constructor) make = make.constructor;
            if (make !== Function || make('return typeof process + typeof require + typeof ivm')() !== 'undefinedundefinedundefined') foreign.push(String(o).slice(0, 80));
          } catch (e) { foreign.push(String(e)); }
        }
        Reflect.ownKeys(o).forEach(function (key) {
          var d = Reflect.getOwnPropertyDescriptor(o, key);
          open.push(d.value, d.get, d.set);
        });
      }
      return [functions > 700, foreign];
    }
    function attempts(record) {
      var found = [];
      function attempt(name, f) { try { var r = f(); found.push(name + ' ' + (typeof r === 'object' && r ? Object.prototype.toString.call(r) : String(r))); } catch (e) { found.push(name + ' ' + e.name); } }
      attempt('callee', function () { return (function () { return typeof attempts.caller; })(); });
      attempt('species', function () { class P extends Promise { static get [Symbol.species]() { return function (f) { f(function () {}, function () {}); }; } } return typeof P.resolve(1).then(function () {}); });
      attempt('sites', function () { var got; var e = {}; Error.prepareStackTrace = function (x, sites) { got = sites; }; Error.captureStackTrace(e); e.stack; return got; });
      attempt('async', function () { return (async function () {}).constructor('return typeof process')().constructor === Promise; });
      attempt('generator', function () { return (function* () {}).constructor('yield typeof process')().next().value; });
      attempt('privates', function () { return record.id.call({}); });
      attempt('wrapper', function () { return record.field('firstName').val.call(Object.create(record.field('firstName'))); });
      attempt('primitive', function () { return record.field({toString: function () { return 'firstName'; }}); });
      attempt('deep', function () { var p = 'a'; for (var i = 0; i < 1e4; i++) p += '.a'; return record.field(p); });
      attempt('buffer', function () { return new ArrayBuffer(1e10); });
      attempt('define', function () { Object.defineProperty(record, 'id', {value: function () { return 'own'; }}); return record.id(); });
      attempt('proto', function () { record.__proto__ = null; return record.id(); });
      return found;
    }
    function dynamicImport(record) { import('node:fs').then(function (m) { globalThis.imported = m; }, function (e) { log('refused: ' + e.message); }); return 1; }
    function look(record) { return typeof imported; }`);
  const [walked, attempts] = (await pool.call([rules('walk'), rules('attempts')])) as Json[];
  expect(walked).toEqual([true, []]);
  expect(attempts).toEqual([
    'callee object',
    'species object',
    'sites undefined',
    'async true',
    'generator undefined',
    'privates TypeError',
    'wrapper TypeError',
    'primitive Error',
    'deep Error',
    'buffer RangeError',
    'define own',
    'proto own',
  ]);
  expect(await pool.call([rules('dynamicImport')])).toEqual([1]);
  expect(await pool.call([rules('look')])).toEqual(['undefined']);
});
