// The list of workers that live: each says so again and again, by the clock of the database.
import type { Db } from 'mongodb';
import { guarded } from '../db/errors.ts';

const WORKERS = 'jobWorkers';

interface WorkerDocument {
  readonly _id: string;
  readonly host: string;
  readonly pid: number;
  readonly seen: Date;
}

export type WorkerStore = ReturnType<typeof createWorkerStore>;

export function createWorkerStore(db: Db) {
  const workers = db.collection<WorkerDocument>(WORKERS);
  return {
    /** The worker lives now. */
    async beat(id: string, facts: { readonly host: string; readonly pid: number }): Promise<void> {
      const update = { $set: facts, $currentDate: { seen: true as const } };
      await guarded(() => workers.updateOne({ _id: id }, update, { upsert: true, writeConcern: { w: 1 } }));
    },

    /** Ids of workers heard of within the last `ms`; the others are dead, frozen or cut off. */
    async alive(ms: number): Promise<Set<string>> {
      const since = { $subtract: ['$$NOW', ms] };
      const found = await guarded(() =>
        workers.find({ $expr: { $gte: ['$seen', since] } }, { projection: { _id: 1 } }).toArray(),
      );
      return new Set(found.map(({ _id }) => _id));
    },

    /** The worker has ended well, or nothing of it is left. */
    async remove(ids: readonly string[]): Promise<void> {
      if (ids.length > 0) await guarded(() => workers.deleteMany({ _id: { $in: [...ids] } }));
    },

    /** Workers not heard of for `ms`. */
    async silent(ms: number): Promise<string[]> {
      const since = { $subtract: ['$$NOW', ms] };
      const found = await guarded(() =>
        workers.find({ $expr: { $lt: ['$seen', since] } }, { projection: { _id: 1 } }).toArray(),
      );
      return found.map(({ _id }) => _id);
    },
  };
}
