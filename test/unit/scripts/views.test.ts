// Records and wrappers as functions see them (spec scripting-api §1.6 to §1.8 and §3), in a real script host.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from '../../../src/fields/field-type.ts';
import { contact, hook, type TestPool, testPool } from '../../support/scripts.ts';

/** An expression over `record` and what it gives; `BAD` for those that are refused with badRequest. */
const BAD = Symbol('badRequest');
type Row = readonly [expression: string, expected: Json | typeof BAD];

const RECORD: Row[] = [
  ['record.id()', '57fd2d61e4b0ce322b0c8349'],
  ['record.label()', 'Ann Lee'],
  ['record.version()', 3],
  ['record.entityName()', 'contacts'],
  ['record.isNew()', false],
  ['record.isNew() === false', true],
  ['record.parent() === record', true],
  ['record.__class__', 'Data'],
  ['Object.keys(record)', ['__class__']],
  ['JSON.stringify(record) === JSON.stringify(record.toJson())', true],
  ['record.toJson().firstName', 'Ann'],
  ["Object.keys(record.toJson({fields: 'firstName, vip'}))", ['id', 'version', 'label', 'firstName', 'vip']],
  [
    "var c = record.copy(); [c.id(), c.version(), c.isNew(), c.field('notes').get(0).id(), c.field('lastName').val()]",
    [null, null, true, null, 'Lee'],
  ],
  [
    "record.fromJson({id: 'x', firstName: 'Bea', nothing: 1}); [record.id(), record.field('firstName').val()]",
    ['57fd2d61e4b0ce322b0c8349', 'Bea'],
  ],
  ['record.noSuchProperty === undefined', true],
];

const PATHS: Row[] = [
  ["record.field('firstName').val()", 'Ann'],
  ["record.field('address.state').val()", 'WV'],
  ["record.field('address').field('state').val()", 'WV'],
  ["record.field('notes[1].note').val()", 'second'],
  ["record.field('notes').get(1).field('note').val()", 'second'],
  ["record.field('notes[7].note').val()", null],
  ["record.field('notes[7]').isEmpty()", true],
  ["record.field('notes.note').val()", ['first', 'second']],
  ["record.field('notes.tags').val()", ['a', 'b']],
  ["record.field('notes.note').size()", 2],
  ["record.field('notes.note').contains('second')", true],
  ["record.field('notes.note').val('x')", BAD],
  ["record.field('company.state').val()", 'active'],
  ["record.field('company').field('contactInformation.email').val()", 'info@fivechat.com'],
  ["record.field('company.name')", BAD],
  ["record.field('nothing')", BAD],
  ["record.field('address.nothing')", BAD],
  ["record.field('firstName[0]')", BAD],
  ["record.field('firstName.x')", BAD],
  ["record.field('id')", BAD],
  ["record.field('label')", BAD],
  ["record.field('version')", BAD],
  ["record.field('')", BAD],
  ['record.field(null)', BAD],
  ["record.field('constructor')", BAD],
  ["record.field('__proto__')", BAD],
  ["record.field('notes[-1]')", BAD],
];

const VALUES: Row[] = [
  ["record.field('firstName').isEmpty()", false],
  ["record.field('firstName').equals('Ann')", true],
  ["record.field('firstName') + '!'", 'Ann!'],
  ["record.field('points') * 10", 100],
  ["typeof record.field('points').val()", 'number'],
  ["record.field('points').toHex()", 'a'],
  ["record.field('vip').val()", false],
  ["record.field('vip').isEmpty()", false],
  ["record.field('company').id()", '57fd2d61e4b0ce322b0c8340'],
  ["record.field('company').label()", 'Fivechat'],
  ["record.field('company').val().link", '/data/companies/57fd2d61e4b0ce322b0c8340'],
  ["record.field('company').val().state", 'active'],
  ["record.field('company').field('state').label()", 'Active'],
  ["record.field('company').equals('Fivechat')", true],
  ["record.field('company').equals({id: '57fd2d61e4b0ce322b0c8340'})", true],
  ["record.field('company').equals(record)", false],
  ["String(record.field('company'))", 'Fivechat'],
  ["record.field('address').id()", '57fd2d61e4b0ce322b0c8341'],
  [
    "record.field('address').val()",
    { id: '57fd2d61e4b0ce322b0c8341', city: 'Charleston', state: 'WV', zipCode: '25335' },
  ],
  ["record.field('notes').val()[0].date instanceof Date", true],
  ["record.field('seen').val() instanceof Date", true],
  ["record.field('seen').val().getTime()", 1484578380000],
  ["record.field('seen').toMillis()", 1484578380000],
  ["record.field('seen').format()", '2017-01-16 09:53'],
  ["record.field('seen').format('MMM dd, yyyy h:mm a z', 'US/Pacific')", 'Jan 16, 2017 6:53 AM -0800'],
  ["record.field('seen').format('qq')", BAD],
  ["record.field('seen').equals(new Date(1484578380000))", true],
  ["record.field('born').val().toISOString()", '1990-02-28T00:00:00.000Z'],
  ["record.field('born').format('dd/MM/yy')", '28/02/90'],
  ["record.field('born').addDays(1).format()", '1990-03-01'],
  ["record.field('born').addDays('1')", BAD],
  ["record.field('born').equals('1990-02-28')", true],
  ["sys.utils.numbers.BigNumber.isBigNumber(record.field('balance').val())", true],
  ["record.field('balance').val().plus(1).toFixed()", '12345678901234567891.12'],
  ["record.field('balance').format({thousandsSeparator: true})", '12,345,678,901,234,567,890.12'],
  ["record.field('balance').format({limitNumberOfDecimals: true, numberOfDecimals: 1})", '12345678901234567890.1'],
  ["record.field('balance').equals('12345678901234567890.120')", true],
  ['new Date(0).getTimezoneOffset()', 0],
  ['(1234567.5).toLocaleString()', '1,234,567.5'],
];

