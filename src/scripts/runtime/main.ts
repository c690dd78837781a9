// The sandbox's doors: the host calls these functions and nothing else. Everything in and out is text.

import type { Answer, EntityShape, HookShape, LoadMessage, RunMessage, TestMessage } from '../protocol.ts';
import { BigNumber, restoreSettings, watchSettings } from './big-number.ts';
import { type BoundHook, bindable } from './bind.ts';
import { describe } from './failure.ts';
import { addFiles } from './files.ts';
import { defineGlobals, removeLeaks } from './globals.ts';
import { lockIntrinsics } from './intrinsics.ts';
import { takeLogs, writeLog } from './logs.ts';
import { Many, Spread } from './many.ts';
import { ScriptedRecord } from './record.ts';
import { Run } from './run.ts';
import { type Entity, prepareEntity } from './shape.ts';
import { makeSys } from './sys/index.ts';
import { refusingChain } from './sys/names.ts';
import { ruleOf, TYPE_NAMES } from './types/index.ts';

const shapes = new Map<number, string | Entity>();
const hooks = new Map<number, string | BoundHook>();
const patterns = new Map<string, RegExp>();
let run: Run | null = null;

/** Makes the world that app code sees. Called once. */
export function load(text: string): void {
  const { files } = JSON.parse(text) as Pick<LoadMessage, 'files'>;
  Error.stackTraceLimit = 30;
  const sys = makeSys(() => ({ zone: run?.moment.zone ?? 'UTC', userId: run?.userId ?? null, ip: run?.ip ?? null }));
  const classes = [ScriptedRecord, Many, Spread, BigNumber, ...TYPE_NAMES.map((type) => ruleOf(type).wrapper)];
  const pkg = refusingChain('pkg');
  const svc = refusingChain('svc');
  const log = (message: unknown): void => writeLog('info', message);
  watchSettings();
  lockIntrinsics([sys, log, ...classes]);
  defineGlobals({ sys, log, app: addFiles(files), pkg, svc });
}

/** Remembers the descriptor of an entity or function under its number; prepared when it is first used. */
export function define(kind: 'shape' | 'hook', id: number, text: string): void {
  (kind === 'shape' ? shapes : hooks).set(id, text);
}

/**
 * Begins a message and runs its first call; null while there is more to do, then the answer as JSON, after `+`, or after `-` when
 * the sandbox is no longer clean and must be replaced.
 */
export function start(text: string): string | null {
  const message = JSON.parse(text) as RunMessage;
  restoreSettings();
  run = new Run(message, entityOf(message.s), hookOf);
  return step();
}

/** Runs the next call of the message; answers like `start`. */
export function step(): string | null {
  if (!run) return null;
  const wasClean = removeLeaks();
  if (!run.step()) return null;
  const answer = JSON.stringify(run.answer());
  run = null;
  return (removeLeaks() && wasClean ? '+' : '-') + answer;
}

/** Tests a pattern against a whole value. */
export function test(text: string): string {
  const { source, value } = JSON.parse(text) as TestMessage;
  let answer: Answer;
  try {
    answer = { v: [patternOf(source).test(value)] };
  } catch (error) {
    answer = { e: describe(error, null) };
  }
  return `+${JSON.stringify(answer)}`;
}

/** What was logged by a message that could not answer. */
export function logs(): string {
  return JSON.stringify(takeLogs());
}

function patternOf(source: string): RegExp {
  const known = patterns.get(source);
  if (known) return known;
  // The source by itself first: alone it must be whole, or the brackets around it could be closed by it.
  new RegExp(source);
  const pattern = new RegExp(`^(?:${source})$`);
  if (patterns.size >= 500) patterns.clear();
  patterns.set(source, pattern);
  return pattern;
}

function entityOf(id: number): Entity {
  const known = shapes.get(id);
  if (known === undefined) throw new TypeError(`There is no shape ${id}`);
  if (typeof known !== 'string') return known;
  const entity = prepareEntity(JSON.parse(known) as EntityShape, ruleOf);
  shapes.set(id, entity);
  return entity;
}

function hookOf(id: number): BoundHook {
  const known = hooks.get(id);
  if (known === undefined) throw new TypeError(`There is no hook ${id}`);
  if (typeof known !== 'string') return known;
  const hook = bindable(JSON.parse(known) as HookShape);
  hooks.set(id, hook);
  return hook;
}
