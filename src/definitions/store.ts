// What MongoDB keeps about definitions: ids of entities and groups, versions of entities, and the format of what is stored.
import { type AnyBulkWriteOperation, type Collection, type Db, MongoServerError, ObjectId } from 'mongodb';
import { StartError } from '../db/connecting.ts';
import type { Identities } from './identities.ts';
import type { LoadedDefinitions } from './load.ts';

/** Grows when stored documents change their shape in a way that older servers can't read. */
export const STORAGE_FORMAT = 1;

interface SettingsDocument {
  readonly _id: 'storage';
  readonly format: number;
}

/** One entity or group; `_id` is `entity:<full name>` or `group:<name>`, so that two processes can't make two. */
interface IdentityDocument {
  readonly _id: string;
  readonly id: ObjectId;
  /** Entities only. */
  readonly hash?: string;
  readonly version?: number;
}

/**
 * Checks the storage format of the database, and marks an empty one with ours.
 * @throws StartError when a newer server wrote to it
 */
export async function ensureStorageFormat(db: Db): Promise<void> {
  const settings = db.collection<SettingsDocument>('settings');
  const found = await retryDuplicate(() =>
    settings.findOneAndUpdate(
      { _id: 'storage' },
      { $setOnInsert: { format: STORAGE_FORMAT } },
      { upsert: true, returnDocument: 'after' },
    ),
  );
  if (found && found.format > STORAGE_FORMAT) {
    throw new StartError(
      `Database ${db.databaseName} has storage format ${found.format}, written by a newer version of Trebuchet; ` +
        `this version knows formats up to ${STORAGE_FORMAT}: run the newer version, or restore a backup from before the upgrade`,
    );
  }
}

/**
 * Ids and versions for loaded definitions: made on first sight, the same in every process, for ever. An entity's version grows by
 * one when the hash of its definition is not the one seen last (spec README, "entity id, group id, entityVersion").
 */
export async function resolveIdentities(db: Db, loaded: LoadedDefinitions): Promise<Identities> {
  const collection = db.collection<IdentityDocument>('definitions');
  const entities = [...loaded.entities];
  await insertMissing(collection, entities, loaded.groups);
  await countChanges(collection, entities);
  const keys = [...entities.map(([name]) => entityKey(name)), ...loaded.groups.map(groupKey)];
  const found = new Map((await collection.find({ _id: { $in: keys } }).toArray()).map((each) => [each._id, each]));
  const get = (key: string): IdentityDocument => {
    const document = found.get(key);
    if (!document) throw new Error(`${key} was removed from the collection definitions while it was read`);
    return document;
  };
  return {
    entities: new Map(
      entities.map(([name]) => {
        const { id, version = 1 } = get(entityKey(name));
        return [name, { id: id.toHexString(), version }];
      }),
    ),
    groups: new Map(loaded.groups.map((name) => [name, get(groupKey(name)).id.toHexString()])),
  };
}

const entityKey = (name: string): string => `entity:${name}`;
const groupKey = (name: string): string => `group:${name}`;

type Write = AnyBulkWriteOperation<IdentityDocument>;

async function insertMissing(
  collection: Collection<IdentityDocument>,
  entities: readonly (readonly [name: string, hash: string])[],
  groups: readonly string[],
): Promise<void> {
  const insert = (_id: string, document: Omit<IdentityDocument, '_id'>): Write => ({
    updateOne: { filter: { _id }, update: { $setOnInsert: document }, upsert: true },
  });
  const writes = [
    ...entities.map(([name, hash]) => insert(entityKey(name), { id: new ObjectId(), hash, version: 1 })),
    ...groups.map((name) => insert(groupKey(name), { id: new ObjectId() })),
  ];
  if (writes.length > 0) await retryDuplicate(() => collection.bulkWrite(writes, { ordered: false }));
}

/** Compare and set: of several processes that see the same new hash, one counts. */
async function countChanges(
  collection: Collection<IdentityDocument>,
  entities: readonly (readonly [name: string, hash: string])[],
): Promise<void> {
  const writes = entities.map(
    ([name, hash]): Write => ({
      updateOne: {
        filter: { _id: entityKey(name), hash: { $ne: hash } },
        update: { $set: { hash }, $inc: { version: 1 } },
      },
    }),
  );
  if (writes.length > 0) await collection.bulkWrite(writes, { ordered: false });
}

const DUPLICATE_KEY = 11000;

/** Two upserts of one key at the same moment: the loser finds the document when it tries again. */
async function retryDuplicate<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return work();
    throw error;
  }
}
