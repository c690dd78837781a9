// Sealing and unsealing the sensitive values of a stored record.
import type { EntityModel, Field, StoredRecord } from '../definitions/model.ts';
import type { Sealer } from '../fields/sealed.ts';
import type { Group } from './draft.ts';
import { hiddenKey } from './unique.ts';

/** The record with every sensitive value encrypted, lists element by element; the input stays as it is. */
export function sealRecord(entity: EntityModel, record: StoredRecord, sealer: Sealer): StoredRecord {
  const seal = (value: unknown, field: Field): unknown => sealer.seal(value, field, entity.name);
  const data = mapSensitive(entity.fields, record.data, seal);
  if (!record.keys) return { ...record, data };
  const keys: Record<string, readonly unknown[]> = { ...record.keys };
  for (const field of entity.allFields) {
    const name = hiddenKey(field);
    // Only the current key's hash: after a key change the re-encryption command renews these too.
    if (field.sensitive && keys[name]) keys[name] = keys[name].map((key) => sealer.hashes(key)[0]);
  }
  return { ...record, data, keys };
}

/** The record as it was before {@link sealRecord}; values stored in clear before a field became sensitive pass through. */
export function unsealRecord(entity: EntityModel, record: StoredRecord, sealer: Sealer): StoredRecord {
  const unseal = (value: unknown, field: Field): unknown =>
    sealer.isSealed(value) ? sealer.unseal(value, field, entity.name) : value;
  return { ...record, data: mapSensitive(entity.fields, record.data, unseal) };
}

function mapSensitive(
  fields: readonly Field[],
  group: Readonly<Group>,
  change: (value: unknown, field: Field) => unknown,
): Group {
  const copy: Group = { ...group };
  for (const field of fields) {
    const value = copy[field.name];
    if (value == null) continue;
    if (field.sensitive)
      copy[field.name] = Array.isArray(value) ? value.map((item) => change(item, field)) : change(value, field);
    else if (field.fields.length === 0) continue;
    else if (Array.isArray(value))
      copy[field.name] = value.map((item) => mapSensitive(field.fields, item as Group, change));
    else copy[field.name] = mapSensitive(field.fields, value as Group, change);
  }
  return copy;
}
