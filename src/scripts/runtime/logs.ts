// What scripts log: kept until the message ends, then sent with its answer. Bounded, since it is the app's own code that writes.
import type { Json } from '../../fields/field-type.ts';
import type { LogLevel, LogLine } from '../protocol.ts';
import { exceptions, inside } from './exceptions.ts';

const MAX_LINES = 200;
const MAX_TEXT = 10_000;
const MAX_TOTAL = 200_000;

let lines: LogLine[] = [];
let total = 0;
let dropped = 0;

/** Adds a line to the log of the running message. */
export function writeLog(level: LogLevel, message: unknown, detail: unknown = null): void {
  const text = textOf(message).slice(0, MAX_TEXT);
  const more = detail === null || detail === undefined ? null : detailOf(detail);
  total += text.length + (more === null ? 0 : JSON.stringify(more).length);
  if (lines.length < MAX_LINES && total < MAX_TOTAL) lines.push([level, text, more]);
  else dropped += 1;
}

/** Takes the lines written since the last call. */
export function takeLogs(): readonly LogLine[] {
  const taken = lines;
  if (dropped > 0) taken.push(['warn', `${dropped} more log lines of the script were dropped`, null]);
  lines = [];
  total = 0;
  dropped = 0;
  return taken;
}

/** `sys.logs`. */
export const logs = {
  debug: (message: unknown, detail?: unknown): void => writeLog('debug', message, detail),
  info: (message: unknown, detail?: unknown): void => writeLog('info', message, detail),
  warn: (message: unknown, detail?: unknown): void => writeLog('warn', message, detail),
  error: (message: unknown, detail?: unknown): void => writeLog('error', message, detail),
};

function textOf(message: unknown): string {
  return typeof message === 'string' ? message : exceptions.getMessage(message);
}

function detailOf(detail: unknown): Json {
  const exception = inside(detail);
  if (exception) return { code: exception.code, message: exception.text };
  if (detail instanceof Error)
    return { message: String(detail.message), stack: String(detail.stack).slice(0, MAX_TEXT) };
  const json = JSON.stringify(detail);
  if (json === undefined) return String(detail).slice(0, MAX_TEXT);
  return json.length > MAX_TEXT ? `${json.slice(0, MAX_TEXT)}…` : (JSON.parse(json) as Json);
}