const MANY: Row[] = [
  ["record.field('skills').size()", 2],
  ["record.field('skills').first().label()", 'Python'],
  ["record.field('skills').last().label()", 'Rust'],
  ["record.field('skills').get(1).label()", 'Rust'],
  ["record.field('skills').get(2)", BAD],
  ["record.field('skills').contains('Rust')", true],
  ["record.field('skills').contains('Go')", false],
  [
    "var seen = []; record.field('skills').each(function (s, i) { seen.push(i + s.label()); }); seen",
    ['0Python', '1Rust'],
  ],
  ["var n = 0; record.field('skills').each(function () { n++; return false; }); n", 1],
  ["record.field('skills').each(5)", BAD],
  ["Array.isArray(record.field('phones').val())", true],
  ["record.field('phones').val().push('1') && record.field('phones').size()", 1],
  ["record.field('phones').isNotEmpty()", true],
  ["record.field('phones').first().format()", '702-845-9380'],
];

/** Writes change the view of this call only. */
const WRITES: Row[] = [
  ["record.field('firstName').val('Bea'); record.field('firstName').val()", 'Bea'],
  ["record.field('firstName').val()", 'Ann'],
  ["record.field('firstName').val(undefined); record.field('firstName').val()", null],
  ["record.field('born').val('nonsense'); record.field('born').val()", null],
  ["record.field('born').val(new Date(0)); record.field('born').format()", '1970-01-01'],
  ["record.field('seen').val('2017-01-16 09:53'); record.field('seen').toMillis()", 1484578380000],
  ["record.field('points').val('12'); record.field('points').val()", 12],
  ["record.field('vip').val(1); record.field('vip').val()", true],
  [
    "record.field('notes[3].note').val('x'); [record.field('notes').size(), record.field('notes[2]').isEmpty(), record.field('notes[3].note').val()]",
    [4, true, 'x'],
  ],
  ["record.field('notes').add({note: 'new'}); record.field('notes').last().field('note').val()", 'new'],
  ["record.field('notes').add({nothing: 1})", BAD],
  ["record.field('phones').add('1234567'); record.field('phones').val()", ['702-845-9380', '123-4567']],
  ["record.field('phones').add(0, '1234567'); record.field('phones').first().val()", '123-4567'],
  ["record.field('skills').remove('Python'); record.field('skills').size()", 1],
  ["record.field('skills').remove(function (s) { return s.label() != 'Go'; }); record.field('skills').size()", 0],
  ["record.field('skills').removeAt(5)", BAD],
  ["record.field('skills').removeAll(); record.field('skills').isEmpty()", true],
  [
    "record.field('company').val({label: 'Other'}); [record.field('company').id(), record.field('company').label()]",
    [null, 'Other'],
  ],
  ["record.field('company').val(null); record.field('company').isEmpty()", true],
  ["record.field('address.state').val('NY'); record.field('address').val().state", 'NY'],
  [
    "record.field('address').val({state: 'NY'}); record.field('address').val()",
    { id: null, city: null, state: 'NY', zipCode: null },
  ],
  ["var v = record.field('company').val(); v.label = 'x'; record.field('company').label()", 'Fivechat'],
];

const ROWS = [...RECORD, ...PATHS, ...VALUES, ...MANY, ...WRITES];

/** `a; b; c` becomes a function that returns `c`. */
function bodyOf(expression: string): string {
  const statements = expression.split(/; (?![^({]*[)}])/);
  return [...statements.slice(0, -1), `return ${statements.at(-1)}`].join('; ');
}

let pool: TestPool;
beforeAll(async () => {
  const functions = ROWS.map(
    ([expression], index) => `function row${index}(record) {
      try { return [(function () { ${bodyOf(expression)}; })()]; } catch (e) { if (sys.exceptions.getCode(e) === 'badRequest') return 'refused'; throw e; }
    }`,
  );
  pool = testPool(functions.join('\n'));
  await pool.ready();
});
afterAll(() => pool.close());

test.for(ROWS.map(([expression, expected], index) => ({ expression, expected, index })))(
  '$expression',
  async ({ expected, index }) => {
    const [result] = await pool.call([{ kind: 'recordValidations', hook: hook(`row${index}`), at: null }]);
    expect(result).toEqual(expected === BAD ? 'refused' : [expected]);
  },
);

test('a new record and an empty one', async () => {
  const empty = testPool(`function f(record) { return [record.isNew(), record.id(), record.field('company').id(),
    record.field('skills').size(), record.field('address').isEmpty(), record.field('balance').val(), record.field('seen').format(),
    record.field('company').field('state').val(), record.field('notes.note').val(), record.field('vip').val()]; }`);
  const record = contact({}, { id: null, label: null, version: null });
  const nothing = Object.fromEntries(Object.keys(record.fields).map((name) => [name, null]));
  const [result] = await empty.call([{ kind: 'recordValidations', hook: hook('f'), at: null }], {
    ...record,
    fields: nothing,
  });
  expect(result).toEqual([true, null, null, 0, true, null, '', null, [], false]);
  await empty.close();
});
