// What workers do for the jobs of others: take over from dead workers, complete stops, remove what has expired.
import type { Logger } from 'pino';
import type { Sessions } from '../db/transaction.ts';
import { createBatchDraft, stateOf } from './batch.ts';
import type { ItemStore } from './item-store.ts';
import type { JobDocument } from './job.ts';
import type { JobLimits } from './limits.ts';
import type { LogStore } from './log-store.ts';
import type { ResultStore } from './result-store.ts';
import type { RunStore } from './run-store.ts';
import type { JobStore } from './store.ts';
import type { JobTimings } from './timings.ts';
import { finish, type Moment, takeOver } from './transitions.ts';
import { settle } from './tree.ts';
import type { WorkerStore } from './worker-store.ts';

export interface SweepDeps {
  readonly jobs: JobStore;
  readonly runs: RunStore;
  readonly logs: LogStore;
  readonly results: ResultStore;
  readonly items: ItemStore;
  readonly workers: WorkerStore;
  readonly sessions: Sessions;
  readonly limits: JobLimits;
  readonly moment: () => Moment;
  readonly timings: Pick<JobTimings, 'dead' | 'suspicion'>;
  readonly log: Logger;
}

const ROOTS_AT_ONCE = 100;
const EXPIRED_AT_ONCE = 200;

/** Gives the jobs of workers that are not heard of any more back to the queues, or ends those that keep killing. */
export async function takeOverFromDead(deps: SweepDeps): Promise<void> {
  const held = await deps.runs.held();
  const alive = await deps.workers.alive(deps.timings.dead);
  const orphans = held.filter(({ claim }) => claim && !alive.has(claim.worker));
  const outcomes = await Promise.allSettled(orphans.map((job) => takeOverOne(job, deps)));
  // Long after: a worker that was only frozen finds its entry when it wakes up.
  await deps.workers.remove(await deps.workers.silent(deps.timings.dead * 100));
  // One job that resists must not keep the others from being taken over.
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

/**
 * In one write to the job and, after it, its line in the log: a transaction that this process left open by dying would hold the job
 * for a minute, and nobody would know which session to end.
 */
async function takeOverOne(job: JobDocument, deps: SweepDeps): Promise<void> {
  const { claim, _id, attempt } = job;
  if (!claim) return;
  const crashes = job.crashes + 1;
  const moment = deps.moment();
  const draft = createBatchDraft(_id, stateOf(job), deps.limits, () => moment.now.getTime());
  const givenUp = job.status === 'RUNNING' && crashes >= deps.limits.crashes;
  if (givenUp) {
    const message = `The process that ran this job has ended ${crashes} times; it is not tried again`;
    draft.fail(message);
    if (draft.state.resultCount === 0) draft.value('errorMessage', message);
  } else draft.log('WARN', 'The worker of this job was lost; it goes on from its last position');
  const move = givenUp
    ? finish(moment, { ...draft.changes(), crashes, attempt: attempt + 1 })
    : takeOver(moment, notBefore(crashes, moment.now, deps), draft.changes());
  await deps.sessions.kill([claim.session]);
  // Null: somebody else was faster, or the worker has ended it after all.
  if (!(await deps.jobs.move({ _id, attempt, 'claim.worker': claim.worker }, move))) return;
  const { logs, results } = draft.attachments();
  await Promise.all([deps.logs.insert(logs), deps.results.insert(results)]);
  deps.log.warn({ job: _id.toHexString(), type: job.type, worker: claim.worker, crashes }, 'a job was taken over');
}

/** Those behind a job that keeps ending processes get a chance before it. */
function notBefore(crashes: number, now: Date, { timings }: SweepDeps): Date | null {
  if (crashes < 3) return null;
  return new Date(now.getTime() + timings.suspicion * (crashes === 3 ? 1 : 3));
}

/** Completes stops whose jobs are quiet by now. */
export async function settleStops(deps: SweepDeps): Promise<void> {
  for (const root of await deps.jobs.stopping(ROOTS_AT_ONCE)) await settle(root._id, deps);
}

/** Removes jobs whose time is over, with all that belongs to them; what hangs on a job goes first, so nothing is left behind. */
export async function removeExpired(deps: SweepDeps): Promise<void> {
  for (;;) {
    const ids = await deps.jobs.markExpired(deps.moment().now, EXPIRED_AT_ONCE);
    await Promise.all([deps.logs.removeOf(ids), deps.results.removeOf(ids), deps.items.removeOf(ids)]);
    await deps.jobs.remove(ids);
    if (ids.length < EXPIRED_AT_ONCE) return;
  }
}
