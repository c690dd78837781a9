// One message: its calls in order on one record, each with its own view (spec scripting-api §2.1, entity-model §2.10).
import type { Json } from '../../fields/field-type.ts';
import type { HookCall, ScriptRecord } from '../../records/hooks.ts';
import type { Answer, Failure, RunMessage } from '../protocol.ts';
import { argumentsOf, type BoundHook, variablesOf } from './bind.ts';
import { describe } from './failure.ts';
import { functionOf } from './files.ts';
import { swapVariables, type Variables } from './globals.ts';
import { takeLogs, writeLog } from './logs.ts';
import { wrap } from './many.ts';
import { isObject, type JsonObject } from './native.ts';
import { parsePath } from './path.ts';
import { Place } from './place.ts';
import { ScriptedRecord } from './record.ts';
import { Budget, toBoolean, toInput, toLabel } from './result.ts';
import type { Entity, Fields, Moment, Shape } from './shape.ts';
import { type Base, type Calculations, NO_CALCULATIONS, View } from './view.ts';

interface Call {
  readonly index: number;
  readonly kind: HookCall['kind'];
  readonly hook: BoundHook;
  readonly at: string | null;
}

/** Thrown through a function whose read of a calculated field failed: the message is over, whatever the function catches. */
class Stopped extends Error {}

export class Run implements Calculations {
  readonly moment: Moment;
  readonly userId: string;
  readonly ip: string | null;
  readonly #base: Base;
  readonly #old: ScriptedRecord | null;
  readonly #calls: readonly Call[];
  readonly #results: Json[] = [];
  readonly #budget = new Budget();
  /** Calculations that nobody has computed yet, by path. */
  readonly #pending = new Map<string, Call>();
  /** Those being computed now, outermost first. */
  readonly #computing: string[] = [];
  /** Views of the functions that are running, innermost last. */
  readonly #views: View[] = [];
  #next = 0;
  #failure: Failure | null = null;

