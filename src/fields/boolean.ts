// `boolean`: true or false, never null (spec field-types §4.9).
import { NONE, or } from '../query/predicate.ts';
import { type Decoded, type FieldType, type Json, type OperatorCompiler, Problem } from './field-type.ts';
import { emptiness, equality, negate, operandText } from './operators.ts';
import { invalid, wrongStructure } from './problems.ts';

export interface BooleanOptions {
  readonly labels: { readonly yes: string; readonly no: string };
}

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['false', false],
  ['0', false],
  ['no', false],
]);

const MESSAGE = 'Not a valid boolean';

function decode(input: Json): Decoded<boolean> {
  if (input === null) return false;
  if (typeof input === 'boolean') return input;
  if (typeof input === 'object') return wrongStructure(input);
  const text = String(input).trim().toLowerCase();
  return text === '' ? false : (WORDS.get(text) ?? invalid(MESSAGE, input));
}

const { equals: equalsStored } = equality<BooleanOptions>((operand) => {
  const text = operandText(operand);
  return text instanceof Problem ? text : (WORDS.get(text.trim().toLowerCase()) ?? invalid(MESSAGE, text));
});

/** `false` also finds records stored before the field existed; in a list nothing is missing. */
const equals: OperatorCompiler<BooleanOptions> = (operands, field, path, env) => {
  const test = equalsStored(operands, field, path, env);
  if (test instanceof Problem || field.many || test.kind !== 'in' || !test.values.includes(false)) return test;
  return or([test, { kind: 'empty', path }]);
};

const { empty: emptyList } = emptiness<BooleanOptions>();

/** A single boolean is never empty, a list may be. */
const empty: OperatorCompiler<BooleanOptions> = (operands, field, path, env) => {
  const test = emptyList(operands, field, path, env);
  return test instanceof Problem || field.many ? test : NONE;
};

export const boolean: FieldType<BooleanOptions, boolean> = {
  name: 'boolean',
  supports: {
    many: true,
    default: true,
    unique: false,
    required: false,
    indexable: true,
    sensitive: true,
    calculated: true,
    aggregatable: false,
  },
  automatic: false,
  lifecycle: null,
  textLike: false,
  emptyNative: false,
  options: ({ display }) => ({
    labels: display.labels === 'onOff' ? { yes: 'On', no: 'Off' } : { yes: 'Yes', no: 'No' },
  }),
  decode,
  fromCsv: decode,
  check: () => null,
  encode: (value) => value,
  plainText: (value, { options }) => (value ? options.labels.yes : options.labels.no),
  toCsv: (value) => String(value),
  equal: (a, b) => a === b,
  isEmpty: () => false,
  operators: { equals, notEquals: negate(equals), empty, notEmpty: negate(empty) },
  order: { sort: '', group: '', minMax: true, firstLast: true },
  uniqueKey: null,
  indexSuffixes: [''],
  indexKind: 1,
  schema: () => ({ type: 'boolean' }),
};
