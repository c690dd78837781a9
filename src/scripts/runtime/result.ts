// What a function returned, as JSON in REST input form (spec scripting-api §2.1).

import type { Json } from '../../fields/field-type.ts';
import { BigNumber } from './big-number.ts';
import { isObject, type JsonObject, NativeValue } from './native.ts';
import type { Moment, Shape } from './shape.ts';
import { placeOf, Wrapper } from './wrapper.ts';

const MAX_DEPTH = 50;
const MAX_VALUES = 500_000;
const MAX_TEXT = 16_000_000;

/** Counts what one message returns. */
export class Budget {
  #values = 0;
  #text = 0;

  spend(text: number): void {
    this.#values += 1;
    this.#text += text;
    if (this.#values > MAX_VALUES || this.#text > MAX_TEXT) throw new RangeError('The function returned too much');
  }
}

interface Conversion {
  readonly budget: Budget;
  readonly moment: Moment;
}

/**
 * Converts a returned value; dates take the form of the field they are for, where there is one.
 * @throws TypeError for functions, symbols, promises and cycles, RangeError for too much
 */
export function toInput(value: unknown, shape: Shape | null, conversion: Conversion, depth = 0): Json {
  const { budget, moment } = conversion;
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') {
    budget.spend(value.length);
    return value;
  }
  budget.spend(8);
  if (typeof value === 'boolean') return value;
  // JSON has no such numbers; as text they are refused by the field with what they are.
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') throw new TypeError(`The function returned a ${typeof value}`);
  if (depth > MAX_DEPTH) throw new TypeError('The function returned an object that is nested too deep or holds itself');
  const special = fromObject(value, shape, moment);
  if (special !== undefined) return toInput(special, null, conversion, depth + 1);
  if (Array.isArray(value)) return value.map((item) => toInput(item, shape, conversion, depth + 1));
  return fromMembers(value as JsonObject, shape, conversion, depth);
}

/** Objects that mean something: what they stand for; undefined for plain ones. */
function fromObject(value: object, shape: Shape | null, moment: Moment): unknown {
  if (value instanceof NativeValue) return value.toJSON();
  if (value instanceof Date) {
    const time = value.getTime();
    return (shape?.group === false ? shape.rule.write(value, shape, moment) : null) ?? time;
  }
  if (BigNumber.isBigNumber(value)) return value.toFixed();
  if (value instanceof String || value instanceof Number || value instanceof Boolean) return value.valueOf();
  if (value instanceof Promise)
    throw new TypeError('The function returned a promise; functions of records are synchronous');
  if (value instanceof Map || value instanceof Set) return [...value];
  return undefined;
}

function fromMembers(value: JsonObject, shape: Shape | null, conversion: Conversion, depth: number): Json {
  const toJSON: unknown = value.toJSON;
  if (typeof toJSON === 'function') return toInput(toJSON.call(value), shape, conversion, depth + 1);
  const converted: JsonObject = {};
  for (const key of Object.keys(value)) {
    conversion.budget.spend(key.length);
    const member: unknown = value[key];
    if (typeof member === 'function' || typeof member === 'symbol')
      throw new TypeError(`The function returned an object with a ${typeof member} in [${key}]`);
    const inner = shape?.group ? (shape.inner?.get(key) ?? null) : null;
    converted[key] = toInput(member, inner, conversion, depth + 1);
  }
  return converted as Json;
}

/** Truth of a returned value; a wrapper counts as the value it shows. */
export function toBoolean(value: unknown): boolean {
  return value instanceof Wrapper ? !placeOf(value).isList && Boolean(value.val()) : Boolean(value);
}

/** Text of a returned label; nothing is ''. */
export function toLabel(value: unknown, budget: Budget): string {
  if (value === null || value === undefined) return '';
  const label = typeof value === 'object' && isPlain(value) ? JSON.stringify(value) : String(value);
  budget.spend(label.length);
  return label;
}

function isPlain(value: object): boolean {
  return isObject(value) && !(value instanceof NativeValue) && Object.getPrototypeOf(value) === Object.prototype;
}
