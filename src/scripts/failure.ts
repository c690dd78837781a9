// From what a host says went wrong to the errors of the contract (spec scripting-api §0.1 and §1.12).
import { AppError, type FieldError, scriptError, timeout } from '../errors.ts';
import type { Json } from '../fields/field-type.ts';
import type { Failure } from './protocol.ts';

/** Sources of the app by file, for the line at which a function failed. */
export type Sources = ReadonlyMap<string, string>;

/** The app's own mistake, for logs: its stack names only files of the app. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
  /** `model/entities/contacts.js:14`, where it is known. */
  readonly at: string | null;
  /** The text of that line. */
  readonly line: string | null;

  constructor(message: string, stack: string | null, sources: Sources) {
    super(message);
    this.stack = `${this.name}: ${message}${stack === null ? '' : `\n${stack}`}`;
    const [, file = '', number] = FRAME.exec(stack ?? '') ?? [];
    this.at = number === undefined ? null : `${file}:${number}`;
    this.line = sources.get(file)?.split('\n')[Number(number) - 1]?.trim().slice(0, MAX_LINE) ?? null;
  }
}

/** `    at f (model/entities/contacts.js:14:3)` */
const FRAME = /(?:\(|at )([^()]*):(\d+):\d+\)?$/m;
const MAX_LINE = 200;

/**
 * The error that the caller gets: code and message of the script; file and line are in its cause.
 * @param what the function that failed and what it is for
 */
export function failureError(failure: Failure, what: string, sources: Sources): AppError {
  if (failure.kind === 'late') return timeout(`${what} ${failure.message}`);
  if (failure.kind === 'memory') return scriptError(`${what} ${failure.message}`);
  const cause = new ScriptError(`${failure.message} (${what})`, failure.stack, sources);
  if (failure.code === 'javascriptException') return scriptError(failure.message, cause);
  const errors = failure.code === 'validationErrors' ? fieldErrors(failure.info) : null;
  return new AppError(failure.code, failure.message, { cause, ...(errors && { errors }) });
}

/** `additionalInfo.errors` of an exception, as far as it has the documented shape. */
function fieldErrors(info: Json): FieldError[] | null {
  const errors = isObject(info) ? info.errors : null;
  if (!Array.isArray(errors)) return null;
  return errors.filter(isObject).map((error) => ({
    field: textOf(error.field ?? error.path),
    fieldLabel: textOf(error.fieldLabel),
    code: textOf(error.code) ?? 'invalid',
    message: textOf(error.message) ?? '',
    additionalInfo: isObject(error.additionalInfo) ? error.additionalInfo : null,
  }));
}

function isObject(json: Json | undefined): json is { readonly [key: string]: Json | undefined } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function textOf(json: Json | undefined): string | null {
  return json === null || json === undefined ? null : String(json);
}
