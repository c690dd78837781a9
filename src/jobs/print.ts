// Stored jobs as the API shows them (spec auth-jobs-logs-files §9.1).
import type { JobDocument, JobRef, JobStatus } from './job.ts';
import type { ChildCounts } from './store.ts';

/** A job of the API. */
export interface JobJson {
  readonly id: string;
  readonly label: string;
  readonly type: string;
  readonly runBy: { readonly id: string; readonly fullName: string } | null;
  readonly parentJob: { readonly id: string; readonly label: string } | null;
  readonly rootJob: { readonly id: string; readonly label: string } | null;
  readonly createDate: number;
  readonly startDate: number | null;
  readonly endDate: number | null;
  readonly status: JobStatus;
  readonly hasErrors: boolean;
  /** 0–100. */
  readonly progress: number;
  readonly recordsCount: number;
  readonly recordsProcessed: number;
  readonly childrenJobsCount: number;
  readonly childrenJobsProcessed: number;
  readonly stoppable: boolean;
  readonly lowPriority: boolean;
  readonly data: Readonly<Record<string, unknown>>;
  readonly results: Readonly<Record<string, unknown>>;
}

const NO_CHILDREN: ChildCounts = { all: 0, processed: 0 };

export function printJob(
  job: JobDocument,
  results: Readonly<Record<string, unknown>> = {},
  children: ChildCounts = NO_CHILDREN,
): JobJson {
  return {
    id: job._id.toHexString(),
    label: job.label,
    type: job.type,
    runBy: job.runBy && { id: job.runBy._id.toHexString(), fullName: job.runBy.fullName },
    parentJob: printRef(job.parent),
    rootJob: printRef(job.root),
    createDate: job.created.getTime(),
    startDate: job.started?.getTime() ?? null,
    endDate: job.ended?.getTime() ?? null,
    status: job.status,
    hasErrors: job.hasErrors,
    progress: job.progress,
    recordsCount: job.recordsCount,
    recordsProcessed: job.recordsProcessed,
    childrenJobsCount: children.all,
    childrenJobsProcessed: children.processed,
    stoppable: job.stoppable,
    lowPriority: job.lowPriority,
    data: job.data,
    results,
  };
}

function printRef(ref: JobRef | null): { id: string; label: string } | null {
  return ref && { id: ref._id.toHexString(), label: ref.label };
}
