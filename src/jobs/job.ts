// What a job is in the database.
import type { Binary, ObjectId } from 'mongodb';

/** Statuses of the contract (spec auth-jobs-logs-files §9.4). */
export const JOB_STATUSES = ['PENDING', 'RUNNING', 'FINISHED', 'STOPPING', 'STOPPED', 'CANCELING', 'CANCELED'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Another job by id, with its label at the time. */
export interface JobRef {
  readonly _id: ObjectId;
  readonly label: string;
}

/** The worker that has a job in its hands. */
export interface JobClaim {
  /** Its entry in the list of workers. */
  readonly worker: string;
  /** The session of the run's transactions, so that whoever takes the job away can end them. */
  readonly session: Binary;
}

/** A stored job: the truth about it; queues only wake workers up. */
export interface JobDocument {
  readonly _id: ObjectId;
  readonly type: string;
  readonly label: string;
  readonly status: JobStatus;
  readonly queue: string;
  readonly lowPriority: boolean;
  /** Null for work of the system. */
  readonly runBy: { readonly _id: ObjectId; readonly fullName: string } | null;
  /** Who may read it: the people behind it and behind the jobs above it. */
  readonly owners: readonly ObjectId[];
  readonly parent: JobRef | null;
  readonly root: JobRef | null;
  /** Id of the root, its own for a root. */
  readonly tree: ObjectId;
  readonly hasChildren: boolean;
  readonly created: Date;
  readonly started: Date | null;
  readonly ended: Date | null;
  readonly hasErrors: boolean;
  readonly progress: number;
  readonly recordsCount: number;
  readonly recordsProcessed: number;
  readonly stoppable: boolean;
  /** Shown as `data`. */
  readonly data: Readonly<Record<string, unknown>>;
  /** What the handler needs besides; never shown. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Where the handler stands, in its own terms; written together with the effects that led there. */
  readonly position: unknown;
  /** There while a worker may take the job. */
  readonly waiting?: true;
  /** Not to be taken earlier. */
  readonly notBefore?: Date;
  /** There while a worker has the job. */
  readonly claim?: JobClaim;
  /** Grows whenever the job is taken up or taken away: writes of a run hold only under the number it began with. */
  readonly attempt: number;
  /** Grows with every batch. */
  readonly writes: number;
  /** Processes that ended over this job without any progress in between. */
  readonly crashes: number;
  /** The work itself has ended while the job was being stopped; only jobs below it are still to be waited for. */
  readonly workDone?: true;
  /** Log entries, result entries and their bytes so far: they are bounded. */
  readonly logCount: number;
  readonly resultCount: number;
  readonly resultBytes: number;
  /** When the job and all that belongs to it may go. */
  readonly expires?: Date;
  /** That time has come: it is being removed. */
  readonly removing?: true;
}

/** A status that no worker and no call leaves by itself. */
export function isAtRest(status: JobStatus): boolean {
  return status === 'FINISHED' || status === 'STOPPED' || status === 'CANCELED';
}
