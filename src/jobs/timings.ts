// How often workers say that they live, look and tidy up. Together they give the promises on crashes and stops.

/** All in milliseconds. */
export interface JobTimings {
  /** A worker says that it lives. */
  readonly heartbeat: number;
  /** After so long without a word it counts as dead. With the sweep's pause below the 15 s in which its jobs go on elsewhere. */
  readonly dead: number;
  /** Looks for stops of the jobs at hand: below the 2 s in which a forced stop frees its slot. */
  readonly poll: number;
  /** Looks for waiting jobs that no wake-up came for, for jobs of dead workers and for stops that can be completed. */
  readonly sweep: number;
  /** Removes expired jobs. */
  readonly cleanup: number;
  /** A process without a successful round for so long says on its health port that it has stopped consuming. */
  readonly silent: number;
  /** Before a run goes on after the database was away. */
  readonly retry: number;
  /** Before a job is tried again over which three processes have ended; after the fourth three times that. */
  readonly suspicion: number;
  /** Log lines of a run are written at least so often. */
  readonly flush: number;
}

export const JOB_TIMINGS: JobTimings = {
  heartbeat: 1_500,
  dead: 8_000,
  poll: 500,
  sweep: 2_000,
  cleanup: 60_000,
  silent: 60_000,
  retry: 1_000,
  suspicion: 10_000,
  flush: 1_000,
};
