// Copied fields: the values of a target record that a relationship keeps, by their path in the target (spec entity-model §2.11).
import type { Field } from '../definitions/model.ts';
import type { Json, ValueEnv } from './field-type.ts';
import { nativeOf } from './native.ts';
import type { StoredReference } from './relationship.ts';

/** Values by field name; nested elements also have `_id` and `_label`. */
export type StoredGroup = Readonly<Record<string, unknown>>;

/** A field of the target; of a group, the inner fields that are copied. */
interface Copy {
  readonly field: Field;
  readonly inner: readonly Copy[];
}

/**
 * Relationships may copy relationships with their own copies. Entities that copy each other would grow with every cascade:
 * copies end at this depth.
 */
export const MAX_DEPTH = 4;

const plans = new WeakMap<Field, readonly Copy[]>();

/** Where a relationship keeps its copy of a field of its target: `data.company.availableFields.type`. */
export function copiedPath(relationshipPath: string, field: Field): string {
  return `${relationshipPath}.availableFields.${field.path}`;
}

/** What a relationship copies from its target's stored data; null when that is nothing. */
export function copyFields(relationship: Field, data: StoredGroup, depth = 1): StoredGroup | null {
  if (depth > MAX_DEPTH) return null;
  const copied = pick(planOf(relationship), data, depth);
  return Object.keys(copied).length > 0 ? copied : null;
}

/** Native JSON of the copies, as they stand beside `id` and `label`. */
export function encodeCopies(relationship: Field, copies: StoredGroup, env: ValueEnv): { [key: string]: Json } {
  return encode(planOf(relationship), copies, env);
}

function planOf(relationship: Field): readonly Copy[] {
  let plan = plans.get(relationship);
  if (!plan) {
    plan = planCopies(relationship.relationship?.copiedFields ?? []);
    plans.set(relationship, plan);
  }
  return plan;
}

function planCopies(fields: readonly Field[]): readonly Copy[] {
  const wanted = new Set(fields);
  const needed = new Set<Field>();
  for (const field of fields) for (let at: Field | null = field; at; at = at.parent) needed.add(at);
  const roots = new Set([...needed].filter((field) => field.parent === null));
  const plan = (field: Field, whole: boolean): Copy => {
    const all = whole || wanted.has(field);
    const inner = field.fields.filter((child) => isCopyable(child) && (all || needed.has(child)));
    return { field, inner: inner.map((child) => plan(child, all)) };
  };
  return [...roots].filter(isCopyable).map((field) => plan(field, false));
}

/** Sensitive values must not leave their sealed place, transient ones are never stored. */
function isCopyable(field: Field): boolean {
  return !field.sensitive && !field.transient;
}

function pick(plan: readonly Copy[], group: StoredGroup, depth: number): StoredGroup {
  const copied: Record<string, unknown> = {};
  for (const { field, inner } of plan) {
    const value = group[field.name];
    if (value === undefined || value === null) continue;
    const one = (item: unknown): unknown => {
      if (field.relationship) return withCopies(item as StoredReference, field, depth);
      return field.fields.length > 0
        ? { ...identity(item as StoredGroup), ...pick(inner, item as StoredGroup, depth) }
        : item;
    };
    copied[field.name] = Array.isArray(value) ? value.map(one) : one(value);
  }
  return copied;
}

function withCopies({ availableFields, ...reference }: StoredReference, field: Field, depth: number): StoredReference {
  const copied = availableFields ? copyFields(field, availableFields, depth + 1) : null;
  return copied ? { ...reference, availableFields: copied } : reference;
}

function identity({ _id, _label }: StoredGroup): StoredGroup {
  return { ...(_id !== undefined && { _id }), ...(_label !== undefined && { _label }) };
}

function encode(plan: readonly Copy[], group: StoredGroup, env: ValueEnv): { [key: string]: Json } {
  const native: { [key: string]: Json } = {};
  for (const { field, inner } of plan) {
    const value = group[field.name];
    const one = (item: StoredGroup): Json => ({
      id: item._id === undefined ? null : String(item._id),
      label: String(item._label ?? field.label),
      ...encode(inner, item, env),
    });
    if (field.fields.length === 0) native[field.name] = nativeOf(field, value, env);
    else if (field.many) native[field.name] = Array.isArray(value) ? value.map(one) : [];
    else native[field.name] = value ? one(value as StoredGroup) : null;
  }
  return native;
}
