// Deleting many records at once, in a transaction of the caller: a batch of a job, or one step of a synchronous delete. What else a
// deletion has to bring about belongs into `removeMany`.
import { ObjectId } from 'mongodb';
import type { EntityAccess } from '../context.ts';
import type { Session } from '../db/transaction.ts';
import type { StoredRecord } from '../definitions/model.ts';
import { QUERY_LIMITS } from '../query/limits.ts';
import { parseList } from '../query/list.ts';
import { mongoSort } from '../query/page.ts';
import { ALL, and, type Predicate } from '../query/predicate.ts';
import { allows } from './access.ts';
import { answerRecord } from './answer.ts';
import { auditRemovals } from './audit/entry.ts';
import { filesOf } from './file-changes.ts';
import { fileFields } from './file-values.ts';
import { removalLines } from './record-log.ts';
import type { ApiRecord } from './serialize.ts';
import type { Operation, QueryPairs } from './service.ts';

/** What became of one record; `record` only where it was asked for. */
export type Removal =
  | { readonly id: string; readonly status: 'removed'; readonly record: ApiRecord | null }
  | { readonly id: string; readonly status: 'missing' | 'forbidden'; readonly message: string };

export interface RemoveManyOptions {
  readonly session: Session;
  /** Whether the answer carries the records; they are printed after the deletion, as the caller may see them. */
  readonly print: boolean;
}

export interface RemovalListOptions {
  /** Most ids at a time. */
  readonly batch: number;
  /** Records made after that second stay out; null: all. */
  readonly madeUntil: Date | null;
}

/** What a delete over a query means, fixed at one moment. */
export interface RemovalQuery {
  readonly filter: Predicate;
  /** Null: all matches, in no promised order. */
  readonly limit: number | null;
  readonly sort: readonly [path: string, direction: 1 | -1][] | null;
}

/**
 * Deletes those records that are there and that the caller may delete; answers for each id, in their order. The transaction sees
 * the records as they were when it began: one that somebody changes meanwhile makes it start again.
 */
export async function removeMany(
  operation: Operation,
  access: EntityAccess,
  ids: readonly ObjectId[],
  { session, print }: RemoveManyOptions,
): Promise<Removal[]> {
  const { store, entity, files } = operation;
  const whole =
    print ||
    entity.audit !== null ||
    entity.enableDetailedLogging ||
    access.read !== null ||
    access.delete !== null ||
    fileFields(entity).length > 0;
  const found = new Map(
    (await store.readForRemoval(entity, ids, whole, session)).map((record) => [record._id.toHexString(), record]),
  );
  const removable = [...found.values()].filter(
    (record) => !whole || (allows(access, 'read', record) && allows(access, 'delete', record)),
  );
  await store.removeAll(
    entity,
    removable.map(({ _id }) => _id),
    [...auditRemovals(operation, removable), ...removalLines(operation, removable)],
    session,
  );
  const released = [...filesOf(entity, removable).values()];
  if (released.length > 0) await files.change({ taken: [], released }, session);
  const printed = print ? await printAll(operation, access, removable) : new Map<string, ApiRecord>();
  const removed = new Set(removable);
  return ids.map((id) => {
    const key = id.toHexString();
    const record = found.get(key);
    if (!record) return { id: key, status: 'missing', message: notThere(key, entity.name) };
    if (removed.has(record)) return { id: key, status: 'removed', record: printed.get(key) ?? null };
    return { id: key, status: 'forbidden', message: "You don't have permissions to access this record" };
  });
}

/** The message for a name that no record has. */
export const notThere = (name: string, entity: string): string =>
  `Record [${name}] was not found in entity [${entity}]`;

/**
 * The query of a delete: limited to records that the caller may read and delete (spec entity-model §4.3); the default and the
 * maximum of a page mean nothing here, `_size` limits when it is sent (spec auth-jobs-logs-files §9.6).
 * @throws AppError as lists do
 */
export function readRemovalQuery(
  { entity, env }: Operation,
  access: EntityAccess,
  pairs: QueryPairs,
  madeUntil: Date | null,
): RemovalQuery {
  const everything = Number.MAX_SAFE_INTEGER;
  const limits = { ...QUERY_LIMITS, defaultSize: everything, maxSize: everything };
  const query = parseList(entity, pairs, { access, env, limits });
  const limit = query.size === everything ? null : query.size;
  return {
    filter: and([query.filter, access.delete || ALL, madeUntil ? idsUntil(madeUntil) : ALL]),
    limit,
    sort: limit === null || query.byDistance ? null : mongoSort(query.sort),
  };
}

/** Ids begin with the second in which they were made. */
function idsUntil(time: Date): Predicate {
  const seconds = Math.floor(time.getTime() / 1_000)
    .toString(16)
    .padStart(8, '0');
  return { kind: 'range', path: '_id', lte: ObjectId.createFromHexString(seconds + 'f'.repeat(16)) };
}

async function printAll(
  operation: Operation,
  access: EntityAccess,
  records: readonly StoredRecord[],
): Promise<Map<string, ApiRecord>> {
  const answer = answerRecord(operation, access, []);
  const { entity } = operation;
  const printed = await Promise.all(
    records.map(async (record): Promise<[string, ApiRecord]> => {
      const { id = null, version = null, label = null, ...fields } = await answer(record);
      // In maps a record says what it is (spec README, "entity in a record").
      return [
        record._id.toHexString(),
        { id, version, label, entity: { id: entity.id, name: entity.label }, ...fields },
      ];
    }),
  );
  return new Map(printed);
}
