// The frame of the commands that run until a signal ends them.
import type { Logger } from 'pino';
import { type Config, loadDotEnv, readConfig } from '../config.ts';
import { type Closers, createClosers, exitOnSignals } from '../lifecycle.ts';
import { createLog } from '../log.ts';

/**
 * Reads the settings, starts, and leaves the process running.
 * @throws what `start` throws, after everything that it opened is closed
 */
export async function runProcess(
  start: (config: Config, log: Logger, closers: Closers) => Promise<void>,
): Promise<void> {
  loadDotEnv();
  const config = readConfig();
  const log = await createLog(config);
  const closers = createClosers(log);
  exitOnSignals(closers, log);
  try {
    await start(config, log, closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}
