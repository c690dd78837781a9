// Records as answers: what the caller asked for, inside what the caller may see.
import type { EntityAccess } from '../context.ts';
import type { StoredRecord } from '../definitions/model.ts';
import { parseRead, type ReadQuery } from '../query/list.ts';
import { allows } from './access.ts';
import { printRecords } from './print.ts';
import { envOfReader } from './reader.ts';
import { fetchRelated } from './related.ts';
import type { ApiRecord, SerializeOptions } from './serialize.ts';
import type { Operation, QueryPairs } from './service.ts';

const NOTHING_FETCHED: SerializeOptions['fetched'] = new Map();

/**
 * Prepares the answer for one record: the query is parsed at once, so that its mistakes are reported before anything is read.
 * A record that the caller wrote but may not read shows its system fields only (spec entity-model §4.3).
 */
export function answerRecord(
  operation: Operation,
  access: EntityAccess,
  pairs: QueryPairs,
): (record: StoredRecord) => Promise<ApiRecord> {
  const query = parseRead(operation.entity, pairs, { access, env: operation.env });
  return async (record) => {
    const system = { id: record._id.toHexString(), version: record.version, label: record.label };
    if (!allows(access, 'read', record)) return system;
    const [answer] = await printPage(operation, access, [record], query);
    return answer ?? system;
  };
}

/** Prints a page of records as a query asks; `_relationshipsToFetch` costs one query per relationship. */
export async function printPage(
  operation: Operation,
  access: EntityAccess,
  records: readonly StoredRecord[],
  query: ReadQuery,
): Promise<ApiRecord[]> {
  const { relationshipsToFetch: wanted, format } = query;
  const shown = { env: await envOfReader(operation, query), format };
  const fetched = wanted.length > 0 ? await fetchRelated(operation, records, wanted, shown) : NOTHING_FETCHED;
  return printRecords(operation, operation.entity, records, { ...shown, access, selection: query.fields, fetched });
}
