// Log lines of jobs (spec auth-jobs-logs-files §9.2).
import type { Db, Filter, ObjectId } from 'mongodb';
import { guarded } from '../db/errors.ts';

/** Collection of the log lines. */
export const LOGS = 'jobLogs';

export const LOG_LEVELS = ['INFO', 'WARN', 'ERROR'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogDocument {
  readonly _id: ObjectId;
  readonly job: ObjectId;
  readonly timestamp: Date;
  readonly level: LogLevel;
  readonly message: string;
}

export interface LogPage {
  readonly filter: Filter<LogDocument>;
  readonly after: { readonly timestamp: Date; readonly id: ObjectId } | null;
  readonly skip: number;
  readonly limit: number;
}

export type LogStore = ReturnType<typeof createLogStore>;

export function createLogStore(db: Db, limits: { readonly queryTimeoutMs: number }) {
  const logs = db.collection<LogDocument>(LOGS);
  const maxTimeMS = limits.queryTimeoutMs;
  return {
    async ensureIndexes(): Promise<void> {
      await guarded(() => logs.createIndex({ job: 1, timestamp: 1, _id: 1 }, { name: 'job' }));
    },

    /** Lines beside a run; those of a run are stored with its batches. */
    async insert(lines: readonly LogDocument[]): Promise<void> {
      if (lines.length > 0) await guarded(() => logs.insertMany([...lines]));
    },

    /** Oldest first. */
    page({ filter, after, skip, limit }: LogPage): Promise<LogDocument[]> {
      const further: Filter<LogDocument> = after
        ? { $or: [{ timestamp: { $gt: after.timestamp } }, { timestamp: after.timestamp, _id: { $gt: after.id } }] }
        : {};
      return guarded(() =>
        logs
          .find({ $and: [filter, further] }, { maxTimeMS })
          .sort({ timestamp: 1, _id: 1 })
          .skip(skip)
          .limit(limit)
          .toArray(),
      );
    },

    count(filter: Filter<LogDocument>): Promise<number> {
      return guarded(() => logs.countDocuments(filter, { maxTimeMS }));
    },

    /** When a line was written; null when it is gone. */
    async timeOf(job: ObjectId, id: ObjectId): Promise<Date | null> {
      return (await guarded(() => logs.findOne({ _id: id, job })))?.timestamp ?? null;
    },

    async removeOf(jobs: readonly ObjectId[]): Promise<void> {
      await guarded(() => logs.deleteMany({ job: { $in: [...jobs] } }));
    },
  };
}
