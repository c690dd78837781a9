// How much a job may keep (spec auth-jobs-logs-files §9.6, §10).

export interface JobLimits {
  /** Entries of a result map. */
  readonly resultEntries: number;
  /** Bytes of JSON of one response, and of all results of a job. */
  readonly responseBytes: number;
  readonly resultBytes: number;
  /** Log lines of a job, and characters of one. */
  readonly logEntries: number;
  readonly logLength: number;
  /** Bytes of results in one page of a list: jobs beyond it show none there. */
  readonly pageBytes: number;
  /** Processes that may end over a job without any progress. */
  readonly crashes: number;
}

export const JOB_LIMITS: JobLimits = {
  resultEntries: 1_000,
  responseBytes: 1_048_576,
  resultBytes: 16 * 1_048_576,
  logEntries: 10_000,
  logLength: 4_000,
  pageBytes: 16 * 1_048_576,
  crashes: 5,
};
