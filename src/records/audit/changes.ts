// What a write changed: whole snapshots, or the fields that differ between two stored states (spec auth-jobs-logs-files §8.3).
import { isDeepStrictEqual } from 'node:util';
import type { Json, ValueEnv } from '../../fields/field-type.ts';
import type { Group } from '../draft.ts';
import { type Recorded, recordedJson } from './recorded.ts';

/** Values by the name of the top-level field. */
export type Values = { readonly [field: string]: Json };

/** Old and new values of what changed. */
export interface Change {
  readonly before: Values;
  readonly after: Values;
}

/** Are two stored values the same? Never called for two that are both absent. */
export type Same = (field: Recorded['field'], before: unknown, after: unknown) => boolean;

/** Every recorded field; empty lists are left out, as documented entries do. */
export function snapshot(recorded: readonly Recorded[], data: Readonly<Group>, env: ValueEnv): Values {
  const values: Record<string, Json> = {};
  for (const one of recorded) {
    const value = recordedJson(one, data[one.field.name], env);
    if (value !== null || !one.field.many) values[one.field.name] = value;
  }
  return values;
}

/**
 * The fields that differ; null when none does. Dates that the server itself moves with every save say nothing: the entry has a
 * time of its own.
 */
export function difference(
  recorded: readonly Recorded[],
  before: Readonly<Group>,
  after: Readonly<Group>,
  { env, same }: { readonly env: ValueEnv; readonly same: Same },
): Change | null {
  const old: Record<string, Json> = {};
  const next: Record<string, Json> = {};
  let any = false;
  for (const one of recorded) {
    const { name, type } = one.field;
    if (type.lifecycle === 'modified' || isSame(one, before[name], after[name], same)) continue;
    any = true;
    old[name] = recordedJson(one, before[name], env);
    next[name] = recordedJson(one, after[name], env);
  }
  return any ? { before: old, after: next } : null;
}

/** By the type's own equality: what a reference is called elsewhere is no change of it. */
export const sameValue: Same = (field, before, after) => field.type.equal(before, after);

/** By all that is shown: labels and copied fields of references count, since it is they that a cascade changes. */
export const sameShown =
  (env: ValueEnv): Same =>
  (field, before, after) =>
    isDeepStrictEqual(field.type.encode(before, field, env), field.type.encode(after, field, env));

function isSame(recorded: Recorded, before: unknown, after: unknown, same: Same): boolean {
  const { field, inner } = recorded;
  if (before === after) return true;
  if (field.many) return isSameList(recorded, listOf(before), listOf(after), same);
  if (inner) return isSameGroup(inner, (before ?? {}) as Group, (after ?? {}) as Group, same);
  const [old, next] = [before ?? null, after ?? null];
  if (old !== null && next !== null) return same(field, old, next);
  // an absent boolean is a false one
  const only = old ?? next;
  return only === null || only === field.type.emptyNative;
}

function isSameList(recorded: Recorded, before: unknown[], after: unknown[], same: Same): boolean {
  const { field, inner } = recorded;
  if (before.length !== after.length) return false;
  return before.every((item, index) => {
    const other = after[index];
    if (!inner) return same(field, item, other);
    const [old, next] = [item as Group, other as Group];
    return String(old._id) === String(next._id) && isSameGroup(inner, old, next, same);
  });
}

function isSameGroup(inner: readonly Recorded[], before: Group, after: Group, same: Same): boolean {
  return inner.every((one) => isSame(one, before[one.field.name], after[one.field.name], same));
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
