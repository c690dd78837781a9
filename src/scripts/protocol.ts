// What travels between this process and a script host: one line of text per frame, `<tag> <number> <json>`. Types only.
import type { Json } from '../fields/field-type.ts';
import type { HookCall, ScriptRecord } from '../records/hooks.ts';

/**
 * Frames to a host. `load` opens the conversation; `shape` and `hook` give numbers to descriptors, so that messages name them by
 * number; `run` and `test` are work and are answered in order; `drop` takes back work that has not begun. `peers` names the
 * processes of the other hosts, and `bye` comes before the pipe is closed in good order.
 */
export type ToHost = 'load' | 'shape' | 'hook' | 'run' | 'test' | 'drop' | 'peers' | 'bye';

/**
 * Frames from a host: `ready` after `load`, `done` answers work, `alive` says that a long message makes progress, `dropped` that
 * work was not begun when it was taken back.
 */
export type FromHost = 'ready' | 'done' | 'alive' | 'dropped';

/** Source files and limits of a host; its isolates are built from it. */
export interface LoadMessage {
  readonly files: readonly HostFile[];
  /** Megabytes of one isolate. */
  readonly memoryMb: number;
  /** Milliseconds that one function may run. */
  readonly hookTimeoutMs: number;
  /** Milliseconds that all functions of one message may run together. */
  readonly messageTimeoutMs: number;
}

export interface HostFile {
  readonly file: string;
  readonly source: string;
  /** Dotted name below `app` for a library, else null. */
  readonly library: string | null;
}

/** A function of the app's code, as a host needs it. */
export interface HookShape {
  readonly file: string;
  readonly fn: string;
  readonly params: readonly string[];
  readonly ref: string;
}

/** What wrappers need to know about one field. */
export interface FieldShape {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly many?: true;
  /** Inner fields of a nested group. */
  readonly fields?: readonly FieldShape[];
  /** Options of a choice, `[name, label]`. */
  readonly choices?: readonly (readonly [name: string, label: string])[];
  /** Display pattern of date types. */
  readonly format?: string;
  /** Target entity of a relationship. */
  readonly entity?: string;
  /** Copied fields that a relationship carries, as a tree. */
  readonly copied?: readonly FieldShape[];
}

export interface EntityShape {
  readonly id: string;
  readonly name: string;
  readonly fields: readonly FieldShape[];
}

/** One message of hook calls: all calls of one stage of one write. Short keys, since it is made for every write. */
export interface RunMessage {
  /** Number of the entity's shape. */
  readonly s: number;
  readonly r: ScriptRecord;
  /** The record before; left out when no function of the message mentions it. */
  readonly o?: ScriptRecord;
  readonly c: readonly (readonly [kind: HookCall['kind'], hook: number, at: string | null])[];
  /** Acting time zone. */
  readonly z: string;
  /** Id of the acting user and the caller's address. */
  readonly u: readonly [id: string, ip: string | null];
}

/** One whole-value test of a pattern. */
export interface TestMessage {
  readonly source: string;
  readonly value: string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A line that a script, or the sandbox on its behalf, wrote to the app's log. */
export type LogLine = readonly [level: LogLevel, message: string, detail: Json];

/** Why work failed, as far as the host could tell. */
export interface Failure {
  /** `thrown`: the script threw; `late`, `memory`: it broke a limit. */
  readonly kind: 'thrown' | 'late' | 'memory';
  readonly code: string;
  readonly message: string;
  /** Lines of the app's own files only. */
  readonly stack: string | null;
  /** Index of the call that failed. */
  readonly call: number | null;
  /** `additionalInfo` of a ScriptException. */
  readonly info: Json;
}

/** A host's answer to `run` (values in the order of the calls) or `test` (one boolean). */
export interface Answer {
  readonly v?: readonly Json[];
  readonly e?: Failure;
  readonly l?: readonly LogLine[];
}

/** First word of a host: how long it took to start. */
export interface ReadyMessage {
  readonly pid: number;
  readonly ms: number;
}
