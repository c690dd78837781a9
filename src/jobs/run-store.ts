// What workers write about the jobs in their hands: claims, commits and ends, each only under the attempt it belongs to.
import type { AnyClientBulkWriteModel, Collection, Db, Document, Filter, MongoClient, ObjectId } from 'mongodb';
import { guarded } from '../db/errors.ts';
import type { Session } from '../db/transaction.ts';
import type { JobClaim, JobDocument, JobStatus } from './job.ts';
import { LOGS, type LogDocument } from './log-store.ts';
import { RESULTS, type ResultDocument } from './result-store.ts';
import { JOBS } from './store.ts';
import { type Move, take } from './transitions.ts';

/** A worker and the number of its attempt: writes of a run hold only while the job still says the same. */
export interface Fence {
  readonly job: ObjectId;
  readonly worker: string;
  readonly attempt: number;
}

/** The run has been given up or taken away: nothing it writes may count any more. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

/** What may be claimed. */
export interface ClaimRule {
  readonly queue: string;
  readonly types: readonly string[];
  readonly lowPriority: boolean;
  /** Whether a job may be taken over which processes have ended before. */
  readonly suspects: boolean;
}

/** A job as a worker looks at it between batches. */
export interface Glance {
  readonly status: JobStatus;
  readonly attempt: number;
  readonly worker: string | null;
}

/** Records that are written together with the job. */
export interface Attachments {
  readonly logs: readonly LogDocument[];
  readonly results: readonly ResultDocument[];
}

export type RunStore = ReturnType<typeof createRunStore>;

export function createRunStore(client: MongoClient, db: Db) {
  const jobs: Collection<JobDocument> = db.collection(JOBS);
  const namespace = (collection: string): string => `${db.databaseName}.${collection}`;

  return {
    /** Trees that run in a queue now, with the number of their running jobs. */
    async runningTrees(queue: string): Promise<Map<string, { tree: ObjectId; count: number }>> {
      const held = await guarded(() =>
        jobs.find({ queue, claim: { $exists: true } }, { projection: { _id: 0, tree: 1 } }).toArray(),
      );
      const trees = new Map<string, { tree: ObjectId; count: number }>();
      for (const { tree } of held) {
        const key = tree.toHexString();
        trees.set(key, { tree, count: (trees.get(key)?.count ?? 0) + 1 });
      }
      return trees;
    },

    /** Takes the oldest job that the rule allows and whose tree passes `trees`; null when there is none. */
    claim(rule: ClaimRule, trees: Filter<ObjectId>, claim: JobClaim, now: Date): Promise<JobDocument | null> {
      const { from, to } = take(claim, now);
      const filter: Document = {
        ...from,
        queue: rule.queue,
        lowPriority: rule.lowPriority,
        ...(Object.keys(trees).length > 0 ? { tree: trees } : {}),
        type: { $in: [...rule.types] },
        ...(rule.suspects ? {} : { crashes: 0 }),
      };
      return guarded(() =>
        jobs.findOneAndUpdate(filter, to, {
          sort: { tree: 1, _id: 1 },
          returnDocument: 'after',
          // A claim that a failover forgets leaves the job waiting, and the run fenced: no need to wait for the disk.
          writeConcern: { w: 1 },
        }),
      );
    },

    /**
     * Writes to a job under its fence, and what belongs to it, in the transaction of `session`.
     * @throws FencedError when the run has lost the job
     */
    async write(fence: Fence, { from, to }: Move, { logs, results }: Attachments, session: Session): Promise<void> {
      const held = { _id: fence.job, attempt: fence.attempt, 'claim.worker': fence.worker };
      const models: AnyClientBulkWriteModel<Document>[] = [
        { namespace: namespace(JOBS), name: 'updateOne', filter: { ...held, ...from }, update: to },
        ...logs.map((document) => insertInto(namespace(LOGS), document)),
        ...results.map((document) => insertInto(namespace(RESULTS), document)),
      ];
      const { matchedCount } = await guarded(() => client.bulkWrite(models, { session }));
      if (matchedCount !== 1) throw new FencedError(`job ${fence.job.toHexString()} was taken away from this run`);
    },

    /** How the jobs of these ids stand. */
    async glance(ids: readonly ObjectId[]): Promise<Map<string, Glance>> {
      const projection = { status: 1, attempt: 1, claim: 1 };
      const found = await guarded(() => jobs.find({ _id: { $in: [...ids] } }, { projection }).toArray());
      return new Map(
        found.map(({ _id, status, attempt, claim }) => [
          _id.toHexString(),
          { status, attempt, worker: claim?.worker ?? null },
        ]),
      );
    },

    /** The job as it stands, if the run still has it. */
    reload({ job, attempt, worker }: Fence): Promise<JobDocument | null> {
      return guarded(() => jobs.findOne({ _id: job, attempt, 'claim.worker': worker }));
    },

    /** Queues in which jobs wait for a worker; costs as much as there are queues, not jobs. */
    waitingQueues(): Promise<string[]> {
      return guarded(() => jobs.distinct('queue', { waiting: true }));
    },

    /** Jobs that are in the hands of workers. */
    held(): Promise<JobDocument[]> {
      const projection = { input: 0, position: 0 };
      return guarded(() => jobs.find({ claim: { $exists: true } }, { projection, hint: 'held' }).toArray());
    },
  };
}

function insertInto(namespace: string, document: Document): AnyClientBulkWriteModel<Document> {
  return { namespace, name: 'insertOne', document };
}
