// The tests that every field type passes, made from its fixtures.
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { BSON } from 'mongodb';
import { describe, expect, test } from 'vitest';
import type { Field } from '../../../src/definitions/model.ts';
import { type Json, PendingLookup, Problem } from '../../../src/fields/field-type.ts';
import { compareValues } from '../../../src/query/compare.ts';
import { matches, valueAt } from '../../../src/query/matches.ts';
import type { FieldFixture, OperatorCase } from '../../fixtures/fields/fixture.ts';
import { compileField, compileOperator, ENV, fieldOf, native, store } from '../../support/fields.ts';

const ajv = new Ajv({ strict: false, logger: false });

/** All tests of one fixture. */
export function testFieldType(fixture: FieldFixture): void {
  const field = fieldOf(fixture.field);
  const { type } = field;
  const good = fixture.inputs.map(([input]) => input);
  describe(`${type.name}${fixture.title ? `, ${fixture.title}` : ''}`, () => {
    test.for(fixture.inputs)('%j reads %j', ([input, expected]) => {
      expect(native(field, store(field, input))).toEqual(expected);
    });
    test('null is empty', () => {
      expect(native(field, store(field, null))).toEqual(type.emptyNative);
    });
    test.for(good)('%j survives the database, its own native JSON and its rules', async (input) => {
      const value = store(field, input);
      if (value === undefined) return;
      expect(await type.check(value, field, ENV)).toBeNull();
      await survives(field, value, fixture);
    });
    test.for(fixture.rejects ?? [])('%j: %s, %s', async ([input, code, message]) => {
      expect(await refusal(field, input)).toMatchObject({ code, message });
    });
    test.for(fixture.plainText ?? [])('%j in plain text: %s', ([input, text]) => {
      expect(type.plainText(store(field, input), field, ENV)).toBe(text);
    });
    test.for(fixture.keptThoughEmpty ?? [])('%j is kept, and yet empty', (input) => {
      expect(type.isEmpty(store(field, input))).toBe(true);
    });
    // nobody writes what the server makes
    if (!type.automatic) testExamples(field);
    testCsv(field, fixture, good);
    testOperators(field, fixture);
    testOptions(fixture);
    const inputs = fixture.arbitrary ? fc.oneof(fixture.arbitrary, hostile) : hostile;
    test('no JSON makes decoding or reading a cell throw', () => {
      fc.assert(fc.property(inputs, (input) => isAnswer(type.decode(input, field, ENV, null))));
      fc.assert(fc.property(fc.string({ unit: 'binary' }), (cell) => isAnswer(type.fromCsv(cell, field, ENV))));
    });
    test('what is accepted can be read, printed and filtered', async () => {
      await fc.assert(
        fc.asyncProperty(inputs, async (input) => {
          const value = type.decode(input, field, ENV, null);
          if (!(value instanceof Problem || value instanceof PendingLookup || value === null))
            await survives(field, value, fixture);
        }),
      );
    });
  });
}

function testExamples(field: Field): void {
  const { type } = field;
  test('the examples of its schemas can be written', async () => {
    for (const schema of [type.schema(field), type.inputSchema?.(field) ?? {}]) {
      for (const example of (schema.examples ?? []) as Json[]) {
        expect(ajv.validate({ ...schema }, example), ajv.errorsText()).toBe(true);
        expect(await refusal(field, example)).toBeNull();
      }
    }
  });
}

function testCsv(field: Field, fixture: FieldFixture, good: readonly Json[]): void {
  const { type } = field;
  test.for(fixture.toCsv ?? [])('%j is the cell %s', ([input, cell]) => {
    expect(type.toCsv(store(field, input), field, ENV)).toBe(cell);
  });
  test.for(fixture.fromCsv ?? [])('the cell %s reads %j', ([cell, expected]) => {
    expect(native(field, fromCell(field, cell))).toEqual(expected);
  });
  test.for(fixture.csvRejects ?? [])('the cell %s: %s, %s', ([cell, code, message]) => {
    expect(type.fromCsv(cell, field, ENV)).toMatchObject({ code, message });
  });
  if (fixture.csvRoundTrip === false || type.automatic || type.importable === false) return;
  test.for(good)('%j goes through a CSV file', (input) => {
    const value = store(field, input);
    if (value === undefined) return;
    expect(native(field, fromCell(field, type.toCsv(value, field, ENV)))).toEqual(native(field, value));
  });
}

