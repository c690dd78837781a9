// Moves sealed values to the current encryption key, record by record, beside a running server.
import type { Db, Filter } from 'mongodb';
import { guarded } from '../../db/errors.ts';
import type { EntityModel, StoredRecord } from '../../definitions/model.ts';
import type { Sealer } from '../../fields/sealed.ts';
import type { Group } from '../draft.ts';
import { sealRecord, unsealRecord } from '../sealing.ts';
import { hiddenKey } from '../unique.ts';
import { visitValues } from '../walk.ts';

export interface ResealProgress {
  readonly entity: string;
  /** Records looked at, and those that held a value under another key. */
  readonly seen: number;
  readonly changed: number;
}

/**
 * Seals every value of the entity again that is under another key than the current one. A record that changes meanwhile is read
 * again: its version is the condition of the write, and stays what it is, since nothing that clients see has changed.
 */
export async function resealEntity(db: Db, entity: EntityModel, sealer: Sealer): Promise<ResealProgress> {
  const collection = db.collection<StoredRecord>(entity.collection);
  let seen = 0;
  let changed = 0;
  for await (const found of collection.find({}, { projection: { auth: 0 } }).sort({ _id: 1 })) {
    seen++;
    let record: StoredRecord | null = found as StoredRecord;
    while (record && isStale(entity, record, sealer)) {
      const { data, keys } = sealAgain(entity, record, sealer);
      const filter = { _id: record._id, version: record.version } as Filter<StoredRecord>;
      const result = await guarded(() => collection.updateOne(filter, { $set: keys ? { data, keys } : { data } }));
      if (result.matchedCount === 1) {
        changed++;
        break;
      }
      record = (await guarded(() =>
        collection.findOne({ _id: found._id } as Filter<StoredRecord>, { projection: { auth: 0 } }),
      )) as StoredRecord | null;
    }
  }
  return { entity: entity.name, seen, changed };
}

function isStale(entity: EntityModel, record: StoredRecord, sealer: Sealer): boolean {
  let stale = false;
  visitValues(entity.fields, record.data as Group, (field, value) => {
    if (field.sensitive && (!sealer.isSealed(value) || sealer.needsReseal(value))) stale = true;
  });
  return stale;
}

/** The hidden arrays hold hashes under the old key, so they are made anew from the values in clear. */
function sealAgain(entity: EntityModel, record: StoredRecord, sealer: Sealer): StoredRecord {
  const clear = unsealRecord(entity, record, sealer);
  if (!clear.keys) return sealRecord(entity, clear, sealer);
  const keys: Record<string, unknown[]> = {};
  visitValues(entity.fields, clear.data as Group, (field, value) => {
    if (!field.unique || !field.insideMany || !field.type.uniqueKey) return;
    const name = hiddenKey(field);
    keys[name] = [...(keys[name] ?? []), field.type.uniqueKey.of(value)];
  });
  return sealRecord(entity, { ...clear, keys }, sealer);
}
