// A draft as scripts see it: native JSON of every field, without access rules.
import type { Field } from '../definitions/model.ts';
import { type Json, PendingLookup } from '../fields/field-type.ts';
import type { Draft, Group } from './draft.ts';
import type { ScriptRecord } from './hooks.ts';

/** The record of the draft for a message to a script host. */
export function scriptRecord(draft: Draft): ScriptRecord {
  return {
    id: draft.stored ? String(draft.id) : null,
    label: draft.stored?.label ?? null,
    version: draft.stored?.version ?? null,
    fields: nativeGroup(draft, draft.entity.fields, draft.data),
  };
}

function nativeGroup(draft: Draft, fields: readonly Field[], group: Group): Record<string, Json> {
  const native: Record<string, Json> = {};
  for (const field of fields) {
    const value = group[field.name];
    if (field.many)
      native[field.name] = ((value as unknown[] | undefined) ?? []).map((item) => nativeValue(draft, field, item));
    else native[field.name] = value == null ? field.type.emptyNative : nativeValue(draft, field, value);
  }
  return native;
}

function nativeValue(draft: Draft, field: Field, value: unknown): Json {
  if (value === null || value instanceof PendingLookup) return null;
  if (field.fields.length === 0) return field.type.encode(value, field, draft.env);
  const group = value as Group;
  return {
    id: group._id === undefined ? null : String(group._id),
    label: typeof group._label === 'string' ? group._label : null,
    ...nativeGroup(draft, field.fields, group),
  };
}