  constructor(message: RunMessage, entity: Entity, hookOf: (hook: number) => BoundHook) {
    this.moment = { zone: message.z };
    [this.userId, this.ip] = message.u;
    this.#base = baseOf(entity, message.r);
    this.#old = message.o
      ? new ScriptedRecord(new View(baseOf(entity, message.o), this.moment, NO_CALCULATIONS))
      : null;
    this.#calls = message.c.map(([kind, hook, at], index) => ({ index, kind, hook: hookOf(hook), at }));
    for (const call of this.#calls)
      if (call.kind === 'calculation' && call.at !== null) this.#pending.set(call.at, call);
  }

  /** Runs the next call; true once there is nothing left to do. */
  step(): boolean {
    const call = this.#calls[this.#next];
    this.#next += 1;
    if (call && this.#results[call.index] === undefined) {
      if (call.at !== null) this.#pending.delete(call.at);
      try {
        this.#compute(call);
      } catch (thrown) {
        this.#failure ??= describe(thrown, call.index);
      }
    }
    return this.#failure !== null || this.#next >= this.#calls.length;
  }

  answer(): Answer {
    const logs = takeLogs();
    const outcome = this.#failure ? { e: this.#failure } : { v: this.#results };
    return logs.length > 0 ? { ...outcome, l: logs } : outcome;
  }

  get size(): number {
    return this.#pending.size + this.#computing.length;
  }

  settle(path: string | null): void {
    if (path !== null && this.#computing.includes(path)) {
      writeLog(
        'warn',
        `Calculated field [${path}] of [${this.#base.entity.name}] depends on itself; its stored value is used`,
      );
      return;
    }
    for (const [at, call] of this.#pending) {
      if (path !== null && !concerns(at, path)) continue;
      this.#pending.delete(at);
      try {
        this.#compute(call);
      } catch (thrown) {
        this.#failure ??= describe(thrown, call.index);
        throw new Stopped('A calculated field failed');
      }
    }
  }

  #compute(call: Call): void {
    const { at, kind, hook, index } = call;
    const view = new View(this.#base, this.moment, this);
    const variables = this.#variables(call, view);
    const before = swapVariables(variables);
    this.#views.push(view);
    if (at !== null && kind === 'calculation') this.#computing.push(at);
    try {
      const value = functionOf(hook.file, hook.fn)(...argumentsOf(hook, kind, variables));
      if (this.#failure) return;
      this.#results[index] = this.#convert(call, value);
    } finally {
      if (at !== null && kind === 'calculation') this.#computing.pop();
      this.#views.pop();
      swapVariables(before);
    }
    this.#publish(call, this.#results[index] ?? null);
  }

  #variables({ kind, at }: Call, view: View): Variables {
    const place = at === null ? null : placeAt(view, this.#base.entity.fields, at);
    const all: Variables = {
      record: new ScriptedRecord(view),
      parentField: place?.owner && kind !== 'nestedLabel' ? new ScriptedRecord(view, place.owner) : null,
      field: place && kind === 'validation' ? wrap(place) : null,
      nested: place && kind === 'nestedLabel' ? new ScriptedRecord(view, place) : null,
      action: null,
    };
    const variables: Variables = { oldRecord: this.#old };
    for (const name of variablesOf(kind)) variables[name] = all[name];
    return variables;
  }

  #convert({ kind, at }: Call, value: unknown): Json {
    if (kind === 'condition') return toBoolean(value);
    if (kind === 'label' || kind === 'nestedLabel') return toLabel(value, this.#budget);
    const shape = kind === 'default' || kind === 'calculation' ? shapeAt(this.#base.entity.fields, at) : null;
    return toInput(value, shape, { budget: this.#budget, moment: this.moment });
  }

  /** Lets the calls that follow, and functions that are waiting for the value, see it. */
  #publish({ kind, at }: Call, result: Json): void {
    if (at === null || (kind !== 'calculation' && kind !== 'default' && kind !== 'nestedLabel')) return;
    const targets = [new BaseView(this.#base, this.moment), ...this.#views.filter((view) => view.hasOwn)];
    for (const view of targets) {
      const place = placeAt(view, this.#base.entity.fields, at);
      if (kind === 'nestedLabel') {
        const group = place.value();
        if (isObject(group)) place.store({ ...(group as { [key: string]: Json }), label: result });
      } else place.store(nativeOf(place, result));
    }
  }
}

/** Writes through to the record of the message. */
class BaseView extends View {
  constructor(base: Base, moment: Moment) {
    super(base, moment, NO_CALCULATIONS);
  }

  override get writable(): JsonObject {
    return this.base.fields;
  }
}

function baseOf(entity: Entity, record: ScriptRecord): Base {
  return {
    entity,
    id: record.id,
    label: record.label,
    version: record.version,
    fields: record.fields as JsonObject,
  };
}

/** Native JSON of a result that is in REST input form; what does not convert is no value. */
function nativeOf(place: Place, result: Json): Json {
  const { rule } = place.shape;
  const one = (json: Json): Json => {
    if (json === null) return null;
    try {
      return rule.write(json, place.shape, place.view.moment);
    } catch {
      return null;
    }
  };
  if (!place.isList) return one(result);
  return (Array.isArray(result) ? (result as readonly Json[]) : [result]).map(one).filter((json) => json !== null);
}

/** Does a calculation at `at` decide what a read of `path` sees: the same field, one inside it, or the group around it? */
function concerns(at: string, path: string): boolean {
  return at === path || isWithin(at, path) || isWithin(path, at);
}

function isWithin(inner: string, outer: string): boolean {
  if (!inner.startsWith(outer)) return false;
  const next = inner.charAt(outer.length);
  return next === '.' || next === '[';
}

/** The place of a concrete path. */
function placeAt(view: View, fields: Fields, at: string): Place {
  let place: Place | null = null;
  let level: Fields | null = fields;
  for (const { name, index } of parsePath(at)) {
    const shape: Shape | undefined = level?.get(name);
    if (!shape) throw new TypeError(`There is no field ${at}`);
    place = new Place(view, place, shape, index);
    level = shape.inner;
  }
  if (!place) throw new TypeError(`There is no field ${at}`);
  return place;
}

function shapeAt(fields: Fields, at: string | null): Shape | null {
  let shape: Shape | null = null;
  let level: Fields | null = fields;
  for (const { name } of at === null ? [] : parsePath(at)) {
    shape = level?.get(name) ?? null;
    level = shape?.inner ?? null;
  }
  return shape;
}
