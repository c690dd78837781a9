// The units of a job, fixed at its first start: ids in their order, in parts, so that a million of them need no memory.
import { Binary, type Db, ObjectId } from 'mongodb';
import { guarded } from '../db/errors.ts';
import type { Session } from '../db/transaction.ts';

const ITEMS = 'jobItems';
const ID_BYTES = 12;

interface ItemDocument {
  readonly job: ObjectId;
  readonly part: number;
  /** 12 bytes an id. */
  readonly ids: Binary;
}

/** Ids in a form that the memory hardly notices: objects of them, waiting for their part to be full, would fill the heap. */
export function packIds(ids: readonly ObjectId[]): Buffer {
  const packed = Buffer.allocUnsafe(ids.length * ID_BYTES);
  for (const [index, { id }] of ids.entries()) packed.set(id, index * ID_BYTES);
  return packed;
}

export type ItemStore = ReturnType<typeof createItemStore>;

export function createItemStore(db: Db) {
  const items = db.collection<ItemDocument>(ITEMS);
  return {
    async ensureIndexes(): Promise<void> {
      await guarded(() => items.createIndex({ job: 1, part: 1 }, { name: 'part', unique: true }));
    },

    /** @param packed ids as {@link packIds} made them */
    async insert(job: ObjectId, part: number, packed: Buffer, session: Session): Promise<void> {
      await guarded(() => items.insertOne({ job, part, ids: new Binary(packed) }, { session }));
    },

    /** Ids of one part; empty when there is none. */
    async read(job: ObjectId, part: number): Promise<ObjectId[]> {
      const found = await guarded(() => items.findOne({ job, part }));
      if (!found) return [];
      const bytes = found.ids.buffer;
      const ids: ObjectId[] = [];
      for (let at = 0; at < bytes.length; at += ID_BYTES) ids.push(new ObjectId(bytes.subarray(at, at + ID_BYTES)));
      return ids;
    },

    async removeOf(jobs: readonly ObjectId[], session?: Session): Promise<void> {
      await guarded(() => items.deleteMany({ job: { $in: [...jobs] } }, session ? { session } : {}));
    },
  };
}
