// Jobs for everybody who is no worker: making, reading, listing and steering them.
import { ObjectId } from 'mongodb';
import type { Context } from '../context.ts';
import { notFound, unavailable } from '../errors.ts';
import type { PageOf } from '../query/list-parameters.ts';
import type { QueryPairs } from '../records/service.ts';
import { createBatchDraft, stateOf } from './batch.ts';
import { CONTROL_RULES, type Control, refusalOf, requireOwner } from './control.ts';
import type { EngineStore } from './engine-store.ts';
import type { JobLink, JobRequest } from './handler.ts';
import type { JobDocument } from './job.ts';
import { type ListingDeps, type LogJson, listJobs, listLogs, printJobs } from './listing.ts';
import type { JobJson } from './print.ts';
import { type SubmitDeps, submitRoot } from './submit.ts';
import type { Moment } from './transitions.ts';
import { moveTree, settle } from './tree.ts';

export interface JobService {
  /** Makes a job; answers when its document is stored. */
  submit(ctx: Context, request: JobRequest): Promise<JobLink>;
  /** `GET /status/jobs/{id}`. @throws AppError `notFound`, also for a malformed id and for a job of others */
  read(ctx: Context, id: string): Promise<JobJson>;
  /** `GET /status/jobs`. */
  list(ctx: Context, query: QueryPairs): Promise<PageOf<JobJson>>;
  /** `GET /status/jobs/{id}/logs`. */
  readLogs(ctx: Context, id: string, query: QueryPairs): Promise<PageOf<LogJson>>;
  /**
   * `PUT /status/jobs/{id}/stop` and the like: the job after the change.
   * @throws AppError `notFound`, `forbidden`, `badRequest` (404, for kill 400) when its state does not allow it
   */
  control(ctx: Context, id: string, control: Control): Promise<JobJson>;
}

export interface JobServiceDeps extends Omit<SubmitDeps, 'jobs'>, Omit<ListingDeps, 'store'> {
  readonly store: EngineStore;
  readonly moment: () => Moment;
}

/** How often a call is judged anew when the job changes while it is judged. */
const TRIES = 20;

export function createJobService(deps: JobServiceDeps): JobService {
  const { store } = deps;

  return {
    submit: (ctx, request) => submitRoot(ctx, request, { ...deps, jobs: store.jobs }),

    read: async (ctx, id) => printOne(await findVisible(ctx, id)),

    list: (ctx, query) => listJobs(ctx, query, deps),

    readLogs: async (ctx, id, query) => {
      const { _id } = await findVisible(ctx, id);
      return listLogs(ctx, _id, query, deps);
    },

    control: async (ctx, id, control) => {
      const rule = CONTROL_RULES[control];
      for (let tries = 0; tries < TRIES; tries += 1) {
        const job = await find(id);
        requireOwner(ctx, job);
        const refusal = refusalOf(control, job, deps.types);
        if (refusal) throw refusal;
        if (rule.already.includes(job.status)) return printOne(job);
        const moved = await make(control, job, ctx);
        if (moved) return printOne(moved);
      }
      throw unavailable(`Job [${id}] kept changing while it was to be steered`);
    },
  };

  async function find(id: string): Promise<JobDocument> {
    const job = /^[0-9a-f]{24}$/.test(id) ? await store.jobs.find(ObjectId.createFromHexString(id)) : null;
    if (!job) throw notFound(`Job [${id}] was not found`);
    return job;
  }

  async function findVisible(ctx: Context, id: string): Promise<JobDocument> {
    const job = await find(id);
    const { developer, system, id: person } = ctx.principal;
    if (developer || system || job.owners.some((owner) => owner.toHexString() === person)) return job;
    throw notFound(`Job [${id}] was not found`);
  }

  async function printOne(job: JobDocument): Promise<JobJson> {
    const [printed] = await printJobs([job], deps);
    if (!printed) throw notFound(`Job [${job._id.toHexString()}] was not found`);
    return printed;
  }

  async function make(control: Control, job: JobDocument, ctx: Context): Promise<JobDocument | null> {
    const rule = CONTROL_RULES[control];
    if (rule.takesAway) await store.sessions.kill(await sessionsOf(job));
    const at = deps.moment();
    const moved = await moveTree(job, rule.move(at), rule.below(at), { ...deps, ...store });
    if (!moved) return null;
    await say(moved, control, ctx);
    if (moved.status === 'STOPPING' && !moved.claim) await settle(moved.tree, { ...deps, ...store });
    if (control === 'resume') await wakeTree(moved);
    return moved;
  }

  /** Transactions that runs may have open at this moment. */
  async function sessionsOf(job: JobDocument) {
    const others =
      job.hasChildren && !job.parent ? await store.jobs.below(job._id, ['RUNNING', 'STOPPING'], 1_000) : [];
    return [job, ...others].flatMap(({ claim }) => (claim ? [claim.session] : []));
  }

  async function wakeTree(root: JobDocument): Promise<void> {
    const below = root.hasChildren ? await store.jobs.below(root._id, ['PENDING', 'RUNNING'], 100) : [];
    for (const { queue } of [root, ...below]) deps.waker.wake(queue);
  }

  async function say(job: JobDocument, control: Control, ctx: Context): Promise<void> {
    const { level, message } = CONTROL_RULES[control].line;
    const draft = createBatchDraft(job._id, stateOf(job), deps.limits, deps.now);
    draft.log(level, message(ctx.principal.fullName));
    await store.logs.insert(draft.attachments().logs);
  }
}
