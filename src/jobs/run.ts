// One run of a claimed job: batches, log lines and its end, every write under the fence of its attempt.
import type { Document } from 'mongodb';
import { inTransaction, type Session } from '../db/transaction.ts';
import { type BatchDraft, createBatchDraft, type LogLine, type RunState, stateOf } from './batch.ts';
import type { Batch, JobLink, JobRequest } from './handler.ts';
import type { JobDocument } from './job.ts';
import type { JobLimits } from './limits.ts';
import type { LogLevel } from './log-store.ts';
import { type Fence, FencedError, type RunStore } from './run-store.ts';
import type { Move } from './transitions.ts';

export interface RunDeps {
  readonly runs: RunStore;
  readonly limits: JobLimits;
  /** Stores a job below another one, in the same transaction, and returns what wakes a worker for it. */
  readonly submitBelow: (
    parent: JobDocument,
    request: JobRequest,
    session: Session,
  ) => Promise<{ link: JobLink; wake: () => void }>;
  readonly now: () => number;
  /** Log lines are written at least so often, ms. */
  readonly flushMs: number;
  /** A write of log lines that failed. */
  readonly onFlushError: (error: unknown) => void;
}

export type ActiveRun = ReturnType<typeof createActiveRun>;

/** @param session for the transactions of this run alone */
export function createActiveRun(job: JobDocument, fence: Fence, session: Session, deps: RunDeps) {
  const { runs, limits, now } = deps;
  const controller = new AbortController();
  const gone = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const lines: LogLine[] = [];
  let state: RunState = stateOf(job);
  let stopping = job.status === 'STOPPING';
  let tail: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;

  const log = (level: LogLevel, message: string): void => {
    lines.push({ at: new Date(now()), level, message });
    timer ??= setTimeout(() => {
      flush().catch(deps.onFlushError);
    }, deps.flushMs);
  };

  /** Transactions of a session can't overlap. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const run = tail.then(work, work);
    tail = run;
    return run;
  };

  /**
   * Stores a batch and what else is to be said.
   * @param fill adds to the batch; may run several times
   */
  const store = (fill: (draft: BatchDraft) => Promise<void>, move: (changes: Document) => Move): Promise<void> =>
    alone(async () => {
      let taken = 0;
      const after = await inTransaction(session, async () => {
        if (controller.signal.aborted) throw new FencedError('this run was given up');
        const draft = createBatchDraft(job._id, state, limits, now);
        taken = lines.length;
        for (const { at, level, message } of lines) draft.log(level, message, at);
        await fill(draft);
        await runs.write(fence, move(draft.changes()), draft.attachments(), session);
        return draft.state;
      });
      state = after;
      lines.splice(0, taken);
      if (lines.length === 0 && timer) {
        clearTimeout(timer);
        timer = null;
      }
    });

  const keepState = (changes: Document): Move => ({
    from: {},
    // Always a real write: an update without effect would not collide with whoever takes the job away at the same moment.
    to: [{ $set: { ...changes, writes: { $add: ['$writes', 1] } } }],
  });

  const flush = async (): Promise<void> => {
    timer = null;
    if (lines.length > 0 && !controller.signal.aborted) await store(async () => {}, keepState);
  };

  return {
    job,
    fence,
    signal: controller.signal,
    /** Resolves when the run was given up. */
    gone,
    log,
    state: (): RunState => state,
    /** Another look at the stored job, after nobody knew what became of a batch. */
    resetTo(stored: JobDocument): void {
      state = stateOf(stored);
    },
    shouldStop: (): boolean => stopping,
    askToStop(): void {
      stopping = true;
    },
    /** Nothing of this run may count any more. */
    giveUp(): void {
      if (timer) clearTimeout(timer);
      timer = null;
      controller.abort(new FencedError('this run was given up'));
    },
    async commit(work: (batch: Batch) => Promise<void> | void): Promise<void> {
      const wakes: (() => void)[] = [];
      await store(async (draft) => {
        wakes.length = 0;
        await work(batchOf(draft, wakes));
      }, keepState);
      for (const wake of wakes) wake();
    },
    /** The last write of the run: it ends with this move. */
    async end(move: (changes: Document) => Move, say: (draft: BatchDraft) => void = () => {}): Promise<void> {
      await store(async (draft) => say(draft), move);
    },
  };

  function batchOf(draft: BatchDraft, wakes: (() => void)[]): Batch {
    return {
      session,
      moveTo: draft.moveTo,
      expect: draft.expect,
      processed: draft.processed,
      result: draft.result,
      value: draft.value,
      log: draft.log,
      fail: draft.fail,
      submit: async (request) => {
        draft.state.hasChildren = true;
        const { link, wake } = await deps.submitBelow(job, request, session);
        wakes.push(wake);
        return link;
      },
    };
  }
}

/** The fence of a job that `worker` has just claimed. */
export function fenceOf({ _id, attempt }: Pick<JobDocument, '_id' | 'attempt'>, worker: string): Fence {
  return { job: _id, worker, attempt };
}
