// Printing stored records for a caller: serialization with the read rules of the fields applied.
import type { EntityModel, StoredRecord } from '../definitions/model.ts';
import { hasReadRules, hiddenPaths } from './read-rules.ts';
import { type ApiRecord, type SerializeOptions, serialize } from './serialize.ts';
import type { Operation } from './service.ts';

export type PrintOptions = Omit<SerializeOptions, 'hidden'>;

const NOTHING_HIDDEN: SerializeOptions['hidden'] = new Set();

/** Prints records of one entity in order; only entities whose fields have read rules wait for their evaluation. */
export async function printRecords(
  operation: Operation,
  entity: EntityModel,
  records: readonly StoredRecord[],
  options: PrintOptions,
): Promise<ApiRecord[]> {
  const hidden = hasReadRules(entity) ? await hiddenPaths(operation, entity, records) : [];
  return records.map((record, index) =>
    serialize(entity, record, { ...options, hidden: hidden[index] ?? NOTHING_HIDDEN }),
  );
}
