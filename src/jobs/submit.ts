// New jobs: the document first, then a wake-up for whoever is free (spec auth-jobs-logs-files §9.4 row 1).
import { ObjectId } from 'mongodb';
import type { Context } from '../context.ts';
import type { Session } from '../db/transaction.ts';
import { systemError } from '../errors.ts';
import type { JobLink, JobRequest } from './handler.ts';
import type { JobDocument } from './job.ts';
import type { Waker } from './queue.ts';
import { DEFAULT_QUEUE, type Queues } from './queues.ts';
import type { JobStore } from './store.ts';
import { factsOf, type JobTypes } from './types.ts';

export interface SubmitDeps {
  readonly jobs: Pick<JobStore, 'insert' | 'markParent'>;
  readonly waker: Pick<Waker, 'wake'>;
  readonly queues: Queues;
  readonly types: JobTypes;
  readonly now: () => number;
}

/** Stores a job that nobody is above of; it starts at once when a place is free. */
export async function submitRoot(ctx: Context, request: JobRequest, deps: SubmitDeps): Promise<JobLink> {
  const { principal } = ctx;
  const person = ctx.origin === 'system' ? null : new ObjectId(principal.id);
  const id = new ObjectId();
  const job = newJob(id, request, deps, {
    runBy: person && { _id: person, fullName: principal.fullName },
    owners: person ? [person] : [],
    parent: null,
    root: null,
    tree: id,
    lowPriority: request.lowPriority ?? false,
  });
  await deps.jobs.insert(job);
  deps.waker.wake(job.queue);
  return linkTo(id);
}

/**
 * Stores a job below another one, in that one's transaction. It runs for the same user, and a low priority is passed on.
 * @returns with it, the wake-up that is due once the transaction is committed
 */
export async function submitBelow(
  parent: JobDocument,
  request: JobRequest,
  session: Session,
  deps: SubmitDeps,
): Promise<{ link: JobLink; wake: () => void }> {
  const id = new ObjectId();
  const job = newJob(id, request, deps, {
    runBy: parent.runBy,
    owners: parent.owners,
    parent: { _id: parent._id, label: parent.label },
    root: parent.root ?? { _id: parent._id, label: parent.label },
    tree: parent.tree,
    lowPriority: parent.lowPriority || (request.lowPriority ?? false),
  });
  // The root is what calls stop: it has to know that there is something below, even if only a grandchild.
  if (parent.root) await deps.jobs.markParent(parent.root._id, session);
  await deps.jobs.insert(job, session);
  return { link: linkTo(id), wake: () => deps.waker.wake(job.queue) };
}

/** Where a job is found, relative to `/<env>/runtime` (spec auth-jobs-logs-files §1). */
export function linkTo(id: ObjectId): JobLink {
  const jobId = id.toHexString();
  return { jobLink: `/api/status/jobs/${jobId}`, jobId };
}

type Place = Pick<JobDocument, 'runBy' | 'owners' | 'parent' | 'root' | 'tree' | 'lowPriority'>;

function newJob(id: ObjectId, request: JobRequest, { queues, types, now }: SubmitDeps, place: Place): JobDocument {
  const { type, label, data = {}, input = {}, queue } = request;
  if (!factsOf(types, type).handled) throw systemError(`Nobody runs jobs of type ${type}`);
  return {
    _id: id,
    type,
    label,
    status: 'PENDING',
    queue: queue !== undefined && queues.has(queue) ? queue : DEFAULT_QUEUE,
    ...place,
    hasChildren: false,
    created: new Date(now()),
    started: null,
    ended: null,
    hasErrors: false,
    progress: 0,
    recordsCount: 0,
    recordsProcessed: 0,
    stoppable: factsOf(types, type).stoppable,
    data,
    input,
    position: null,
    waiting: true,
    attempt: 0,
    writes: 0,
    crashes: 0,
    logCount: 0,
    resultCount: 0,
    resultBytes: 0,
  };
}
