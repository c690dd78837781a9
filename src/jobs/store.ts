// Jobs in MongoDB: new ones, reads and lists, and moves between statuses that calls ask for. What a run writes is in run-store.ts.
import type { Collection, Db, Document, Filter, ObjectId } from 'mongodb';
import { guarded } from '../db/errors.ts';
import type { Session } from '../db/transaction.ts';
import type { JobDocument } from './job.ts';
import type { Move } from './transitions.ts';

/** Collection of the jobs. */
export const JOBS = 'jobs';

export interface JobPage {
  readonly filter: Filter<JobDocument>;
  /** Elements after this place in the order; null: from the start. */
  readonly after: { readonly created: Date; readonly id: ObjectId } | null;
  readonly skip: number;
  readonly limit: number;
}

export interface ChildCounts {
  readonly all: number;
  readonly processed: number;
}

export interface JobDepth {
  readonly queue: string;
  readonly status: string;
  readonly count: number;
}

export type JobStore = ReturnType<typeof createJobStore>;

/** @param limits `queryTimeoutMs`: `maxTimeMS` of lists */
export function createJobStore(db: Db, limits: { readonly queryTimeoutMs: number }) {
  const jobs: Collection<JobDocument> = db.collection(JOBS);
  const maxTimeMS = limits.queryTimeoutMs;

  return {
    async ensureIndexes(): Promise<void> {
      await guarded(() => jobs.createIndexes(INDEXES));
    },

    async insert(job: JobDocument, session?: Session): Promise<void> {
      await guarded(() => jobs.insertOne(job, session ? { session } : {}));
    },

    /** Whoever stops it looks below from now on; to be stored with the first job below it. Later calls write nothing. */
    async markParent(id: ObjectId, session?: Session): Promise<void> {
      const unknown = { _id: id, hasChildren: false };
      await guarded(() => jobs.updateOne(unknown, { $set: { hasChildren: true } }, session ? { session } : {}));
    },

    find(id: ObjectId): Promise<JobDocument | null> {
      return guarded(() => jobs.findOne({ _id: id }));
    },

    /** Those of the jobs that are there and may still do something (a canceled one can be resumed), by hex id. */
    async live(ids: readonly ObjectId[]): Promise<ReadonlySet<string>> {
      const filter: Filter<JobDocument> = { _id: { $in: [...ids] }, status: { $ne: 'FINISHED' } };
      const found = await guarded(() => jobs.find(filter, { projection: { _id: 1 } }).toArray());
      return new Set(found.map(({ _id }) => _id.toHexString()));
    },

    /** Newest first. */
    page({ filter, after, skip, limit }: JobPage): Promise<JobDocument[]> {
      const further: Filter<JobDocument> = after
        ? { $or: [{ created: { $lt: after.created } }, { created: after.created, _id: { $lt: after.id } }] }
        : {};
      return guarded(() =>
        jobs
          .find({ $and: [filter, further] }, { maxTimeMS, projection: { input: 0, position: 0 } })
          .sort({ created: -1, _id: -1 })
          .skip(skip)
          .limit(limit)
          .toArray(),
      );
    },

    /** Jobs that are not over, by queue and status. */
    depths(): Promise<JobDepth[]> {
      const live = { $match: { status: { $in: ['PENDING', 'RUNNING', 'STOPPING', 'CANCELING'] } } };
      const byQueue = { $group: { _id: { queue: '$queue', status: '$status' }, count: { $sum: 1 } } };
      const flat = { $project: { _id: 0, queue: '$_id.queue', status: '$_id.status', count: 1 } };
      return guarded(() => jobs.aggregate<JobDepth>([live, byQueue, flat], { maxTimeMS }).toArray());
    },

    count(filter: Filter<JobDocument>): Promise<number> {
      return guarded(() => jobs.countDocuments(filter, { maxTimeMS }));
    },

    /** How many jobs are directly below each of these, and how many of them are through. */
    async countChildren(parents: readonly ObjectId[]): Promise<Map<string, ChildCounts>> {
      if (parents.length === 0) return new Map();
      const through = { $in: ['$status', ['FINISHED', 'CANCELED']] };
      const rows = await guarded(() =>
        jobs
          .aggregate<ChildCounts & { _id: ObjectId }>(
            [
              { $match: { 'parent._id': { $in: [...parents] } } },
              {
                $group: { _id: '$parent._id', all: { $sum: 1 }, processed: { $sum: { $cond: [through, 1, 0] } } },
              },
            ],
            { maxTimeMS },
          )
          .toArray(),
      );
      return new Map(rows.map(({ _id, all, processed }) => [_id.toHexString(), { all, processed }]));
    },

    /** Makes a move on the one job that `which` names; null when it is not in the right state for it. */
    move(which: Filter<JobDocument>, { from, to }: Move, session?: Session): Promise<JobDocument | null> {
      const options = { returnDocument: 'after' as const, ...(session ? { session } : {}) };
      return guarded(() => jobs.findOneAndUpdate({ $and: [which, from] }, to, options));
    },

    /** Makes a move on every job of a tree except its root. */
    async moveBelow(root: ObjectId, { from, to }: Move, session?: Session): Promise<void> {
      const filter = { $and: [{ tree: root, ...IS_BELOW }, from] };
      await guarded(() => jobs.updateMany(filter, to, session ? { session } : {}));
    },

    /** Jobs of a tree except its root that have one of these statuses: at most `limit`. */
    below(root: ObjectId, statuses: readonly string[], limit: number): Promise<JobDocument[]> {
      const filter = { tree: root, ...IS_BELOW, status: { $in: [...statuses] } } as Filter<JobDocument>;
      return guarded(() => jobs.find(filter).limit(limit).toArray());
    },

    /** Roots whose stop may be complete: nobody works on them. */
    stopping(limit: number): Promise<JobDocument[]> {
      const filter: Filter<JobDocument> = { status: 'STOPPING', parent: null, claim: { $exists: false } };
      return guarded(() => jobs.find(filter).limit(limit).toArray());
    },

    /** Jobs whose time is over; from then on they can't be resumed. */
    async markExpired(now: Date, limit: number): Promise<ObjectId[]> {
      const due: Filter<JobDocument> = { expires: { $lte: now } };
      const found = await guarded(() =>
        jobs
          .find(due, { projection: { _id: 1 } })
          .limit(limit)
          .toArray(),
      );
      const ids = found.map(({ _id }) => _id);
      if (ids.length === 0) return [];
      await guarded(() => jobs.updateMany({ _id: { $in: ids }, ...due }, { $set: { removing: true } }));
      const marked = await guarded(() =>
        jobs
          .find({ _id: { $in: ids }, removing: true })
          .project({ _id: 1 })
          .toArray(),
      );
      return marked.map(({ _id }) => _id);
    },

    async remove(ids: readonly ObjectId[]): Promise<void> {
      await guarded(() => jobs.deleteMany({ _id: { $in: [...ids] } }));
    },
  };
}

/** Holds for every job but a root; in the words of the indexes, so that they are used. */
const IS_BELOW: Document = { 'parent._id': { $exists: true } };

const INDEXES: { name: string; key: Record<string, 1 | -1>; partialFilterExpression?: Document }[] = [
  // What a claim walks: the oldest root first, skipping roots that have enough running.
  {
    name: 'waiting',
    key: { waiting: 1, queue: 1, lowPriority: 1, tree: 1, _id: 1 },
    partialFilterExpression: { waiting: true },
  },
  {
    name: 'held',
    key: { queue: 1, tree: 1, 'claim.worker': 1 },
    partialFilterExpression: { claim: { $exists: true } },
  },
  { name: 'newest', key: { created: -1, _id: -1 } },
  { name: 'owners', key: { owners: 1, created: -1, _id: -1 } },
  { name: 'status', key: { status: 1, created: -1, _id: -1 } },
  { name: 'tree', key: { tree: 1, status: 1 }, partialFilterExpression: IS_BELOW },
  { name: 'parent', key: { 'parent._id': 1, status: 1 }, partialFilterExpression: IS_BELOW },
  { name: 'expires', key: { expires: 1 }, partialFilterExpression: { expires: { $exists: true } } },
];
