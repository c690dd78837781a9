// The small type through which records and scripts write to the app's log; src/logs implements it.
import type { Context } from '../context.ts';
import type { Companion } from '../db/together.ts';
import type { JsonObject } from '../fields/references.ts';

/** A line of the app's log (spec auth-jobs-logs-files §7). */
export interface AppLogLine {
  readonly level: 'INFO' | 'WARN' | 'ERROR';
  readonly message: string;
  /** Absent: none. */
  readonly subType?: AppLogSubType | null;
  /** Diagnostics, free in form. */
  readonly additionalInfo?: JsonObject;
}

/** What the server itself writes about (spec auth-jobs-logs-files §7.4); those of integrations are not produced here. */
export type AppLogSubType =
  | 'LOGIN'
  | 'REST_API_RECORD_CREATED'
  | 'REST_API_RECORD_READ'
  | 'REST_API_RECORD_UPDATED'
  | 'REST_API_RECORD_DELETED'
  | 'REST_API_ACTION_EXECUTED'
  | 'SCRIPT';

export interface AppLog {
  /** Takes the line and returns at once; it is stored a moment later. */
  write(ctx: Context, line: AppLogLine): void;
  /** The line as a companion of a write, for those that may be done several times until they hold. */
  companion(ctx: Context, line: AppLogLine): Companion;
}
