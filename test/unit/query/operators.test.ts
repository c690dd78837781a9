// Every operator on every field type (spec field-types §1): what a type has, on lists too, and that the rest is refused by name.
import { expect, test } from 'vitest';
import { AppError } from '../../../src/errors.ts';
import type { OperatorName } from '../../../src/fields/field-type.ts';
import { fieldTypes } from '../../../src/fields/index.ts';
import { toMongo } from '../../../src/query/to-mongo.ts';
import { entityOfTypes, list, NO_SEALER, SINGLE_TYPES } from '../../support/query-models.ts';

const ALL: Readonly<Record<string, readonly OperatorName[]>> = {
  E: ['equals'],
  N: ['notEquals'],
  0: ['empty', 'notEmpty'],
  L: ['like'],
  C: ['greater', 'greaterOrEquals', 'less', 'lessOrEquals', 'between'],
  G: ['near'],
};
const NAMES = Object.values(ALL).flat();

/** Letters as in the table of the specification, and an operand that every type of the row understands. */
const ROWS: readonly (readonly [letters: string, operand: string, ...types: string[]])[] = [
  ['EN0LC', 'ab', 'text', 'longText', 'html', 'email', 'url', 'qr', 'rank'],
  ['EN0LC', '298-5885', 'phone'],
  ['EN0LC', '123-ABC', 'maskedText'],
  ['EN0', 'true', 'boolean'],
  ['EN0', 'one', 'choice'],
  ['EN0L', 'AZ', 'dynamicChoice'],
  ['EN0C', '7', 'integer', 'decimal', 'bigNumber', 'money', 'percentage', 'autoIncrement', 'duration'],
  ['EN0C', '2016-07-12', 'date', 'dateTime', 'dateTimeNoTimezone', 'dateRecordCreated', 'dateRecordModified'],
  ['EN0C', '08:00', 'time'],
  ['EN0C', '2016-07', 'dateYearMonth'],
  ['EN0C', '04-16', 'dateMonthDay'],
  ['EN0L', 'Fivechat', 'relationship', 'fileUpload'],
  ['EN0L', 'admins', 'group'],
  ['E0', '{"word":"x","number":"greater(3)"}', 'nestedFields'],
  ['G0', '5,10', 'geoPoint'],
  ['EN0L', '#f5a9a9', 'color'],
];

const OPERANDS: Partial<Record<OperatorName, (operand: string) => string>> = {
  empty: () => '',
  notEmpty: () => '',
  between: (operand) => `${operand},${operand}`,
};

const entity = entityOfTypes(ROWS.flatMap(([, , ...types]) => types));

test('the table has all types', () => {
  expect(ROWS.flatMap(([, , ...types]) => types).sort()).toEqual([...fieldTypes.keys()].sort());
});

const cases = ROWS.flatMap(([letters, operand, ...types]) =>
  types.flatMap((type) =>
    (SINGLE_TYPES.includes(type) ? ['One'] : ['One', 'Many']).map((end) => [type + end, letters, operand] as const),
  ),
);
test.each(cases)('%s: %s', (field, letters, operand) => {
  const supported = [...letters].flatMap((letter) => ALL[letter] ?? []);
  for (const name of NAMES) {
    const value = `${name}(${OPERANDS[name]?.(operand) ?? operand})`;
    const pairs = new URLSearchParams([[field, name === 'equals' && operand.startsWith('{') ? operand : value]]);
    const run = () => list(entity, String(pairs));
    if (supported.includes(name)) expect(run, value).not.toThrow();
    else
      expect(run, value).toThrow(
        expect.objectContaining({ code: 'badRequest', message: expect.stringContaining(field) }),
      );
  }
});

test.each([
  ['textOne=foo(bar)', true],
  ['urlMany=foo(bar)', true],
  ['relationshipOne=Foo(Bar)', true],
  ['integerOne=foo(3)', false],
  ['dateOne=foo(2016-01-01)', false],
  ['choiceOne=foo(one)', false],
  ['textOne=currentUserField(email)', false],
  ['textOne=currentRecordField(email)', false],
  ['textOne=LIKE(x)', true],
  ['integerOne=GREATER(3)', false],
  ['textOne=like()', false],
  ['textOne=between(a)', false],
  ['textOne=between(a,b,c)', false],
  ['integerOne=greater()', false],
  ['integerOne=empty(1)', false],
  ['integerOne=equals()', true],
  ['integerOne=notEquals()', true],
  ['integerOne=', true],
  ['integerOne=1,', true],
  ['integerOne=,', true],
  ['textOne=like(/[/)', false],
  ['textOne="open', false],
])('%s is accepted: %s', (query, accepted) => {
  let error: unknown = null;
  try {
    list(entity, query);
  } catch (thrown) {
    error = thrown;
  }
  if (accepted) expect(error).toBeNull();
  else expect(error).toMatchObject({ name: AppError.name, code: 'badRequest' });
});

test.each([
  ['integerOne=1,', 'integerOne=1'],
  ['integerOne=notEquals(,1,,2)', 'integerOne=notEquals(1,2)'],
  ['integerOne=,', 'integerOne=empty()'],
  ['integerOne=', 'integerOne=empty()'],
  ['integerOne=equals()', 'integerOne=empty()'],
  ['integerOne=notEquals()', 'integerOne=notEmpty()'],
  ['textOne=a,b', "_query=filter('textOne','a,b')"],
  ['textOne=a&integerOne=1', "_query=and(filter('textOne','a'),filter('integerOne','1'))"],
  ['nestedFieldsMany={"word":"like(x)"}', 'nestedFieldsMany=equals({"word":"like(x)"})'],
])('%s means %s', (one, other) => {
  const mongo = (query: string) => toMongo(list(entity, query).filter, { entity, sealer: NO_SEALER });
  expect(mongo(one)).toEqual(mongo(other));
});
