// The API process: services -> app -> listen, and all of it closed in reverse order.
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { type Booted, boot } from './boot.ts';
import type { Config } from './config.ts';
import { buildApp } from './http/app.ts';
import { type Closers, createClosers } from './lifecycle.ts';
import { listening, reachableAt } from './listen.ts';
import { serveMetrics } from './metrics-server.ts';

/** A server that accepts requests. */
export interface RunningServer extends Booted {
  /** Where the API answers, with its base path. */
  apiUrl: string;
  /** Where `/metrics` answers; null without METRICS_PORT. */
  metricsUrl: string | null;
  /** Stops listening, finishes requests in flight, closes everything. */
  close(): Promise<void>;
}

/**
 * Starts the API.
 * @param closers takes what is opened, so that a signal during the start finds it
 * @throws {ConfigError | StartError | SetupError} with a message for people; what was opened until then is closed
 */
export async function startServer(
  config: Config,
  log: Logger,
  closers: Closers = createClosers(log),
): Promise<RunningServer> {
  try {
    const booted = await boot(config, log, closers);
    const app = await buildApp(booted.services);
    const runner = config.runWorker ? await booted.services.startRunner() : null;
    const { shutdownTimeoutMs } = config;
    // Side by side: a supervisor waits only so long.
    await closers.add('the HTTP server and the running jobs', async () => {
      await Promise.all([closeApp(app, shutdownTimeoutMs, log), runner?.stop(shutdownTimeoutMs)]);
    });
    const metricsUrl = await serveMetrics(booted.services.metrics, config, closers);
    await listening('HOST, PORT', config, () => app.listen({ host: config.host, port: config.port }));
    const origin = `${config.tlsCert ? 'https' : 'http'}://${reachableAt(app.server, config.host)}`;
    return { ...booted, apiUrl: `${origin}/${config.envName}/runtime/api`, metricsUrl, close: closers.closeAll };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

/** Requests in flight get their time; then their connections are cut, so that an exit never hangs on a client. */
async function closeApp(app: FastifyInstance, timeoutMs: number, log: Logger): Promise<void> {
  const timer = setTimeout(() => {
    log.warn(`requests in flight took longer than ${timeoutMs} ms (SHUTDOWN_TIMEOUT_MS): cutting them off`);
    app.server.closeAllConnections();
  }, timeoutMs);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}
