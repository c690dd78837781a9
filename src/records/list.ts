// One page of records: filtered, sorted, counted beside the page, printed for the caller.
import type { ObjectId } from 'mongodb';
import type { EntityAccess } from '../context.ts';
import type { StoredRecord } from '../definitions/model.ts';
import { type ListQuery, parseList } from '../query/list.ts';
import { continueAfter, mongoSort } from '../query/page.ts';
import { and, type Predicate } from '../query/predicate.ts';
import { projectionOf } from '../query/selection.ts';
import { allows } from './access.ts';
import { printPage } from './answer.ts';
import type { ApiRecord } from './serialize.ts';
import type { Operation, QueryPairs } from './service.ts';

export interface ListAnswer {
  readonly total: number;
  /** Id of the last item; absent when there are none (spec README, "record lists"). */
  readonly offset?: string;
  readonly items: readonly ApiRecord[];
}

/**
 * Lists records inside what the caller may read. `total` counts all matches, whatever the page; count and page run side by side.
 * @throws AppError `badRequest` for a malformed query, `forbidden` for filters and sorts on hidden fields
 */
export async function listRecords(operation: Operation, access: EntityAccess, pairs: QueryPairs): Promise<ListAnswer> {
  const query = parseList(operation.entity, pairs, { access, env: operation.env });
  const page = await pageFilter(operation, access, query);
  const [total, records] = await Promise.all([
    operation.totals.count(operation.entity, query.filter, query.offset.kind === 'after'),
    query.size === 0 ? [] : readPage(operation, access, query, page),
  ]);
  const items = await printPage(operation, access, records, query);
  const last = records.at(-1);
  return last ? { total, offset: last._id.toHexString(), items } : { total, items };
}

function readPage(
  { store, entity }: Operation,
  access: EntityAccess,
  query: ListQuery,
  filter: Predicate,
): Promise<StoredRecord[]> {
  return store.page(entity, {
    filter,
    sort: query.byDistance ? null : mongoSort(query.sort),
    skip: query.offset.kind === 'skip' ? query.offset.count : 0,
    limit: query.size,
    projection: projectionOf(entity, query.fields, access),
  });
}

async function pageFilter(operation: Operation, access: EntityAccess, query: ListQuery): Promise<Predicate> {
  const { offset, sort, filter } = query;
  if (offset.kind !== 'after') return filter;
  const record = sort.path === '_id' ? null : await offsetRecord(operation, access, offset.id);
  return and([filter, continueAfter(sort, offset.id, record)]);
}

/** A record that the caller may not read is no place to go on from: its sorted value would show in the page. */
async function offsetRecord(
  { store, entity }: Operation,
  access: EntityAccess,
  id: ObjectId,
): Promise<StoredRecord | null> {
  const record = await store.findById(entity, id);
  return record && allows(access, 'read', record) ? record : null;
}
