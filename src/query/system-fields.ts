// The fields every record has without declaring them: `id`, `label`, `version` (spec field-types §2.6). They filter, sort and group
// like any other, so they are fields with types of their own; the table of field types does not list them.
import type { ObjectId } from 'mongodb';
import type { Field } from '../definitions/model.ts';
import type { FieldType, Operand } from '../fields/field-type.ts';
import { Problem } from '../fields/field-type.ts';
import { emptiness, equality, like, operandText, ordered } from '../fields/operators.ts';
import { readId } from '../fields/references.ts';

type SystemType = Pick<FieldType, 'operators' | 'order' | 'encode' | 'emptyNative'>;

const NO_FLAGS = {
  many: false,
  default: false,
  unique: false,
  required: false,
  indexable: true,
  sensitive: false,
  calculated: false,
  aggregatable: false,
};

const ALWAYS = { kind: 'always' } as const;

function systemField(name: string, storagePath: string, type: SystemType): Field {
  return {
    name,
    label: name,
    path: name,
    storagePath,
    // system fields are never written, checked or imported, so the rest of the contract is not needed
    type: { name: `system:${name}`, supports: NO_FLAGS, automatic: true, textLike: false, ...type } as FieldType,
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

/** An operand that is no id equals none, as with the ids of references. */
function parseId({ value }: Operand): ObjectId | string {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : value;
  return readId(id) ?? String(id);
}

function parseVersion(operand: Operand): number | Problem {
  const text = operandText(operand);
  if (text instanceof Problem) return text;
  return /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : new Problem('badRequest', 'Not a valid integer');
}

const PLAIN_ORDER = { sort: '', group: '', minMax: true, firstLast: true };

const id = systemField('id', '_id', {
  operators: { ...equality(parseId, { foldCase: 'never' }), ...emptiness() },
  order: PLAIN_ORDER,
  encode: (value) => String(value),
  emptyNative: null,
});

const label = systemField('label', 'label', {
  operators: { ...equality(operandText), ...emptiness(), ...like(), ...ordered(operandText) },
  order: PLAIN_ORDER,
  encode: (value) => value as string,
  emptyNative: null,
});

const version = systemField('version', 'version', {
  operators: { ...equality(parseVersion), ...emptiness(), ...ordered(parseVersion) },
  order: PLAIN_ORDER,
  encode: (value) => Number(value),
  emptyNative: null,
});

/** System fields by name, in the order in which records show them. */
export const SYSTEM_FIELDS: ReadonlyMap<string, Field> = new Map(
  [id, version, label].map((field) => [field.name, field]),
);

/** True for `id`, `label` and `version`: no right and no rule of the app is about them. */
export function isSystemField(field: Field): boolean {
  return SYSTEM_FIELDS.get(field.name) === field;
}

/** Labels sort without regard to case, by the copy that records keep for it; grouping and min/max work on the label itself. */
export const LABEL_SORT_PATH = '__label_lower_case__';
