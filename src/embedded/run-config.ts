// Completes the settings with what was not given: MongoDB, Redis and the encryption key of our own.
import type { Config, RunConfig } from '../config.ts';
import { readOrCreateEncryptionKey } from './encryption-key.ts';
import { acquireServices, type EmbeddedServices } from './services.ts';

/** Settings to run with, and the services that were started for them. */
export interface Completed {
  config: RunConfig;
  /** Null when MongoDB and Redis both came from the settings. */
  embedded: EmbeddedServices | null;
}

/**
 * Starts (or shares) the services that the settings do not name, and finds the encryption key.
 * @throws {ConfigError} when `DATA_DIR` is not ours
 */
export async function completeConfig(config: Config): Promise<Completed> {
  const encryptionKey = config.encryptionKey ?? readOrCreateEncryptionKey(config.dataDir);
  const needed = { mongo: config.mongodbUri === undefined, redis: config.redisUrl === undefined };
  const embedded = needed.mongo || needed.redis ? await acquireServices({ dataDir: config.dataDir, ...needed }) : null;
  const mongodbUri = config.mongodbUri ?? embedded?.mongodbUri;
  const redisUrl = config.redisUrl ?? embedded?.redisUrl;
  if (mongodbUri === undefined || redisUrl === undefined) throw new Error('the embedded services gave no address');
  return { config: Object.freeze({ ...config, mongodbUri, redisUrl, encryptionKey }), embedded };
}
