// Jobs: how many wait and run, how long they took, and how many records went through them.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface JobDepth {
  readonly queue: string;
  readonly status: string;
  readonly count: number;
}

/** A job that this process has brought to rest. */
export interface DoneJob {
  readonly type: string;
  readonly queue: string;
  readonly end: 'finished' | 'failed' | 'stopped';
  /** Of this run alone. */
  readonly ms: number;
  /** Records, rows among them, that this run went through. */
  readonly records: number;
}

export interface JobMetrics {
  done(job: DoneJob): void;
  watchDepths(read: () => Promise<readonly JobDepth[]>): void;
}

const SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400];

export function createJobMetrics(registry: Registry): JobMetrics {
  const durations = new Histogram({
    name: 'trebuchet_job_duration_seconds',
    help: 'Time that runs of jobs took in this process',
    labelNames: ['type', 'queue', 'end'],
    buckets: SECONDS,
    registers: [registry],
  });
  const records = new Counter({
    name: 'trebuchet_job_records_total',
    help: 'Records, or rows of files, that jobs of this process went through',
    labelNames: ['type'],
    registers: [registry],
  });
  return {
    done: ({ type, queue, end, ms, records: count }) => {
      durations.observe({ type, queue, end }, ms / 1000);
      if (count > 0) records.inc({ type }, count);
    },
    watchDepths: (read) => {
      new Gauge({
        name: 'trebuchet_jobs',
        help: 'Jobs that are not over, of all processes',
        labelNames: ['queue', 'status'],
        registers: [registry],
        async collect() {
          const depths = await read().catch(() => []); // the database is away: its own metrics say so
          this.reset();
          for (const { queue, status, count } of depths) this.set({ queue, status }, count);
        },
      });
    },
  };
}
