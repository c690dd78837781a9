// Which job a free place takes: the tree with the fewest running jobs, then the oldest; low priority last, and only while at most
// half of the places are busy (spec auth-jobs-logs-files §9.5).
import type { Filter, ObjectId } from 'mongodb';
import type { JobClaim, JobDocument } from './job.ts';
import type { RunStore } from './run-store.ts';

export interface ClaimRequest {
  readonly queue: string;
  /** Types that this process has handlers for. */
  readonly types: readonly string[];
  readonly suspects: boolean;
  /** Places of the queue in this process that are busy besides the asking one, and all of them. */
  readonly busy: number;
  readonly size: number;
}

/** Takes the next job of a queue; null when there is none for this place. */
export async function claimNext(
  runs: Pick<RunStore, 'runningTrees' | 'claim'>,
  request: ClaimRequest,
  claim: JobClaim,
  now: Date,
): Promise<JobDocument | null> {
  const { queue, types, suspects } = request;
  const order = treesInOrder([...(await runs.runningTrees(queue)).values()]);
  const priorities = request.busy * 2 <= request.size ? [false, true] : [false];
  for (const lowPriority of priorities) {
    for (const trees of order) {
      const job = await runs.claim({ queue, types, lowPriority, suspects }, trees, claim, now);
      if (job) return job;
    }
  }
  return null;
}

/** First all trees without a running job, then those with one, with two … */
function treesInOrder(running: readonly { tree: ObjectId; count: number }[]): Filter<ObjectId>[] {
  if (running.length === 0) return [{}];
  const counts = [...new Set(running.map(({ count }) => count))].sort((a, b) => a - b);
  return [
    { $nin: running.map(({ tree }) => tree) },
    ...counts.map((count) => ({ $in: running.filter((one) => one.count === count).map(({ tree }) => tree) })),
  ];
}
