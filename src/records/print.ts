// Printing stored records for a caller: serialization with the read rules of the fields applied.
import type { EntityModel, StoredRecord } from '../definitions/model.ts';
import { hasReadRules, hiddenPaths } from './read-rules.ts';
import { type ApiRecord, type SerializeOptions, serialize } from './serialize.ts';
import type { Operation } from './service.ts';

export type PrintOptions = Omit<SerializeOptions, 'hidden'>;

const NOTHING_HIDDEN: SerializeOptions['hidden'] = new Set();

/** Prints records of one entity in order; only entities whose fields have read rules wait for their evaluation. */
export async function printRecords(
  { ctx, definitions, env, hooks }: Operation,
  entity: EntityModel,
  records: readonly StoredRecord[],
  options: PrintOptions,
): Promise<ApiRecord[]> {
  if (!hasReadRules(entity)) {
    const all = { ...options, hidden: NOTHING_HIDDEN };
    return records.map((record) => serialize(entity, record, all));
  }
  return Promise.all(
    records.map(async (record) => {
      const hidden = await hiddenPaths({ ctx, definitions, env }, entity, record, hooks);
      return serialize(entity, record, { ...options, hidden });
    }),
  );
}
