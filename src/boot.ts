// The part of a start that every process shares: settings -> services that are ready.
import type { Logger } from 'pino';
import type { Config, RunConfig } from './config.ts';
import { type Completed, completeConfig } from './embedded/run-config.ts';
import type { Closers } from './lifecycle.ts';
import { createServices, type Services } from './services.ts';

/** Services, and what was found or started for them. */
export interface Booted {
  services: Services;
  config: RunConfig;
  /** Whether MongoDB and Redis are our own. */
  embedded: { mongodb: boolean; redis: boolean };
}

/**
 * Starts what the settings do not name, then builds the services.
 * @param closers takes what is opened; the caller closes it, also when this fails
 * @throws {ConfigError | StartError | SetupError} with a message for people
 */
export async function boot(settings: Config, log: Logger, closers: Closers): Promise<Booted> {
  const completing = completeConfig(settings);
  // before it is done: a signal in the middle waits for it, so that no service is left running
  await closers.add('the embedded services', () => releaseOnceThere(completing));
  const { config, embedded } = await completing;
  const services = await createServices(config, log);
  await closers.add('the services', () => services.close());
  return {
    services,
    config,
    embedded: { mongodb: embedded?.mongodbUri !== undefined, redis: embedded?.redisUrl !== undefined },
  };
}

async function releaseOnceThere(completing: Promise<Completed>): Promise<void> {
  const completed = await completing.catch(() => null); // the start itself reports why
  await completed?.embedded?.release();
}
