// Puts the app's log together for a process: its collection, the writer behind it, and the sweep that keeps it within its size.
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { SYSTEM_USER_EMAIL } from '../context.ts';
import { startLoop } from '../loop.ts';
import { logDocument } from './log.ts';
import { createLogService, type LogService } from './service.ts';
import type { LogStore } from './store.ts';
import { createWriter } from './writer.ts';

export interface OpenLogs {
  readonly service: LogService;
  /** Stores what is left; to be closed after everything that writes to the log. */
  close(): Promise<void>;
}

export interface LogsDeps {
  readonly store: LogStore;
  readonly config: Pick<Config, 'appLogMaxMb'>;
  readonly log: Logger;
  /** Wall clock, epoch ms. */
  readonly now?: () => number;
}

const SWEEP_MS = 60_000;
const MB = 1_048_576;

export async function openLogs({ store, config, log, now = Date.now }: LogsDeps): Promise<OpenLogs> {
  await store.ensureIndexes();
  const writer = createWriter({
    store: store.insertMany,
    lossOf: (count) => {
      const line = { level: 'WARN', message: `${count} lines of the app log were lost: they came too fast` } as const;
      return logDocument('APP', { userEmail: SYSTEM_USER_EMAIL, adminUserEmail: null, ip: null }, line, now());
    },
    log,
  });
  const sweep = startLoop('the trimming of the app log', SWEEP_MS, log, async () => {
    const removed = await store.trim(config.appLogMaxMb * MB);
    if (removed > 0) log.info({ removed }, 'removed the oldest lines of the app log');
  });
  return {
    service: createLogService({ store, writer, now }),
    close: async () => {
      await Promise.all([sweep.stop(), writer.close()]);
    },
  };
}
