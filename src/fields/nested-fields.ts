// `nestedFields`: a group of inner fields. Engines walk the structure; the type has what is asked of the group itself (spec field-types §4.30).
import { ObjectId } from 'mongodb';
import type { Field } from '../definitions/model.ts';
import { or } from '../query/predicate.ts';
import {
  type FieldType,
  type Json,
  type Operand,
  type OperandEnv,
  type OperatorCompiler,
  Problem,
} from './field-type.ts';
import { nativeOf, schemaOf } from './native.ts';
import { emptiness } from './operators.ts';
import { each, isBlank, isObject, type JsonObject } from './references.ts';

/** A group as it is stored: its id, its label, and the inner values by field name. */
export interface StoredNested {
  readonly _id: ObjectId;
  readonly _label?: string;
  readonly [name: string]: unknown;
}

export interface NestedOptions {
  /** `fields/<inner path>` or `js/<ref>` as written; null: the label is made of the field's own. */
  readonly label: string | null;
}

/** One and the same element must pass all conditions of the object. */
const equals: OperatorCompiler<NestedOptions> = (operands, field, path, env) => {
  const tests = [];
  for (const operand of operands.flatMap(each)) {
    const test = isBlank(operand.value) ? { kind: 'empty' as const, path } : elementTest(operand, field, path, env);
    if (test instanceof Problem) return test;
    tests.push(test);
  }
  return tests.length > 0
    ? or(tests)
    : new Problem('badRequest', `Operator [equals] on field [${field.path}] needs at least one value`);
};

function elementTest(operand: Operand, field: Field<NestedOptions>, path: string, env: OperandEnv) {
  const map = readMap(operand.value);
  if (!map) {
    const wanted = 'a JSON object with conditions on its inner fields';
    return new Problem('badRequest', `Field [${field.path}] is a group: equals needs ${wanted}`);
  }
  if (!env.conditions) throw new Error('Nested conditions need the query compiler');
  const of = env.conditions(field, map);
  return of instanceof Problem ? of : { kind: 'element' as const, path, of };
}

function readMap(value: Json): JsonObject | null {
  if (isObject(value)) return value;
  if (typeof value !== 'string' || !value.trim().startsWith('{')) return null;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

export const nestedFields: FieldType<NestedOptions, StoredNested> = {
  name: 'nestedFields',
  supports: {
    many: true,
    default: false,
    unique: false,
    required: true,
    indexable: false,
    sensitive: false,
    calculated: true,
    aggregatable: false,
  },
  automatic: false,
  lifecycle: null,
  textLike: false,
  emptyNative: null,
  options: ({ rules, error }) => {
    const label = rules.label ?? rules.nestedFieldLabel ?? 'none';
    if (label === 'none') return { label: null };
    if (typeof label === 'string' && /^(?:fields|js)\/./.test(label)) return { label };
    error('typeRules.label', 'must be none, fields/<inner path> or js/<function>');
    return { label: null };
  },
  /** Only the group's identity: the write path decodes the inner fields one by one. */
  decode: (input, _field, _env, stored) => {
    if (isBlank(input)) return null;
    if (!isObject(input)) return new Problem('invalidStructure', 'Field must be an object', input);
    return { _id: stored?._id ?? new ObjectId() };
  },
  fromCsv: (cell) => (isBlank(cell) ? null : new Problem('invalidStructure', 'Field must be an object', cell)),
  check: () => null,
  encode: (value, field, env) => ({
    id: String(value._id),
    label: value._label ?? field.label,
    ...Object.fromEntries(field.fields.map((inner) => [inner.name, nativeOf(inner, value[inner.name], env)])),
  }),
  plainText: (value, field) => value._label ?? field.label,
  toCsv: (value, field) => value._label ?? field.label,
  equal: (a, b) => a._id.equals(b._id),
  isEmpty: () => false,
  operators: { equals, ...emptiness() },
  order: { sort: null, group: null, minMax: false, firstLast: true },
  uniqueKey: null,
  indexSuffixes: [],
  indexKind: 1,
  schema: (field) => ({
    type: 'object',
    properties: {
      id: { type: 'string', pattern: '^[0-9a-f]{24}$' },
      label: { type: 'string' },
      ...Object.fromEntries(field.fields.map((inner) => [inner.name, schemaOf(inner)])),
    },
  }),
};
