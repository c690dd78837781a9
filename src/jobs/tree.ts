// Calls on a root reach the jobs below it, and its stop is complete when all of them are quiet (spec auth-jobs-logs-files §9.4).
import type { ObjectId } from 'mongodb';
import type { Sessions } from '../db/transaction.ts';
import type { JobDocument } from './job.ts';
import type { JobStore } from './store.ts';
import { below, type Moment, type Move, settleBelow, settleRoot } from './transitions.ts';

export interface TreeDeps {
  readonly jobs: JobStore;
  readonly sessions: Sessions;
  readonly moment: () => Moment;
}

/**
 * Makes a move on a job and, where it has any, the moves that follow for the jobs below it, together.
 * @param job as just read; when it has got its first child since, nothing is done
 * @returns the job after the move; null when it was not in the right state
 */
export async function moveTree(
  job: JobDocument,
  move: Move,
  following: readonly Move[],
  { jobs, sessions }: TreeDeps,
): Promise<JobDocument | null> {
  const which = { _id: job._id, hasChildren: job.hasChildren };
  if (!job.hasChildren || job.parent) return jobs.move(which, move);
  return sessions.run(async (session) => {
    const moved = await jobs.move(which, move, session);
    if (moved) for (const next of following) await jobs.moveBelow(job._id, next, session);
    return moved;
  });
}

const UNQUIET = ['PENDING', 'RUNNING', 'STOPPING'];

/** Completes the stop of a root if nobody works on it or below it any more; jobs that were made below it meanwhile are stopped too. */
export async function settle(root: ObjectId, { jobs, moment }: TreeDeps): Promise<void> {
  const job = await jobs.find(root);
  if (job?.status !== 'STOPPING' || job.claim) return;
  if (job.hasChildren) {
    for (const move of [...below.stop(moment()), settleBelow(moment())]) await jobs.moveBelow(root, move);
    if ((await jobs.below(root, UNQUIET, 1)).length > 0) return;
  }
  const rests = job.hasChildren && (await jobs.below(root, ['STOPPED'], 1)).length > 0;
  await jobs.move({ _id: root }, settleRoot(moment(), rests));
}
