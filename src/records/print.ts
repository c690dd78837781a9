// Printing stored records for a caller: serialization with the read rules of the fields, and rights that depend on the record, applied.
import type { EntityAccess } from '../context.ts';
import type { EntityModel, StoredRecord } from '../definitions/model.ts';
import { hasReadRules, hiddenPaths } from './read-rules.ts';
import { judge } from './rights.ts';
import { type ApiRecord, type SerializeOptions, serialize } from './serialize.ts';
import type { Operation } from './service.ts';

export type PrintOptions = Omit<SerializeOptions, 'hidden'>;

const NOTHING_HIDDEN: SerializeOptions['hidden'] = new Set();

/** Prints records of one entity in order. */
export async function printRecords(
  operation: Operation,
  entity: EntityModel,
  records: readonly StoredRecord[],
  options: PrintOptions,
): Promise<ApiRecord[]> {
  const hidden = await hiddenIn(operation, entity, options.access, records);
  const shown = { ...options, access: seeing(options.access) };
  return records.map((record, index) =>
    serialize(entity, record, { ...shown, hidden: hidden[index] ?? NOTHING_HIDDEN }),
  );
}

/**
 * For each record the concrete paths of what it does not show the caller now, beside what {@link seeing} never shows; empty when
 * nothing depends on the record, so that most records print without a wait.
 */
export async function hiddenIn(
  operation: Operation,
  entity: EntityModel,
  access: EntityAccess,
  records: readonly StoredRecord[],
): Promise<readonly ReadonlySet<string>[]> {
  const rules = access.byRecord?.readFields.size ? access.byRecord : null;
  const [ruled, verdicts] = await Promise.all([
    hasReadRules(entity) ? hiddenPaths(operation, entity, records) : null,
    rules &&
      judge(
        { ...operation, entity },
        rules,
        'read',
        records.map((record) => ({ record })),
      ),
  ]);
  if (!verdicts) return ruled ?? [];
  return verdicts.map(({ hidden }, index) => new Set([...hidden, ...(ruled?.[index] ?? [])]));
}

/** The access to records whose {@link hiddenIn} is known: all fields that any record shows. */
export function seeing(access: EntityAccess): EntityAccess {
  const some = access.byRecord?.readFields;
  return some?.size ? { ...access, canRead: (field) => some.has(field) || access.canRead(field) } : access;
}
