// The filters of relationships, at every save: the record that a reference points to must pass (spec field-types §4.27).
import type { ObjectId } from 'mongodb';
import type { EntityModel, Field, StoredRecord } from '../definitions/model.ts';
import { PendingLookup, Problem } from '../fields/field-type.ts';
import { matches } from '../query/matches.ts';
import { loadConditionData } from './condition-data.ts';
import { draftRecord, filterEnv } from './conditions.ts';
import { addProblem, type Draft, targetKey } from './draft.ts';
import type { RecordStore } from './store.ts';
import { visitValues } from './walk.ts';

interface Filtered {
  readonly field: Field;
  readonly at: string;
  readonly value: { readonly _id: ObjectId };
}

const MESSAGE = 'Record does not match the filter of the field';

/**
 * Reports every reference whose target fails the filter of its relationship. It runs when all values of the record are known, since
 * the filter may compare with them (`$currentRecord`, `currentRecordField`).
 */
export async function checkReferenceFilters(draft: Draft, store: RecordStore): Promise<void> {
  const references = filteredReferences(draft);
  if (references.length === 0) return;
  const filters = references.flatMap(({ field }) => field.relationship?.filter ?? []);
  const [{ userRecord }] = await Promise.all([
    loadConditionData(draft, store, filters, []),
    readMissing(draft, references, store),
  ]);
  const env = filterEnv(draft, userRecord, draftRecord(draft));
  const predicates = new Map(references.map(({ field }) => [field, field.relationship?.filter?.bind(env)]));
  for (const { field, at, value } of references) {
    const target = draft.targets.get(keyOf(field, value));
    const predicate = predicates.get(field);
    // a target that is gone is another mistake, which has been reported
    if (!target || !predicate || matches(predicate, target)) continue;
    const rejected = draft.sent.get(value) ?? value._id.toHexString();
    addProblem(draft, field, at, new Problem('invalid', MESSAGE, rejected));
  }
}

function filteredReferences(draft: Draft): Filtered[] {
  const found: Filtered[] = [];
  if (!hasFilters(draft.entity)) return found;
  visitValues(draft.entity.fields, draft.data, (field, value, at) => {
    if (!field.relationship?.filter || value instanceof PendingLookup || draft.failed.has(at)) return;
    found.push({ field, at, value: value as Filtered['value'] });
  });
  return found;
}

const filtering = new WeakMap<EntityModel, boolean>();

function hasFilters(entity: EntityModel): boolean {
  let has = filtering.get(entity);
  if (has === undefined) {
    has = entity.allFields.some((field) => field.relationship?.filter);
    filtering.set(entity, has);
  }
  return has;
}

/** Targets of values that came after the references were settled: an access rule has put the stored value back. */
async function readMissing(draft: Draft, references: readonly Filtered[], store: RecordStore): Promise<void> {
  const missing = references.filter(({ field, value }) => !draft.targets.has(keyOf(field, value)));
  const byEntity = Map.groupBy(missing, ({ field }) => field.relationship?.entity ?? '');
  await Promise.all(
    [...byEntity].map(async ([name, values]) => {
      const entity = draft.definitions.entities.get(name);
      if (!entity) return;
      const found: StoredRecord[] = await store.findByIds(
        entity,
        values.map(({ value }) => value._id),
      );
      for (const record of found) draft.targets.set(targetKey(name, record._id), record);
    }),
  );
}

function keyOf({ relationship }: Field, { _id }: Filtered['value']): string {
  return targetKey(relationship?.entity ?? '', _id);
}
