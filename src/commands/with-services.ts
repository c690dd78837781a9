// The frame of the commands that do one thing on the services and end.
import type { Logger } from 'pino';
import { type Booted, boot } from '../boot.ts';
import { loadDotEnv, readConfig } from '../config.ts';
import { createClosers } from '../lifecycle.ts';
import { createLog } from '../log.ts';

/**
 * Reads the settings, builds the services (sharing those of a server that runs on the same `DATA_DIR`), does the task and
 * closes them. The log goes to stderr and tells only warnings, unless LOG_LEVEL says otherwise: stdout is the task's.
 */
export async function withServices<T>(task: (booted: Booted, log: Logger) => Promise<T>): Promise<T> {
  loadDotEnv();
  const config = readConfig();
  const log = await createLog({ logLevel: config.logLevel === 'info' ? 'warn' : config.logLevel }, 'stderr');
  const closers = createClosers(log);
  try {
    return await task(await boot(config, log, closers), log);
  } finally {
    await closers.closeAll();
  }
}
