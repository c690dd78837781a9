// References of a save: looks up what was written, checks what is kept, copies labels and fields (spec field-types §4.27, entity-model §2.11).
import type { ObjectId } from 'mongodb';
import type { EntityModel, Field, StoredRecord } from '../definitions/model.ts';
import { type Lookup, type LookupTry, PendingLookup, Problem } from '../fields/field-type.ts';
import { storeReference } from '../fields/relationship.ts';
import { sameValue } from '../query/compare.ts';
import { matches, valuesAt } from '../query/matches.ts';
import { addProblem, type Draft, type Group, type PendingValue, targetKey } from './draft.ts';
import { settleFiles } from './file-values.ts';
import type { Files } from './files.ts';
import type { RecordStore, TargetQuery } from './store.ts';
import { toStored } from './values.ts';
import { visitValues } from './walk.ts';

interface Reference {
  readonly field: Field;
  readonly at: string;
  readonly container: Group | unknown[];
  readonly key: string | number;
  readonly value: { readonly _id: ObjectId };
}

/** Everything one save needs from one target entity, fetched with one query. */
interface TargetWork {
  readonly entity: EntityModel;
  readonly pending: PendingValue[];
  readonly kept: Reference[];
}

/**
 * Settles all references of the draft with one query per target entity, and one for files: pending lookups become stored references,
 * kept ones are checked to exist still and get the target's newest label and copied fields. Problems go to the draft.
 * @param scope `pending`: only what was written since the last call
 */
export async function settleReferences(
  draft: Draft,
  { store, files }: { readonly store: RecordStore; readonly files: Files },
  scope: 'all' | 'pending' = 'all',
): Promise<void> {
  const work = collectWork(draft, scope);
  const ofFiles = draft.pending.filter(({ lookup }) => 'files' in lookup.target);
  if (work.size === 0 && ofFiles.length === 0) return;
  await Promise.all([
    settleFiles(draft, ofFiles, files),
    ...Array.from(work.values(), (target) => settleTarget(draft, store, target)),
  ]);
  draft.pending.length = 0;
}

function collectWork(draft: Draft, scope: 'all' | 'pending'): Map<string, TargetWork> {
  const work = new Map<string, TargetWork>();
  const of = (name: string): TargetWork | undefined => {
    let target = work.get(name);
    const entity = draft.definitions.entities.get(name);
    if (!target && entity) {
      target = { entity, pending: [], kept: [] };
      work.set(name, target);
    }
    return target;
  };
  for (const pending of draft.pending) {
    if ('records' in pending.lookup.target) of(pending.lookup.target.records)?.pending.push(pending);
  }
  if (scope === 'all' && draft.entity.has.relationships) {
    visitValues(draft.entity.fields, draft.data, (field, value, at, container, key) => {
      if (!field.relationship || value instanceof PendingLookup) return;
      of(field.relationship.entity)?.kept.push({ field, at, container, key, value: value as Reference['value'] });
    });
  }
  return work;
}

async function settleTarget(draft: Draft, store: RecordStore, work: TargetWork): Promise<void> {
  const byId = new Map(
    (await store.findTargets(work.entity, targetQuery(draft, work))).map((record) => [String(record._id), record]),
  );
  // the same record may have been found by its id and by its label
  const found = [...byId.values()];
  const access = draft.ctx.accessTo(work.entity);
  const readable = (record: StoredRecord): boolean =>
    draft.ctx.origin !== 'user' || access.read === null || (access.read !== false && matches(access.read, record));
  for (const pending of work.pending) settlePending(draft, work.entity, pending, found, byId, readable);
  for (const record of found) draft.targets.set(targetKey(work.entity.name, record._id), record);
  for (const kept of work.kept) refreshKept(draft, work.entity, kept, byId.get(String(kept.value._id)));
}

function targetQuery(draft: Draft, work: TargetWork): TargetQuery {
  const ids: ObjectId[] = work.kept.map((kept) => kept.value._id);
  const labels: string[] = [];
  const values: LookupKey[] = [];
  const copied = new Set<string>();
  for (const { lookup } of work.pending) {
    for (const attempt of lookup.tries) {
      if (attempt.by === 'id') ids.push(attempt.id);
      else if (attempt.by === 'label') labels.push(attempt.label);
      else if (attempt.by === 'field') values.push(...lookupKeys(draft, work.entity, attempt));
    }
  }
  for (const { field } of [...work.pending, ...work.kept]) {
    for (const copy of field.relationship?.copiedFields ?? []) addCopied(copy, copied);
    // what the filter of the relationship will look at when all values of the record are known
    for (const used of field.relationship?.filter?.fields ?? []) copied.add(used.storagePath);
  }
  for (const { path } of values) copied.add(path);
  return { ids, labels, values, copied: outermost(copied), access: draft.ctx.accessTo(work.entity).read };
}

