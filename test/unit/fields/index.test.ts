// The table of types: names, aliases, and the rows of the specification that every type must fit.
import { expect, test } from 'vitest';
import { fieldTypes, isUserAlias, resolveFieldType } from '../../../src/fields/index.ts';

test.for<[written: string, name: string]>([
  ['LONG_TEXT', 'longText'],
  ['long_text', 'longText'],
  ['long text', 'longText'],
  ['date-time', 'dateTime'],
  ['file', 'fileUpload'],
  ['timeDuration', 'duration'],
  ['YEAR_MONTH', 'dateYearMonth'],
  ['monthday', 'dateMonthDay'],
  ['nested', 'nestedFields'],
  ['qrCode', 'qr'],
  ['user', 'relationship'],
  ['USERS', 'relationship'],
])('%s is %s', ([written, name]) => {
  expect(resolveFieldType(written)?.name).toBe(name);
});

test('unknown names are nothing, whatever objects inherit', () => {
  for (const name of ['', 'string', 'constructor', '__proto__', 'to_string', 'hasOwnProperty']) {
    expect(resolveFieldType(name), name).toBeUndefined();
  }
});

test('user is known as an alias', () => {
  expect(['user', 'USERS', 'relationship', 'userx'].map(isUserAlias)).toEqual([true, true, false, false]);
});

test('the table is complete', () => {
  const names =
    'text longText html email phone url maskedText qr boolean choice dynamicChoice integer decimal bigNumber money percentage ' +
    'autoIncrement date dateTime dateTimeNoTimezone time duration dateYearMonth dateMonthDay dateRecordCreated ' +
    'dateRecordModified relationship group fileUpload nestedFields geoPoint color rank';
  expect(new Set(fieldTypes.keys())).toEqual(new Set(names.split(' ')));
});

/** many, default, unique, required, indexable, sensitive, calculated, aggregatable (spec entity-model §1.2). */
const SUPPORTS: readonly (readonly [types: string, flags: string])[] = [
  ['text longText maskedText html email phone url qr', 'yyyyyyyn'],
  ['boolean', 'yynnyyyn'],
  ['choice color', 'yynyyyyn'],
  ['dynamicChoice', 'yynynyyn'],
  ['rank', 'nnynyynn'],
];

test.for(SUPPORTS.flatMap(([types, flags]) => types.split(' ').map((type): [string, string] => [type, flags])))(
  '%s supports %s',
  ([name, flags]) => {
    const supports = fieldTypes.get(name)?.supports;
    if (!supports) throw new Error(name);
    const { many, unique, required, indexable, sensitive, calculated, aggregatable } = supports;
    const row = [many, supports.default, unique, required, indexable, sensitive, calculated, aggregatable];
    expect(row.map((flag) => (flag ? 'y' : 'n')).join('')).toBe(flags);
    expect(fieldTypes.get(name)?.uniqueKey !== null, 'a unique type has a key').toBe(unique);
  },
);

/** Operators of the table in spec field-types §1, with the settled extras of §5. */
const OPERATORS: readonly (readonly [types: string, operators: string])[] = [
  ['text longText html email phone url maskedText qr rank', 'E N 0 L C'],
  ['boolean choice', 'E N 0'],
  ['dynamicChoice color', 'E N 0 L'],
];

test.for(
  OPERATORS.flatMap(([types, operators]) => types.split(' ').map((type): [string, string] => [type, operators])),
)('%s has the operators %s', ([name, operators]) => {
  const meanings: Readonly<Record<string, readonly string[]>> = {
    E: ['equals'],
    N: ['notEquals'],
    0: ['empty', 'notEmpty'],
    L: ['like'],
    C: ['between', 'greater', 'greaterOrEquals', 'less', 'lessOrEquals'],
  };
  const expected = operators.split(' ').flatMap((letter) => meanings[letter] ?? []);
  expect(new Set(Object.keys(fieldTypes.get(name)?.operators ?? {}))).toEqual(new Set(expected));
});
