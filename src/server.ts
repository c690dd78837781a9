// The API process: config -> services -> app -> listen, and all of it closed in reverse order.
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config, RunConfig } from './config.ts';
import { StartError } from './db/connecting.ts';
import { completeConfig } from './embedded/run-config.ts';
import { buildApp } from './http/app.ts';
import { type Closers, createClosers } from './lifecycle.ts';
import { createServices } from './services.ts';

/** A server that accepts requests. */
export interface RunningServer {
  /** Where the API answers, with its base path. */
  apiUrl: string;
  config: RunConfig;
  /** Whether MongoDB and Redis are our own. */
  embedded: { mongodb: boolean; redis: boolean };
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
    const completed = await completeConfig(config);
    const { embedded } = completed;
    if (embedded) await closers.add('the embedded services', embedded.release);
    const services = await createServices(completed.config, log);
    await closers.add('the services', () => services.close());
    const app = await buildApp(services);
    await closers.add('the HTTP server', () => closeApp(app, config.shutdownTimeoutMs, log));
    await listen(app, config);
    return {
      apiUrl: apiUrl(app, config),
      config: completed.config,
      embedded: { mongodb: embedded?.mongodbUri !== undefined, redis: embedded?.redisUrl !== undefined },
      close: closers.closeAll,
    };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function listen(app: FastifyInstance, { host, port }: Config): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = { EADDRINUSE: 'something listens there already', EACCES: 'this user may not listen there' }[
      code ?? ''
    ];
    if (reason === undefined && code !== 'EADDRNOTAVAIL' && code !== 'ENOTFOUND') throw error;
    throw new StartError(`can't listen on HOST ${host}, PORT ${port}: ${reason ?? code}`, { cause: error });
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

function apiUrl(app: FastifyInstance, config: Config): string {
  const { port } = app.server.address() as AddressInfo;
  const host = ['0.0.0.0', '::'].includes(config.host) ? 'localhost' : config.host;
  const shown = host.includes(':') ? `[${host}]` : host;
  return `${config.tlsCert ? 'https' : 'http'}://${shown}:${port}/${config.envName}/runtime/api`;
}
