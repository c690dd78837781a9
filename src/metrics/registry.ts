// The measurements of a process, as Prometheus reads them. Made only where METRICS_PORT is set: without it nothing is counted.
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { PoolStats } from '../scripts/pool.ts';
import { createHttpMetrics, type HttpMetrics } from './http.ts';
import { createJobMetrics, type JobDepth, type JobMetrics } from './jobs.ts';
import { createMongoMetrics, type ObserveClient } from './mongo.ts';
import { watchScripts } from './scripts.ts';

export interface Metrics {
  readonly http: HttpMetrics;
  readonly jobs: JobMetrics;
  /** Begins to watch a client of MongoDB, before it connects. */
  readonly observeMongo: ObserveClient;
  /** Adds what is only known once everything is wired; asked at each scrape. */
  watch(sources: MetricSources): void;
  readonly contentType: string;
  text(): Promise<string>;
}

export interface MetricSources {
  /** Jobs that are not over, by queue and status. */
  readonly jobDepths: () => Promise<readonly JobDepth[]>;
  readonly scripts: () => PoolStats;
  /** Hash of the definitions in force. */
  readonly definitions: () => string;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  // heap, garbage collection, processor time, event loop delay
  collectDefaultMetrics({ register: registry });
  const jobs = createJobMetrics(registry);
  return {
    http: createHttpMetrics(registry),
    jobs,
    observeMongo: createMongoMetrics(registry),
    watch: ({ jobDepths, scripts, definitions }) => {
      jobs.watchDepths(jobDepths);
      watchScripts(registry, scripts, definitions);
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
