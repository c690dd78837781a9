// Pages of a list: sorting with ties by id, and going on after a record at the same cost wherever it stands (keyset paging).
import type { Document, ObjectId } from 'mongodb';
import { badRequest } from '../errors.ts';
import { valueAt } from './matches.ts';
import { and, not, or, type Predicate } from './predicate.ts';

/** By what a list is sorted: a storage path without lists. */
export interface SortPlan {
  readonly path: string;
  readonly direction: 1 | -1;
}

/** Where a page begins: at the start, after so many records, or after the record of that id. */
export type Offset =
  | { readonly kind: 'start' }
  | { readonly kind: 'skip'; readonly count: number }
  | { readonly kind: 'after'; readonly id: ObjectId };

/** Lists without sort options: newest first (spec field-types §2.10). */
export const BY_ID: SortPlan = { path: '_id', direction: -1 };

/** The sort for MongoDB: ties by id, in the direction of the sort, so that pages never overlap. */
export function mongoSort({ path, direction }: SortPlan): [path: string, direction: 1 | -1][] {
  return path === '_id'
    ? [['_id', direction]]
    : [
        [path, direction],
        ['_id', direction],
      ];
}

/** What must be known of an offset's record to go on after it: null when its id is enough. */
export function offsetProjection(sort: SortPlan): Document | null {
  return sort.path === '_id' ? null : { [sort.path]: 1 };
}

/**
 * The test that only records after the offset's pass. The value of a sorted field is read from the record as it is now.
 * @param record the offset's record with at least {@link offsetProjection}; null when it is gone or the reader may not see it
 * @throws AppError `badRequest` when the place in the order is not known any more (spec README, "record lists")
 */
export function continueAfter(sort: SortPlan, id: ObjectId, record: object | null): Predicate {
  const after = (path: string, value: unknown): Predicate =>
    sort.direction === 1 ? { kind: 'range', path, gt: value } : { kind: 'range', path, lt: value };
  if (sort.path === '_id') return after('_id', id);
  if (!record) throw badRequest(`The record of [_offset] was not found: ${id.toHexString()}`);
  const value = valueAt(record, sort.path);
  const empty: Predicate = { kind: 'empty', path: sort.path };
  const ties = after('_id', id);
  // empties stand first ascending and last descending, and no comparison ever finds them
  if (value === null || value === undefined) {
    const rest = and([empty, ties]);
    return sort.direction === 1 ? or([rest, not(empty)]) : rest;
  }
  const rest = [and([{ kind: 'in', path: sort.path, values: [value] }, ties]), after(sort.path, value)];
  return or(sort.direction === 1 ? rest : [...rest, empty]);
}
