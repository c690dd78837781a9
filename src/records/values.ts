// Values outside a request body: defaults, lookup values and calculated ones, decoded by their type.
import type { Field } from '../definitions/model.ts';
import { type Json, PendingLookup, Problem, type ValueEnv } from '../fields/field-type.ts';

/** The stored form of one input, or undefined when it is empty, does not decode, or needs a lookup. */
export function toStored(field: Field, input: Json, env: ValueEnv): unknown {
  if (input === null) return undefined;
  const decoded = field.type.decode(input, field, env, null);
  if (decoded instanceof Problem || decoded instanceof PendingLookup) return undefined;
  return decoded ?? undefined;
}
