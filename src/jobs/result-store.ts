// Results of jobs, kept beside the job documents: a thousand entries with records in them can pass what one document holds.
import type { Db, ObjectId } from 'mongodb';
import { guarded } from '../db/errors.ts';

/** Collection of the results. */
export const RESULTS = 'jobResults';

/** A part of the results, in JSON: entries by record id, or single values by name. */
export interface ResultDocument {
  readonly _id: ObjectId;
  readonly job: ObjectId;
  /** Number of entries before this part. */
  readonly n: number;
  /** `[name, JSON of its value]`. */
  readonly entries: readonly (readonly [name: string, json: string])[];
}

export type ResultStore = ReturnType<typeof createResultStore>;

export function createResultStore(db: Db) {
  const results = db.collection<ResultDocument>(RESULTS);
  return {
    async ensureIndexes(): Promise<void> {
      await guarded(() => results.createIndex({ job: 1, n: 1 }, { name: 'job' }));
    },

    /** Parts beside a run; those of a run are stored with its batches. */
    async insert(parts: readonly ResultDocument[]): Promise<void> {
      if (parts.length > 0) await guarded(() => results.insertMany([...parts]));
    },

    /** Results by job id, each an object with its entries in the order they were made. */
    async read(jobs: readonly ObjectId[]): Promise<Map<string, Record<string, unknown>>> {
      const found = new Map<string, Record<string, unknown>>();
      if (jobs.length === 0) return found;
      const parts = await guarded(() =>
        results
          .find({ job: { $in: [...jobs] } })
          .sort({ job: 1, n: 1 })
          .toArray(),
      );
      for (const { job, entries } of parts) {
        const key = job.toHexString();
        const values = found.get(key) ?? {};
        for (const [name, json] of entries) values[name] = JSON.parse(json);
        found.set(key, values);
      }
      return found;
    },

    async removeOf(jobs: readonly ObjectId[]): Promise<void> {
      await guarded(() => results.deleteMany({ job: { $in: [...jobs] } }));
    },
  };
}
