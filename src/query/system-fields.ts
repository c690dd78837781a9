// The fields every record has without declaring them: `id`, `label`, `version` (spec field-types §2.6). They filter, sort and group
// like any other, so they are fields with types of their own; the table of field types does not list them.
import type { ObjectId } from 'mongodb';
import type { Field } from '../definitions/model.ts';
import { type Operand, Problem } from '../fields/field-type.ts';
import { emptiness, equality, like, operandText, ordered } from '../fields/operators.ts';
import { readId } from '../fields/references.ts';
import { computedField } from './computed-field.ts';

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

const id = computedField({
  name: 'id',
  storagePath: '_id',
  operators: { ...equality(parseId, { foldCase: 'never' }), ...emptiness() },
  encode: (value) => String(value),
  schema: { type: 'string' },
});

const label = computedField({
  name: 'label',
  storagePath: 'label',
  operators: { ...equality(operandText), ...emptiness(), ...like(), ...ordered(operandText) },
  encode: (value) => String(value),
  schema: { type: 'string' },
});

const version = computedField({
  name: 'version',
  storagePath: 'version',
  operators: { ...equality(parseVersion), ...emptiness(), ...ordered(parseVersion) },
  encode: (value) => Number(value),
  schema: { type: 'integer' },
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
