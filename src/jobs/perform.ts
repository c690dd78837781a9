// Performs one claimed job from its last position to its end: finished, failed, stopped, or handed back.
import type { Logger } from 'pino';
import type { Context } from '../context.ts';
import { isUnavailable } from '../db/errors.ts';
import { AppError } from '../errors.ts';
import type { JobHandler, Run } from './handler.ts';
import type { JobDocument } from './job.ts';
import type { ActiveRun } from './run.ts';
import { FencedError, type RunStore } from './run-store.ts';
import { finish, letGo, type Moment } from './transitions.ts';

export interface PerformDeps {
  readonly runs: Pick<RunStore, 'reload'>;
  /** A context with the rights that the job's user has now; null when that user is gone or not active. */
  readonly contextFor: (job: JobDocument) => Promise<Context | null>;
  readonly moment: () => Moment;
  /** Before another try after the database was away, ms. */
  readonly retryMs: number;
  readonly log: Logger;
  /** Hears of every job that came to rest here; `records` are those of this run, `ms` its time. */
  readonly onDone?: (job: JobDocument, done: DoneRun) => void;
}

export interface DoneRun {
  readonly end: End['kind'];
  readonly ms: number;
  readonly records: number;
}

/**
 * Runs the handler until its job is at rest, or not ours any more. Never throws.
 * @returns true when the job had its end written, false when it was taken away or given up
 */
export async function perform(run: ActiveRun, handler: JobHandler, deps: PerformDeps): Promise<boolean> {
  const { job } = run;
  const startedAt = performance.now();
  try {
    run.log('INFO', job.attempt === 1 ? 'Starting processing' : 'Resuming processing');
    const outcome = await throughOutages(run, deps, () => workOn(run, handler, deps));
    await throughOutages(run, deps, () => writeEnd(run, outcome, deps));
    deps.onDone?.(job, {
      end: outcome.kind,
      ms: performance.now() - startedAt,
      records: run.state().recordsProcessed - job.recordsProcessed,
    });
    return true;
  } catch (error) {
    if (!(error instanceof FencedError)) {
      deps.log.error(
        { err: error, job: job._id.toHexString() },
        'a job could not be brought to an end; others take over',
      );
    }
    return false;
  }
}

type End = { readonly kind: 'finished' | 'stopped' } | { readonly kind: 'failed'; readonly message: string };

async function workOn(run: ActiveRun, handler: JobHandler, deps: PerformDeps): Promise<End> {
  const { job } = run;
  if (job.workDone) return { kind: 'finished' };
  try {
    const ctx = await deps.contextFor(job);
    if (!ctx) return { kind: 'failed', message: `User [${job.runBy?.fullName}] does not exist or is not active` };
    return { kind: await handler(facade(run, ctx)) };
  } catch (error) {
    if (error instanceof FencedError || run.signal.aborted || isAway(error)) throw error;
    if (error instanceof AppError && error.status < 500) return { kind: 'failed', message: error.message };
    deps.log.error({ err: error, job: job._id.toHexString(), type: job.type }, 'a job ended with an unexpected error');
    const message = error instanceof AppError ? error.message : 'An unexpected error happened; the server log has it';
    return { kind: 'failed', message };
  }
}

async function writeEnd(run: ActiveRun, end: End, { moment }: PerformDeps): Promise<void> {
  if (end.kind === 'stopped') {
    await run.end((changes) => letGo(moment(), changes));
    return;
  }
  await run.end(
    (changes) => finish(moment(), changes),
    (draft) => {
      if (end.kind !== 'failed') {
        draft.log('INFO', 'Process completed');
        return;
      }
      draft.fail(end.message);
      // Where there is a map the log has to do (spec auth-jobs-logs-files §9.4 row 4).
      if (draft.state.resultCount === 0) draft.value('errorMessage', end.message);
    },
  );
}

function facade(run: ActiveRun, ctx: Context): Run {
  const { _id: id, type, created, started, data, input, lowPriority } = run.job;
  return {
    job: { id, type, started: started ?? created, data, input, lowPriority },
    ctx,
    get position() {
      return run.state().position;
    },
    signal: run.signal,
    shouldStop: run.shouldStop,
    commit: run.commit,
    log: run.log,
  };
}

/** Does it again, from where the stored job says, for as long as the database is away. */
async function throughOutages<T>(run: ActiveRun, deps: PerformDeps, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error) || run.signal.aborted) throw error;
      deps.log.warn(
        { reason: (error as Error).message, job: run.job._id.toHexString() },
        'a job waits for the database',
      );
    }
    await catchUp(run, deps);
  }
}

async function catchUp(run: ActiveRun, { runs, retryMs }: PerformDeps): Promise<void> {
  for (;;) {
    await pause(retryMs, run.signal);
    try {
      const stored = await runs.reload(run.fence);
      if (!stored) throw new FencedError('the job was taken away while the database was away');
      return run.resetTo(stored);
    } catch (error) {
      if (!isAway(error)) throw error;
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}

function isAway(error: unknown): boolean {
  return (error instanceof AppError && error.code === 'applicationUnavailable') || isUnavailable(error);
}