function testOperators(field: Field, fixture: FieldFixture): void {
  test.for((fixture.operators ?? []).map((row): [string, OperatorCase] => [describeCase(row), row]))(
    '%s',
    ([, { operator, operands, values, finds, ...options }]) => {
      const predicate = compileOperator(field, operator, operands, options);
      if (predicate instanceof Problem) throw new Error(predicate.message);
      expect(values.filter((value) => matches(predicate, recordWith(field, value)))).toEqual(finds);
    },
  );
  test.for(fixture.refuses ?? [])('%s(%j) is refused', ([operator, operands, message = '']) => {
    const answer = compileOperator(field, operator, operands);
    expect(answer).toBeInstanceOf(Problem);
    expect(answer).toMatchObject({ code: 'badRequest', message: expect.stringContaining(message) });
  });
  const { ascending } = fixture;
  if (!ascending) return;
  test('sorts', () => {
    const { sort } = field.type.order;
    expect(sort).not.toBeNull();
    const keys = ascending.map((input) => valueAt(recordWith(field, input), field.storagePath + sort));
    for (const [i, key] of keys.slice(1).entries()) expect(compareValues(keys[i], key)).toBeLessThan(0);
  });
}

function testOptions(fixture: FieldFixture): void {
  test.for(fixture.badRules ?? [])('rules %j do not load: %s', ([typeRules, complaint]) => {
    const { errors } = compileField({ ...fixture.field, typeRules });
    expect(errors).toEqual([expect.stringContaining(complaint)]);
  });
  test.for(fixture.warns ?? [])('rules %j warn: %s', ([typeRules, warning]) => {
    const { errors, warnings } = compileField({ ...fixture.field, typeRules });
    expect(errors).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining(warning)]);
  });
}

/** A stored value comes back from the database unchanged, and from its own native JSON; it fits its schema and is printable. */
async function survives(field: Field, value: unknown, fixture: FieldFixture): Promise<void> {
  const { type } = field;
  const { back } = BSON.deserialize(BSON.serialize({ back: value }));
  expect(back).toEqual(value);
  expect(type.equal(back, value)).toBe(true);
  const maybeEmpty = (fixture.keptThoughEmpty ?? []).length > 0;
  if (!maybeEmpty) expect(type.isEmpty(value)).toBe(false);
  const json = type.encode(value, field, ENV);
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  if ((await type.check(value, field, ENV)) === null) {
    expect(ajv.validate({ ...type.schema(field) }, json), `${JSON.stringify(json)}: ${ajv.errorsText()}`).toBe(true);
  }
  expect(typeof type.plainText(value, field, ENV)).toBe('string');
  if (type.automatic) return;
  // as in a PUT of the record as it was read: JSON numbers cannot show every digit of a decimal
  const again = type.decode(json, field, ENV, value);
  if (!(again instanceof PendingLookup)) expect(again).toEqual(value);
}

async function refusal(field: Field, input: Json): Promise<Problem | null> {
  const value = field.type.decode(input, field, ENV, null);
  if (value instanceof Problem) return value;
  if (value === null || value instanceof PendingLookup) return null;
  return field.type.check(value, field, ENV);
}

function fromCell(field: Field, cell: string): unknown {
  const value = field.type.fromCsv(cell, field, ENV);
  if (value instanceof Problem) throw new Error(`${cell}: ${value.message}`);
  if (value instanceof PendingLookup) throw new Error(`${cell} needs a lookup`);
  return value ?? undefined;
}

/** A record that holds the value of an input, as the database would. */
function recordWith(field: Field, input: Json): { readonly data: object } {
  const value = Array.isArray(input) ? input.map((element) => store(field, element)) : store(field, input);
  return { data: value === undefined ? {} : { [field.name]: value } };
}

function describeCase({ operator, operands, subPath, values, finds }: OperatorCase): string {
  const path = subPath === undefined ? '' : `.${subPath} `;
  return `${path}${operator}(${operands.map((operand) => JSON.stringify(operand)).join()}) among ${JSON.stringify(values)} finds ${JSON.stringify(finds)}`;
}

function isAnswer(value: unknown): boolean {
  return value === null || value !== undefined;
}

const deep = Array.from({ length: 5_000 }).reduce<Json>((inner) => [inner], null);

/** JSON of any shape, and what breaks naive code. */
const hostile: fc.Arbitrary<Json> = fc.oneof(
  fc.jsonValue({ stringUnit: 'binary' }) as fc.Arbitrary<Json>,
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 2_000 }),
  fc.double(),
  fc.bigInt().map(String),
  fc.constantFrom<Json>(
    deep,
    { a: deep },
    JSON.parse('{"__proto__":{"id":1},"constructor":{"prototype":1}}'),
    JSON.parse('{"__proto__":"x"}'),
    '\ud800',
    'a\udfffb',
    '\u0000',
    'a\u0000b',
    'x'.repeat(100_000),
    '/'.repeat(1_000),
    '('.repeat(10_000),
    '<'.repeat(1_000),
    '__proto__',
    'constructor',
    'toString',
    -0,
    Number.MAX_VALUE,
    Number.MIN_VALUE,
    1e21,
    '1e400',
    '-1e-400',
    'NaN',
    'Infinity',
    '0x10',
  ),
);
