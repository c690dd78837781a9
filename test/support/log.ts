// A log that tests can read.
import { type Logger, pino } from 'pino';
import type { AppLog } from '../../src/records/app-log.ts';

/** One entry: `msg`, `level` and whatever was given with it. */
export type LogEntry = Record<string, unknown> & { msg: string; level: number };

export function recordingLog(): { log: Logger; entries: LogEntry[]; messages(): string[] } {
  const entries: LogEntry[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => entries.push(JSON.parse(line) as LogEntry) });
  return { log, entries, messages: () => entries.map(({ msg }) => msg) };
}

/** An app log that forgets everything. */
export const NO_APP_LOG: AppLog = {
  write: () => undefined,
  companion: () => ({ collection: 'appLog', name: 'insertOne', document: {} }),
};
