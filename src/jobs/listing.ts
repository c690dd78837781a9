// Lists of jobs and of their log lines (spec auth-jobs-logs-files §9.2).
import { type Filter, ObjectId } from 'mongodb';
import type { Context } from '../context.ts';
import { containing, type PageOf, type Parameters, readParameters, skipOf } from '../query/list-parameters.ts';
import { readPeriod } from '../query/period.ts';
import type { QueryPairs } from '../records/service.ts';
import type { EngineStore } from './engine-store.ts';
import { JOB_STATUSES, type JobDocument, type JobStatus } from './job.ts';
import type { JobLimits } from './limits.ts';
import { LOG_LEVELS, type LogDocument, type LogLevel } from './log-store.ts';
import { type JobJson, printJob } from './print.ts';
import { factsOf, type JobTypes } from './types.ts';

export interface LogJson {
  readonly timestamp: number;
  readonly level: LogLevel;
  readonly message: string;
}

export interface ListingDeps {
  readonly store: Pick<EngineStore, 'jobs' | 'logs' | 'results'>;
  readonly types: JobTypes;
  readonly limits: JobLimits;
  readonly now: () => number;
}

const JOBS_PER_PAGE = 20;
const LOGS_PER_PAGE = 200;

/** Jobs that the caller may see, newest first. */
export async function listJobs(ctx: Context, pairs: QueryPairs, deps: ListingDeps): Promise<PageOf<JobJson>> {
  const parameters = readParameters(pairs);
  const filter = jobFilter(ctx, parameters, deps.types);
  const { size, start } = parameters.page(JOBS_PER_PAGE);
  const after = start.kind === 'after' ? await placeOfJob(start.id, deps) : null;
  const { jobs } = deps.store;
  const [total, found] = await Promise.all([
    jobs.count(filter),
    size === 0 ? [] : jobs.page({ filter, after, skip: skipOf(start), limit: size }),
  ]);
  const items = await printJobs(found, deps);
  const last = items.at(-1);
  return last ? { total, offset: last.id, items } : { total, items };
}

/** Jobs with their results and the counts of the jobs below them. */
export async function printJobs(jobs: readonly JobDocument[], { store, limits }: ListingDeps): Promise<JobJson[]> {
  let bytes = 0;
  const withResults = jobs.filter(({ resultCount, resultBytes }) => {
    if (resultCount === 0 || (bytes > 0 && bytes + resultBytes > limits.pageBytes)) return false;
    bytes += resultBytes;
    return true;
  });
  const idsOf = (some: readonly JobDocument[]): ObjectId[] => some.map(({ _id }) => _id);
  const [results, children] = await Promise.all([
    store.results.read(idsOf(withResults)),
    store.jobs.countChildren(idsOf(jobs.filter(({ hasChildren }) => hasChildren))),
  ]);
  return jobs.map((job) => {
    const key = job._id.toHexString();
    return printJob(job, results.get(key), children.get(key));
  });
}

/** Log lines of a job, oldest first. `offset` is there while lines remain (spec §1.1). */
export async function listLogs(
  ctx: Context,
  job: ObjectId,
  pairs: QueryPairs,
  deps: ListingDeps,
): Promise<PageOf<LogJson>> {
  const parameters = readParameters(pairs);
  const filter = logFilter(ctx, job, parameters, deps.now());
  const { size, start } = parameters.page(LOGS_PER_PAGE);
  const { logs } = deps.store;
  const after = start.kind === 'after' ? { timestamp: await timeOfLine(job, start.id, deps), id: start.id } : null;
  const [total, found] = await Promise.all([
    logs.count(filter),
    logs.page({ filter, after, skip: skipOf(start), limit: size + 1 }),
  ]);
  const lines = found.slice(0, size);
  const last = lines.at(-1);
  const items = lines.map(({ timestamp, level, message }) => ({ timestamp: timestamp.getTime(), level, message }));
  return last && found.length > size ? { total, offset: last._id.toHexString(), items } : { total, items };
}

function jobFilter(ctx: Context, parameters: Parameters, types: JobTypes): Filter<JobDocument> {
  const { developer, system, id } = ctx.principal;
  const everything = developer || system;
  const isType = (item: string): item is string =>
    Object.hasOwn(types, item) && (everything || factsOf(types, item).public);
  const isStatus = (item: string): item is JobStatus => (JOB_STATUSES as readonly string[]).includes(item);
  const shown = Object.keys(types).filter((type) => factsOf(types, type).public);
  const status = parameters.list('status', isStatus);
  const hasErrors = parameters.boolean('hasErrors');
  const [created, started, ended] = ['create', 'start', 'end'].map((name) =>
    parameters.between(`${name}From`, `${name}To`),
  );
  return {
    ...(everything ? {} : { owners: new ObjectId(id) }),
    type: { $in: [...(parameters.list('type', isType) ?? shown)] },
    ...(status && { status: { $in: [...status] } }),
    ...(hasErrors !== null && { hasErrors }),
    ...(created && { created }),
    ...(started && { started }),
    ...(ended && { ended }),
  };
}

function logFilter(ctx: Context, job: ObjectId, parameters: Parameters, now: number): Filter<LogDocument> {
  const isLevel = (item: string): item is LogLevel => (LOG_LEVELS as readonly string[]).includes(item);
  const period = parameters.text('period');
  // The period wins: then both ends are not even looked at (spec §1.2).
  const timestamp = period === null ? parameters.between('from', 'to') : readPeriod(period, now, ctx.zone);
  const level = parameters.list('level', isLevel);
  const message = parameters.text('message');
  return {
    job,
    ...(timestamp && { timestamp }),
    ...(level && { level: { $in: [...level] } }),
    ...(message !== null && { message: containing(message) }),
  };
}

/** The element that the offset names may be gone: then the time inside its id stands for it. */
async function placeOfJob(id: ObjectId, { store }: ListingDeps): Promise<{ created: Date; id: ObjectId }> {
  return { created: (await store.jobs.find(id))?.created ?? id.getTimestamp(), id };
}

async function timeOfLine(job: ObjectId, id: ObjectId, { store }: ListingDeps): Promise<Date> {
  return (await store.logs.timeOf(job, id)) ?? id.getTimestamp();
}
