// Unique values: the index decides races; what is here finds duplicates inside one record and names the fields after a refusal.
import type { Field } from '../definitions/model.ts';
import { PendingLookup, Problem } from '../fields/field-type.ts';
import { addProblem, type Draft } from './draft.ts';
import type { RecordStore } from './store.ts';
import { visitValues } from './walk.ts';

interface UniqueValue {
  readonly field: Field;
  readonly at: string;
  readonly value: unknown;
  readonly key: unknown;
}

/** Name of the hidden array that holds the unique values of a path through lists. */
export function hiddenKey(field: Field): string {
  return field.path.replaceAll('.', '-');
}

/** Collects the hidden arrays of unique values and reports values that repeat inside the record (spec entity-model §2.5). */
export function collectUniqueKeys(draft: Draft): void {
  draft.keys = null;
  if (!draft.entity.has.unique) return;
  const seen = new Map<Field, Map<string, unknown>>();
  for (const { field, at, value, key } of uniqueValues(draft)) {
    if (!field.insideMany) continue;
    let keys = seen.get(field);
    if (!keys) {
      keys = new Map();
      seen.set(field, keys);
    }
    const text = `${typeof key}:${String(key)}`;
    if (keys.has(text)) addProblem(draft, field, at, duplicate(draft, field, value));
    keys.set(text, key);
  }
  for (const [field, keys] of seen) {
    draft.keys ??= {};
    draft.keys[hiddenKey(field)] = [...keys.values()];
  }
}

/** Looks for other records that hold one of the draft's unique values and reports each. True when any was found. */
export async function reportDuplicates(draft: Draft, store: RecordStore): Promise<boolean> {
  if (!draft.entity.has.unique) return false;
  const values = uniqueValues(draft);
  if (values.length === 0) return false;
  const taken = await store.findTaken(draft.entity, draft.id, values);
  values.forEach(({ field, at, value }, index) => {
    if (taken[index]) addProblem(draft, field, at, duplicate(draft, field, value));
  });
  return taken.some(Boolean);
}

function duplicate(draft: Draft, field: Field, value: unknown): Problem {
  const rejected = field.sensitive ? undefined : field.type.encode(value, field, draft.env);
  return new Problem('notUnique', 'There is already a record with this value', rejected);
}

function uniqueValues(draft: Draft): UniqueValue[] {
  const values: UniqueValue[] = [];
  visitValues(draft.entity.fields, draft.data, (field, value, at) => {
    const isKnown = !(value instanceof PendingLookup) && !draft.failed.has(at);
    if (field.unique && field.type.uniqueKey && !field.transient && isKnown) {
      values.push({ field, at, value, key: field.type.uniqueKey.of(value) });
    }
  });
  return values;
}
