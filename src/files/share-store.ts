// Shares in MongoDB: only the hash of a share's id, which is all that protects the file; they go by themselves when their time is over.
import { Binary, type Db, type ObjectId } from 'mongodb';
import { guarded } from '../db/errors.ts';

interface ShareDocument {
  readonly _id: Binary;
  readonly file: ObjectId;
  /** Absent: never. */
  readonly expires?: Date;
}

export interface ShareStore {
  ensureIndexes(): Promise<void>;
  insert(key: Buffer, file: ObjectId, expires: Date | null): Promise<void>;
  /** The file of a share that is valid now, or null. */
  find(key: Buffer, now: Date): Promise<ObjectId | null>;
  /** Ends all shares of a file. */
  removeOf(file: ObjectId): Promise<void>;
}

export function createShareStore(db: Db): ShareStore {
  const shares = db.collection<ShareDocument>('files.shares');
  return {
    ensureIndexes: async () => {
      await shares.createIndexes([
        { key: { expires: 1 }, name: 'expires', expireAfterSeconds: 0 },
        { key: { file: 1 }, name: 'file' },
      ]);
    },
    insert: async (key, file, expires) => {
      const share = { _id: new Binary(key), file, ...(expires ? { expires } : {}) };
      await guarded(() => shares.insertOne(share));
    },
    find: async (key, now) => {
      const valid = { $or: [{ expires: { $exists: false } }, { expires: { $gt: now } }] };
      const share = await guarded(() => shares.findOne({ _id: new Binary(key), ...valid }));
      return share?.file ?? null;
    },
    removeOf: async (file) => {
      await guarded(() => shares.deleteMany({ file }));
    },
  };
}
