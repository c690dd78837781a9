// Native JSON of whole fields: lists, empties and nested groups around what the types themselves encode.
import type { Field } from '../definitions/model.ts';
import type { Json, ValueEnv } from './field-type.ts';

/** Native JSON of all that a field holds: `[]` for an empty list, the type's own empty value for a missing one. */
export function nativeOf(field: Field, stored: unknown, env: ValueEnv): Json {
  if (field.many) return Array.isArray(stored) ? stored.map((item) => field.type.encode(item, field, env)) : [];
  return stored === undefined || stored === null ? field.type.emptyNative : field.type.encode(stored, field, env);
}

/** Plain text of all that a field holds, list elements joined by commas. */
export function plainTextOf(field: Field, stored: unknown, env: ValueEnv): string {
  const values = Array.isArray(stored) ? stored : stored === undefined || stored === null ? [] : [stored];
  return values.map((value) => field.type.plainText(value, field, env)).join(', ');
}

/** JSON Schema of what {@link nativeOf} gives: a list, or one value that may be empty. */
export function schemaOf(field: Field): { readonly [key: string]: unknown } {
  const one = field.type.schema(field);
  if (field.many) return { type: 'array', items: one };
  return field.type.emptyNative === null ? { anyOf: [one, { type: 'null' }] } : one;
}
