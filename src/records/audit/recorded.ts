// Which fields of an entity its audit entries show, and the values as they show them: native JSON, sensitive ones masked.
import type { Context } from '../../context.ts';
import type { EntityModel, Field } from '../../definitions/model.ts';
import type { Json, ValueEnv } from '../../fields/field-type.ts';
import type { Group } from '../draft.ts';
import { MASK } from '../secrets.ts';

/** A field in audit entries; ignored and transient ones are no part of the tree. */
export interface Recorded {
  readonly field: Field;
  /** Inner fields of a nested group; null for other types. */
  readonly inner: readonly Recorded[] | null;
}

const plans = new WeakMap<EntityModel, Map<Context['origin'], readonly Recorded[]>>();

/** The recorded fields of an entity for changes of that origin; made once. */
export function recordedFields(entity: EntityModel, origin: Context['origin']): readonly Recorded[] {
  let byOrigin = plans.get(entity);
  if (!byOrigin) {
    byOrigin = new Map();
    plans.set(entity, byOrigin);
  }
  let plan = byOrigin.get(origin);
  if (!plan) {
    const ignored = (origin !== 'system' && entity.audit?.ignoredFields[origin]) || new Set<string>();
    plan = planOf(entity.fields, ignored);
    byOrigin.set(origin, plan);
  }
  return plan;
}

function planOf(fields: readonly Field[], ignored: ReadonlySet<string>): readonly Recorded[] {
  return fields
    .filter(({ transient, path }) => !transient && !ignored.has(path))
    .map((field) => ({ field, inner: field.fields.length > 0 ? planOf(field.fields, ignored) : null }));
}

/** A stored value, or its absence, as entries show it; empty lists are `null`. */
export function recordedJson(recorded: Recorded, value: unknown, env: ValueEnv): Json {
  const { field, inner } = recorded;
  if (field.many) {
    if (!Array.isArray(value) || value.length === 0) return null;
    if (field.sensitive) return MASK;
    return value.map((item) => (inner ? groupJson(field, inner, item as Group, env) : valueJson(field, item, env)));
  }
  if (value === null || value === undefined) return inner ? null : field.type.emptyNative;
  if (field.sensitive) return MASK;
  return inner ? groupJson(field, inner, value as Group, env) : valueJson(field, value, env);
}

function valueJson(field: Field, value: unknown, env: ValueEnv): Json {
  return field.type.encode(value, field, env);
}

/** Inner fields, then what identifies the group, as the documented entries have them (spec auth-jobs-logs-files §8.3). */
function groupJson(field: Field, inner: readonly Recorded[], group: Group, env: ValueEnv): Json {
  const json: Record<string, Json> = {};
  for (const one of inner) json[one.field.name] = recordedJson(one, group[one.field.name], env);
  const label = typeof group._label === 'string' ? group._label : field.label;
  json.id = group._id === undefined ? null : String(group._id);
  json.nestedFieldLabel = label;
  json.label = label;
  return json;
}
