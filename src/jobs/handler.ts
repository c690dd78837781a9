// What a job handler gets and gives: the protocol that makes work survive stops, crashes and lost workers.
import type { ObjectId } from 'mongodb';
import type { Context } from '../context.ts';
import type { Session } from '../db/transaction.ts';
import type { Json } from '../fields/field-type.ts';
import type { LogLevel } from './log-store.ts';

/** Where a call that starts a job leads to. */
export interface JobLink {
  /** `/api/status/jobs/<id>`: relative to `/<env>/runtime` (spec auth-jobs-logs-files §1). */
  readonly jobLink: string;
  readonly jobId: string;
}

/** A job to be made. */
export interface JobRequest {
  readonly type: string;
  readonly label: string;
  /** Shown to people. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** For the handler only. */
  readonly input?: Readonly<Record<string, unknown>>;
  /** Without one, or with one that does not exist: `mix`. */
  readonly queue?: string;
  readonly lowPriority?: boolean;
}

/** An entry of a per-record result map (spec auth-jobs-logs-files §9.6, map A). */
export type ResultEntry =
  | { readonly status: 'ok'; readonly response?: Json }
  | { readonly status: 'error'; readonly errorMessage: string };

/**
 * One batch of work. Effects made with `session`, and all that is said here, are stored together or not at all. It may be run
 * several times, so it must read what it needs through `session` and keep nothing outside.
 */
export interface Batch {
  readonly session: Session;
  /** Where the job stands after this batch. */
  moveTo(position: unknown): void;
  /** How many records the job is about. */
  expect(records: number): void;
  /** So many more records are done, with or without error. */
  processed(records: number): void;
  /** An entry of the result map; a failed one is logged and makes the job one with errors. */
  result(id: string, entry: ResultEntry): void;
  /** A value of the results by name, for jobs without a map. */
  value(name: string, value: Json): void;
  log(level: LogLevel, message: string): void;
  /** The job has errors. */
  fail(message: string): void;
  /** A job below this one; it starts when the batch is stored. */
  submit(request: JobRequest): Promise<JobLink>;
}

/** One attempt at a job, from its last position on. */
export interface Run {
  readonly job: {
    readonly id: ObjectId;
    readonly type: string;
    /** Its first start. */
    readonly started: Date;
    readonly data: Readonly<Record<string, unknown>>;
    readonly input: Readonly<Record<string, unknown>>;
    readonly lowPriority: boolean;
  };
  /** The rights of the job's user as they are now. */
  readonly ctx: Context;
  /** The last one given to {@link Batch.moveTo}; null at the first start. */
  readonly position: unknown;
  /** Aborted when the run was given up: whatever it still does is for nothing. */
  readonly signal: AbortSignal;
  /** To be asked between batches: then the handler ends with `stopped`. */
  shouldStop(): boolean;
  /**
   * Runs one batch in a transaction.
   * @throws whatever `work` throws, nothing stored; FencedError when the job was taken away, which no handler should catch
   */
  commit(work: (batch: Batch) => Promise<void> | void): Promise<void>;
  /** A line for the job's log, written soon and whatever becomes of the batch. */
  log(level: LogLevel, message: string): void;
}

/** How a run ended; an error thrown ends the job with errors. */
export type Outcome = 'finished' | 'stopped';

export type JobHandler = (run: Run) => Promise<Outcome>;

/** Job type -> handler. */
export type JobHandlers = Readonly<Record<string, JobHandler>>;
