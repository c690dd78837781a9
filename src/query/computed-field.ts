// Fields that no definition declares: system fields of records and numbers that aggregates make. They are read and never written.
import type { Field } from '../definitions/model.ts';
import { type FieldType, type Json, Problem } from '../fields/field-type.ts';

/** What differs from one computed field to the other. */
export interface ComputedParts {
  readonly name: string;
  readonly storagePath: string;
  readonly operators: FieldType['operators'];
  readonly encode: (value: unknown) => Json;
  readonly schema: { readonly type: string };
  readonly aggregatable?: boolean;
}

const NO_SUPPORT = {
  many: false,
  default: false,
  unique: false,
  required: false,
  indexable: false,
  sensitive: false,
  calculated: false,
};

const ALWAYS = { kind: 'always' } as const;

/** A field of a type of its own; any attempt to write one is a Problem. */
export function computedField({
  name,
  storagePath,
  operators,
  encode,
  schema,
  aggregatable = false,
}: ComputedParts): Field {
  const refuse = (): Problem => new Problem('invalid', `[${name}] can't be set`);
  const print = (value: unknown): string => String(encode(value));
  const type: FieldType = {
    name: `computed:${name}`,
    supports: { ...NO_SUPPORT, aggregatable },
    automatic: true,
    lifecycle: null,
    textLike: false,
    emptyNative: null,
    options: () => null,
    decode: refuse,
    check: refuse,
    encode,
    plainText: print,
    toCsv: print,
    fromCsv: refuse,
    equal: (a, b) => print(a) === print(b),
    isEmpty: () => false,
    operators,
    order: { sort: '', group: '', minMax: true, firstLast: true },
    uniqueKey: null,
    indexSuffixes: [],
    indexKind: 1,
    schema: () => schema,
  };
  return {
    name,
    label: name,
    path: name,
    storagePath,
    type,
    options: null,
    display: {},
    many: false,
    insideMany: false,
    parent: null,
    fields: [],
    fieldByName: new Map(),
    labelRule: null,
    required: { kind: 'never' },
    readAccess: ALWAYS,
    writeAccess: ALWAYS,
    defaultValue: null,
    calculation: null,
    validation: null,
    unique: false,
    indexable: false,
    transient: false,
    sensitive: false,
    relationship: null,
  };
}
