// Who holds a unique value: asked when the index has refused a write, or where the index is missing.
import type { Collection, Document, Filter, ObjectId } from 'mongodb';
import { guarded } from '../db/errors.ts';
import type { Field, StoredRecord } from '../definitions/model.ts';
import type { Sealer } from '../fields/sealed.ts';
import { hiddenKey } from './unique.ts';

/** A unique value of a record, by the key that the index compares. */
export interface UniqueKey {
  readonly field: Field;
  readonly key: unknown;
}

/** What one question to the database may hold, since it names its values twice. */
const MOST_VALUES = 1_000;
const MOST_CHARACTERS = 1_000_000;

/** For each value, whether another record than `id` holds it. */
export async function findTaken(
  records: Collection<StoredRecord>,
  sealer: Pick<Sealer, 'hashes'>,
  id: ObjectId,
  values: readonly UniqueKey[],
): Promise<boolean[]> {
  const taken = new Set<string>();
  for (const [field, ofField] of Map.groupBy(values, (value) => value.field)) {
    const path = keyPath(field);
    const keys = ofField.flatMap(({ key }) => storedKeys(field, key, sealer));
    for (const chunk of chunksOf(keys)) {
      const found = await guarded(() => heldKeys(records, path, chunk, id));
      for (const key of found) taken.add(`${path} ${nameOf(key)}`);
    }
  }
  return values.map(({ field, key }) =>
    storedKeys(field, key, sealer).some((stored) => taken.has(`${keyPath(field)} ${nameOf(stored)}`)),
  );
}

/** Where the index finds the key of a value: beside the values of lists, in a hidden array. */
function keyPath(field: Field): string {
  if (field.insideMany) return `keys.${hiddenKey(field)}`;
  return field.storagePath + (field.sensitive ? '.hash' : (field.type.uniqueKey?.suffix ?? ''));
}

function storedKeys(field: Field, key: unknown, sealer: Pick<Sealer, 'hashes'>): readonly unknown[] {
  return field.sensitive ? sealer.hashes(key) : [key];
}

async function heldKeys(
  records: Collection<StoredRecord>,
  path: string,
  keys: readonly unknown[],
  id: ObjectId,
): Promise<readonly unknown[]> {
  const others: Document = { [path]: { $in: keys }, _id: { $ne: id } };
  if (keys.length === 1) {
    const holder = await records.findOne(others as Filter<StoredRecord>, { projection: { _id: 1 } });
    return holder ? keys : [];
  }
  const rows = records.aggregate<{ _id: unknown }>([
    { $match: others },
    { $project: { _id: 0, key: `$${path}` } },
    { $unwind: '$key' },
    { $match: { key: { $in: keys } } },
    { $group: { _id: '$key' } },
  ]);
  return (await rows.toArray()).map(({ _id }) => _id);
}

function* chunksOf(keys: readonly unknown[]): Generator<unknown[]> {
  let chunk: unknown[] = [];
  let characters = 0;
  for (const key of keys) {
    const length = typeof key === 'string' ? key.length : 0;
    if (chunk.length > 0 && (chunk.length === MOST_VALUES || characters + length > MOST_CHARACTERS)) {
      yield chunk;
      chunk = [];
      characters = 0;
    }
    chunk.push(key);
    characters += length;
  }
  if (chunk.length > 0) yield chunk;
}

function nameOf(key: unknown): string {
  const bytes = (key as { readonly _bsontype?: unknown } | null)?._bsontype === 'Binary';
  return bytes ? (key as { toString(encoding: 'hex'): string }).toString('hex') : `${typeof key} ${String(key)}`;
}
