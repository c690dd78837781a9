// A worker process: the same services without the API. It runs jobs, and answers whether it still does.
import { createServer, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { type Booted, boot } from './boot.ts';
import type { Config } from './config.ts';
import type { Health } from './health.ts';
import type { Runner } from './jobs/runner.ts';
import { type Closers, createClosers } from './lifecycle.ts';
import { listening, reachableAt } from './listen.ts';
import { serveMetrics } from './metrics-server.ts';

/** A worker that is ready. */
export interface RunningWorker extends Booted {
  /** Where `/health/live` and `/health/ready` answer. */
  healthUrl: string;
  /** Where `/metrics` answers; null without METRICS_PORT. */
  metricsUrl: string | null;
  close(): Promise<void>;
}

/**
 * Starts a worker.
 * @param closers takes what is opened, so that a signal during the start finds it
 * @throws {ConfigError | StartError | SetupError} with a message for people; what was opened until then is closed
 */
export async function startWorker(
  config: Config,
  log: Logger,
  closers: Closers = createClosers(log),
): Promise<RunningWorker> {
  try {
    const booted = await boot(config, log, closers);
    const runner = await booted.services.startRunner();
    await closers.add('the running jobs', () => runner.stop(config.shutdownTimeoutMs));
    const metricsUrl = await serveMetrics(booted.services.metrics, config, closers);
    const healthUrl = await serveHealth(withRunner(booted.services.health, runner), config, closers);
    return { ...booted, healthUrl, metricsUrl, close: closers.closeAll };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

/** A worker that does not look for jobs any more is of no use, whatever else works. */
function withRunner(health: Health, runner: Runner): Health {
  return {
    report: async () => {
      const report = await health.report();
      if (runner.health().consuming) return report;
      return { status: 'unavailable', checks: { ...report.checks, jobs: 'down' } };
    },
  };
}

async function serveHealth(health: Health, { host, workerPort: port }: Config, closers: Closers): Promise<string> {
  const server = createServer(async ({ url }, response) => {
    if (url === '/health/live') return answer(response, 200, { status: 'live' });
    if (url !== '/health/ready')
      return answer(response, 404, { code: 'notFound', message: 'Only /health/live and /health/ready are here' });
    const report = await health.report();
    return answer(response, report.status === 'unavailable' ? 503 : 200, report);
  });
  const listen = () =>
    new Promise((resolve, reject) => server.once('error', reject).listen({ host, port }, () => resolve(undefined)));
  await listening('HOST, WORKER_PORT', { host, port }, listen);
  await closers.add('the health answers', () => new Promise((resolve) => server.close(() => resolve())));
  return `http://${reachableAt(server, host)}/health/ready`;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
