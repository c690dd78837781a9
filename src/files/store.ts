// The only file that touches stored files: documents and chunks in GridFS's layout. Written here and not through the driver's
// bucket, because that leaves nothing by which the chunks of a dead upload could be found, and reads 16 MB ahead.
import type {
  AnyClientBulkWriteModel,
  Binary,
  ClientBulkWriteResult,
  Collection,
  Db,
  Document,
  ObjectId,
  UpdateFilter,
} from 'mongodb';
import { DuplicateKeyError, guarded } from '../db/errors.ts';
import type { Session } from '../db/transaction.ts';
import { systemError } from '../errors.ts';
import type { ChunkDocument, FileDocument, FileState } from './file.ts';

/** One step of writing a file; its parts happen in this order, in one round trip. */
export interface WriteStep {
  readonly id: ObjectId;
  /** The new document, with the first step. */
  readonly begin?: FileDocument;
  readonly chunk?: { readonly n: number; readonly data: Buffer };
  /** Moves the time at which an unfinished file counts as given up. */
  readonly extend?: Date;
  /** The end: what is only known now. */
  readonly complete?: Pick<FileDocument, 'length' | 'uploadDate' | 'metadata'> & { readonly expires: Date };
}

/** What may become of a file whose time has come. */
export interface Verdict {
  readonly state?: FileState;
  /** Null: a record holds it. */
  readonly expires?: Date | null;
  readonly jobs?: readonly ObjectId[];
}

/** Chunks of one answer of the database: what a slow reader holds in memory. */
const READ_AHEAD = 2;

export type FileStore = ReturnType<typeof createFileStore>;

