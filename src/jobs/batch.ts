// Collects what one batch says about its job, within the limits of what a job may keep, and turns it into one write.
import { type Document, ObjectId } from 'mongodb';
import type { Json } from '../fields/field-type.ts';
import type { ResultEntry } from './handler.ts';
import type { JobDocument } from './job.ts';
import type { JobLimits } from './limits.ts';
import type { LogDocument, LogLevel } from './log-store.ts';
import type { ResultDocument } from './result-store.ts';
import type { Attachments } from './run-store.ts';

/** What a run knows about its job without asking the database: it alone writes these. */
export interface RunState {
  position: unknown;
  recordsCount: number;
  recordsProcessed: number;
  progress: number;
  hasErrors: boolean;
  hasChildren: boolean;
  crashes: number;
  logCount: number;
  resultCount: number;
  resultBytes: number;
}

/** A line that has its time but not yet its place. */
export interface LogLine {
  readonly at: Date;
  readonly level: LogLevel;
  readonly message: string;
}

export type BatchDraft = ReturnType<typeof createBatchDraft>;

export function stateOf(job: JobDocument): RunState {
  const { position, recordsCount, recordsProcessed, progress, hasErrors, hasChildren, crashes } = job;
  const { logCount, resultCount, resultBytes } = job;
  return {
    position,
    recordsCount,
    recordsProcessed,
    progress,
    hasErrors,
    hasChildren,
    crashes,
    logCount,
    resultCount,
    resultBytes,
  };
}

/**
 * @param before the state that the batch begins with; it is not changed
 * @param now wall clock, epoch ms
 */
export function createBatchDraft(job: ObjectId, before: RunState, limits: JobLimits, now: () => number) {
  const state = { ...before };
  const logs: LogDocument[] = [];
  const entries: [string, string][] = [];

  const log = (level: LogLevel, message: string, at = new Date(now())): void => {
    if (state.logCount >= limits.logEntries) return;
    state.logCount += 1;
    const last = state.logCount === limits.logEntries;
    const line = last
      ? { level: 'WARN' as const, message: 'Further log entries of this job are not kept' }
      : { level, message: shortened(message, limits.logLength) };
    logs.push({ _id: new ObjectId(), job, timestamp: at, ...line });
  };

  const fail = (message: string): void => {
    state.hasErrors = true;
    log('ERROR', message);
  };

  const keep = (name: string, json: string): void => {
    entries.push([name, json]);
    state.resultCount += 1;
    state.resultBytes += Buffer.byteLength(name) + Buffer.byteLength(json);
  };

  /** JSON of a response, or null when it is too large for one job. */
  const fitting = (value: Json): string | null => {
    const json = JSON.stringify(value);
    const bytes = Buffer.byteLength(json);
    const fits = bytes <= limits.responseBytes && state.resultBytes + bytes <= limits.resultBytes;
    return fits ? json : null;
  };

  return {
    state,
    log,
    fail,
    moveTo(position: unknown): void {
      state.position = position;
      state.crashes = 0;
    },
    expect(records: number): void {
      state.recordsCount = records;
    },
    processed(records: number): void {
      state.recordsProcessed += records;
      const share = state.recordsCount > 0 ? Math.floor((100 * state.recordsProcessed) / state.recordsCount) : 0;
      state.progress = Math.max(state.progress, Math.min(share, 99));
    },
    result(id: string, entry: ResultEntry): void {
      if (entry.status === 'error') fail(`Record [${id}]: ${entry.errorMessage}`);
      if (state.resultCount >= limits.resultEntries) return;
      const json = fitting(entry as Json);
      keep(id, json ?? '{"status":"ok"}');
      if (json === null) log('ERROR', `The response of record [${id}] is too large to be kept`);
    },
    value(name: string, value: Json): void {
      const json = fitting(value);
      if (json !== null) keep(name, json);
      else log('ERROR', `The value [${name}] of the results is too large to be kept`);
    },
    /** What changed, as an update of the job. */
    changes(): Document {
      const changed = Object.entries(state).filter(([name, value]) => value !== before[name as keyof RunState]);
      return Object.fromEntries(changed.map(([name, value]) => [name, { $literal: value }]));
    },
    attachments(): Attachments {
      const part: ResultDocument = { _id: new ObjectId(), job, n: before.resultCount, entries };
      return { logs, results: entries.length > 0 ? [part] : [] };
    },
  };
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
