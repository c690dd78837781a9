// The collection of the app's log: batches in, pages out, and the oldest away when it grows too large.
import { type Collection, type Db, type Filter, MongoBulkWriteError, type ObjectId } from 'mongodb';
import type { Counts } from '../db/counts.ts';
import { guarded } from '../db/errors.ts';
import type { LogDocument } from './log.ts';

/** Collection of the lines. */
export const APP_LOG = 'appLog';

export interface LogPage {
  readonly filter: Filter<LogDocument>;
  readonly after: { readonly timestamp: Date; readonly id: ObjectId } | null;
  readonly skip: number;
  readonly limit: number;
}

export type LogStore = ReturnType<typeof createLogStore>;

const OLDEST_FIRST = { timestamp: 1, _id: 1 } as const;
/** Few lines are more than information, and it is they that are searched for by level. */
const INDEXES = [
  { name: 'time', key: OLDEST_FIRST },
  {
    name: 'level',
    key: { level: 1, ...OLDEST_FIRST },
    partialFilterExpression: { level: { $in: ['WARN', 'ERROR'] } },
  },
];

const DUPLICATE_KEY = 11_000;
/** A batch that takes longer is tried again; the lines are few, but their number has no end. */
const INSERT_MS = 15_000;
/** Lines that go in one deletion. */
const TRIM_BATCH = 20_000;
/** Trimmed to below the limit, so that not every sweep has work. */
const TRIM_TO = 0.9;

export interface LogStoreDeps {
  readonly counts: Pick<Counts, 'all'>;
  readonly queryTimeoutMs: number;
}

export function createLogStore(db: Db, { counts, queryTimeoutMs }: LogStoreDeps) {
  const lines: Collection<LogDocument> = db.collection(APP_LOG);
  const maxTimeMS = queryTimeoutMs;

  return {
    async ensureIndexes(): Promise<void> {
      await guarded(() => lines.createIndexes(INDEXES));
    },

    /** Stores lines that nobody waits for; those that are there already, since the answer to a first try got lost, are left. */
    async insertMany(documents: readonly LogDocument[]): Promise<void> {
      try {
        await lines.insertMany([...documents], { ordered: false, writeConcern: { w: 1 }, timeoutMS: INSERT_MS });
      } catch (error) {
        if (!isOnlyRepeated(error)) throw error;
      }
    },

    /** Stores one line for good. */
    async insert(document: LogDocument): Promise<void> {
      await guarded(() => lines.insertOne(document));
    },

    /** Oldest first. */
    page({ filter, after, skip, limit }: LogPage): Promise<LogDocument[]> {
      const further: Filter<LogDocument> = after
        ? { $or: [{ timestamp: { $gt: after.timestamp } }, { timestamp: after.timestamp, _id: { $gt: after.id } }] }
        : {};
      const cursor = lines.find(after ? { $and: [filter, further] } : filter, { maxTimeMS });
      return guarded(() => cursor.sort(OLDEST_FIRST).skip(skip).limit(limit).toArray());
    },

    count(filter: Filter<LogDocument>): Promise<number> {
      if (Object.keys(filter).length === 0) return counts.all(APP_LOG);
      return guarded(() => lines.countDocuments(filter, { maxTimeMS }));
    },

    /** When a line was written; null when it is gone. */
    async timeOf(id: ObjectId): Promise<Date | null> {
      const projection = { timestamp: 1 };
      return (await guarded(() => lines.findOne({ _id: id }, { projection, maxTimeMS })))?.timestamp ?? null;
    },

    /**
     * Removes the oldest lines while the log is larger than `maxBytes`. Several processes may do so at the same time: all of them
     * remove the same ones.
     * @returns how many went
     */
    async trim(maxBytes: number): Promise<number> {
      const { bytes, count } = await size();
      if (bytes <= maxBytes || count === 0) return 0;
      let left = Math.ceil(count * (1 - (TRIM_TO * maxBytes) / bytes));
      let removed = 0;
      while (left > 0) {
        const [last] = await lines
          .find({}, { projection: { timestamp: 1 } })
          .sort(OLDEST_FIRST)
          .skip(Math.min(left, TRIM_BATCH) - 1)
          .limit(1)
          .toArray();
        if (!last) break;
        const { deletedCount } = await lines.deleteMany(
          { timestamp: { $lte: last.timestamp } },
          { writeConcern: { w: 1 } },
        );
        removed += deletedCount;
        left -= Math.max(deletedCount, 1);
      }
      return removed;
    },
  };

  async function size(): Promise<{ bytes: number; count: number }> {
    const stage = { $collStats: { storageStats: { scale: 1 } } };
    const rows = await lines.aggregate<{ storageStats: { size: number; count: number } }>([stage]).toArray();
    // one row a shard
    return rows.reduce(
      (sum, { storageStats }) => ({ bytes: sum.bytes + storageStats.size, count: sum.count + storageStats.count }),
      { bytes: 0, count: 0 },
    );
  }
}

function isOnlyRepeated(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError)) return false;
  const failures = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  return failures.every(({ code }) => code === DUPLICATE_KEY);
}