/** The path of a copied field, and what tells the groups around it apart. */
function addCopied(copy: Field, paths: Set<string>): void {
  paths.add(copy.storagePath);
  for (let group = copy.parent; group; group = group.parent) {
    paths.add(`${group.storagePath}._id`);
    paths.add(`${group.storagePath}._label`);
  }
}

/** Without what lies inside of others: MongoDB refuses to project both. */
function outermost(paths: ReadonlySet<string>): string[] {
  return [...paths].filter((path) => !isInside(path, paths));
}

function isInside(path: string, others: ReadonlySet<string>): boolean {
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    if (others.has(path.slice(0, dot))) return true;
  }
  return false;
}

/** A stored value that records are looked for by, and where it stands. */
interface LookupKey {
  readonly path: string;
  readonly value: unknown;
}

/** The stored values a lookup by field searches for; a value that does not decode finds nothing. */
function lookupKeys(
  draft: Draft,
  target: EntityModel,
  attempt: Extract<LookupTry, { by: 'field' }>,
): readonly LookupKey[] {
  const fields = target.lookupFields.filter((field) => attempt.field === null || field.path === attempt.field);
  return fields.flatMap((field): LookupKey[] => {
    const value = toStored(field, attempt.value, draft.env);
    if (value === undefined) return [];
    // e-mails of users are the same in any case: their records keep a copy for that (spec field-types §4.27)
    return target.name === 'sys.users' && field.path === 'email'
      ? [{ path: 'data.emailStandardized', value: String(value).trim().toLowerCase() }]
      : [{ path: field.storagePath + (field.type.uniqueKey?.suffix ?? ''), value: field.type.uniqueKey?.of(value) }];
  });
}

function settlePending(
  draft: Draft,
  target: EntityModel,
  pending: PendingValue,
  found: readonly StoredRecord[],
  byId: ReadonlyMap<string, StoredRecord>,
  readable: (record: StoredRecord) => boolean,
): void {
  const result = search(draft, target, pending.lookup, found, byId, readable);
  const container = pending.container as Record<string | number, unknown>;
  if (result instanceof Problem) {
    addProblem(draft, pending.field, pending.at, result);
    if (!Array.isArray(pending.container)) delete container[pending.key];
    return;
  }
  const reference = storeReference(target, result, pending.field);
  container[pending.key] = reference;
  draft.sent.set(reference, pending.lookup.rejected);
}

/** Tries in order; the first that finds anything decides. What the caller can't read answers as if it were not there, but for ids. */
function search(
  draft: Draft,
  target: EntityModel,
  lookup: Lookup,
  found: readonly StoredRecord[],
  byId: ReadonlyMap<string, StoredRecord>,
  readable: (record: StoredRecord) => boolean,
): StoredRecord | Problem {
  for (const attempt of lookup.tries) {
    if (attempt.by === 'id') {
      const record = byId.get(String(attempt.id));
      if (!record) continue;
      return readable(record)
        ? record
        : new Problem('invalid', 'Access forbidden for specified field value', lookup.rejected);
    }
    const hits = candidates(draft, target, attempt, found).filter(readable);
    if (hits.length > 1) return new Problem('invalid', 'More than one record matches', lookup.rejected);
    if (hits[0]) return hits[0];
  }
  return new Problem('notFound', 'Related record was not found', lookup.rejected);
}

function candidates(
  draft: Draft,
  target: EntityModel,
  attempt: LookupTry,
  found: readonly StoredRecord[],
): readonly StoredRecord[] {
  if (attempt.by === 'label') return found.filter((record) => record.label === attempt.label);
  if (attempt.by !== 'field') return [];
  for (const key of lookupKeys(draft, target, attempt)) {
    const hits = found.filter((record) => valuesAt(record, key.path).some((value) => sameValue(value, key.value)));
    if (hits.length) return hits;
  }
  return [];
}

/** A kept reference must still point to a record (broken ones fail at the next save); its label and copies follow the target. */
function refreshKept(draft: Draft, target: EntityModel, kept: Reference, record: StoredRecord | undefined): void {
  if (!record) {
    const rejected = String(kept.value._id);
    addProblem(draft, kept.field, kept.at, new Problem('notFound', 'Related record was not found', rejected));
    return;
  }
  const container = kept.container as Record<string | number, unknown>;
  container[kept.key] = storeReference(target, record, kept.field, kept.value);
}