export function createFileStore(db: Db) {
  const files: Collection<FileDocument> = db.collection('files.files');
  const chunks: Collection<ChunkDocument> = db.collection('files.chunks');
  const turns: Collection<{ _id: 'sweep'; next: Date }> = db.collection('files.sweeps');
  const fileSpace = `${db.databaseName}.files.files`;
  const chunkSpace = `${db.databaseName}.files.chunks`;

  return {
    async ensureIndexes(): Promise<void> {
      await chunks.createIndex({ files_id: 1, n: 1 }, { name: 'files_id_1_n_1', unique: true });
      await files.createIndex(
        { expires: 1 },
        { name: 'expires', partialFilterExpression: { expires: { $exists: true } } },
      );
    },

    /** Does a step of writing. False when the file was given up meanwhile: then it can't be completed. */
    async write(step: WriteStep): Promise<boolean> {
      const { models, updates } = modelsOf(step);
      if (models.length === 0) return true;
      const result = await guarded(() => bulkWrite(models));
      return result.matchedCount === updates;
    },

    /** A file that is complete, or null. */
    find(id: ObjectId): Promise<FileDocument | null> {
      return guarded(() => files.findOne({ _id: id, state: 'stored' }));
    },

    findAll(ids: readonly ObjectId[]): Promise<FileDocument[]> {
      return guarded(() => files.find({ _id: { $in: [...ids] }, state: 'stored' }).toArray());
    },

    /** Files whose time has come, in any state, the longest waiting first. */
    due(now: Date, limit: number): Promise<FileDocument[]> {
      return guarded(() =>
        files
          .find({ expires: { $lte: now } })
          .sort({ expires: 1 })
          .limit(limit)
          .toArray(),
      );
    },

    /**
     * Makes it the caller's turn to sweep, if the last one was long enough ago.
     * @param next when the one after it may come
     */
    async takeTurn(now: Date, next: Date): Promise<boolean> {
      const filter = { _id: 'sweep' as const, next: { $lte: now } };
      try {
        await guarded(() => turns.updateOne(filter, { $set: { next } }, { upsert: true }));
        return true;
      } catch (error) {
        if (error instanceof DuplicateKeyError) return false;
        throw error;
      }
    },

    /** Decides about a file, if it still is as it was seen. */
    async decide({ _id, revision }: FileDocument, verdict: Verdict): Promise<boolean> {
      const { state, expires, jobs } = verdict;
      const set: Document = {
        ...(state ? { state } : {}),
        ...(expires ? { expires } : {}),
        ...(jobs ? { jobs: [...jobs] } : {}),
      };
      const update: Document = {
        $inc: { revision: 1 },
        ...(Object.keys(set).length > 0 ? { $set: set } : {}),
        ...(expires === null ? { $unset: { expires: '' } } : {}),
      };
      const result = await guarded(() => files.updateOne({ _id, revision }, update));
      return result.matchedCount === 1;
    },

    /**
     * Marks files as held by a record, in the transaction that writes it.
     * @param places where the record may hold them
     * @returns how many of them are there
     */
    async hold(ids: readonly ObjectId[], places: readonly string[], session: Session): Promise<number> {
      const update: UpdateFilter<FileDocument> = {
        $unset: { expires: '' },
        $addToSet: { places: { $each: [...places] } },
        $inc: { revision: 1 },
      };
      const filter = { _id: { $in: [...ids] }, state: 'stored' as const };
      const result = await guarded(() => files.updateMany(filter, update, { session }));
      return result.matchedCount;
    },

    /** Those of `ids` that are there, as a transaction sees it. */
    async present(ids: readonly ObjectId[], session: Session): Promise<ObjectId[]> {
      const filter = { _id: { $in: [...ids] }, state: 'stored' as const };
      const found = await guarded(() => files.find(filter, { session, projection: { _id: 1 } }).toArray());
      return found.map(({ _id }) => _id);
    },

    /** Sets the time of files that a record lets go, in the transaction that writes it. */
    async release(ids: readonly ObjectId[], expires: Date, session: Session): Promise<void> {
      const filter = { _id: { $in: [...ids] }, state: 'stored' as const };
      await guarded(() => files.updateMany(filter, { $set: { expires }, $inc: { revision: 1 } }, { session }));
    },

    /** Keeps a file for a job, whatever becomes of records. False when it is not there. */
    async keepFor(id: ObjectId, job: ObjectId, session?: Session): Promise<boolean> {
      const update = { $addToSet: { jobs: job }, $inc: { revision: 1 } };
      const options = session ? { session } : {};
      const result = await guarded(() => files.updateOne({ _id: id, state: 'stored' }, update, options));
      return result.matchedCount === 1;
    },

    /** Removes the content, then the document, so that what dies in between is found again. Only for files that are `removing`. */
    async remove(id: ObjectId): Promise<void> {
      await guarded(() => chunks.deleteMany({ files_id: id }));
      await guarded(() => files.deleteOne({ _id: id }));
    },

    /** The content, piece by piece. @throws AppError `systemException` when it is not whole */
    async *read({ _id, length }: FileDocument): AsyncGenerator<Buffer, void, undefined> {
      if (length === 0) return;
      const cursor = chunks
        .find({ files_id: _id }, { projection: { _id: 0, n: 1, data: 1 }, batchSize: READ_AHEAD })
        .sort({ n: 1 });
      try {
        let size = 0;
        for (let n = 0; size < length; n += 1) {
          const chunk = await guarded(() => cursor.next());
          if (chunk?.n !== n) throw systemError(`File [${_id.toHexString()}] was removed while it was read`);
          const bytes = bytesOf(chunk.data);
          size += bytes.length;
          yield bytes;
        }
      } finally {
        await cursor.close();
      }
    },
  };

  function bulkWrite(models: AnyClientBulkWriteModel<Document>[]): Promise<ClientBulkWriteResult> {
    return db.client.bulkWrite(models, { ordered: true });
  }

  function modelsOf({ id, begin, chunk, extend, complete }: WriteStep) {
    const models: AnyClientBulkWriteModel<Document>[] = [];
    const update = (to: Document): void => {
      const filter = { _id: id, state: 'writing' };
      models.push({ namespace: fileSpace, name: 'updateOne', filter, update: { ...to, $inc: { revision: 1 } } });
    };
    if (begin) models.push({ namespace: fileSpace, name: 'insertOne', document: begin });
    if (chunk) {
      const document = { files_id: id, n: chunk.n, data: chunk.data };
      models.push({ namespace: chunkSpace, name: 'insertOne', document });
    }
    if (extend && !complete) update({ $set: { expires: extend } });
    if (complete) update({ $set: { state: 'stored', ...complete } });
    return { models, updates: models.filter(({ name }) => name === 'updateOne').length };
  }
}

function bytesOf(data: Binary | Buffer): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Buffer.from(data.buffer.buffer, data.buffer.byteOffset, data.position);
}
