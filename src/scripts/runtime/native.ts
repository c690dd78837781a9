// The common base of records and wrappers: everything that stands for stored data and has a native JSON form.
import type { Json } from '../../fields/field-type.ts';

export abstract class NativeValue {
  /** Native JSON, as REST prints it; also what `JSON.stringify` shows. */
  abstract toJSON(): Json;
}

export type JsonObject = { [key: string]: Json | undefined };

/** A deep copy of JSON, so that nobody outside holds a piece of the record. */
export function copyJson<T extends Json | undefined>(json: T): T {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map(copyJson) as unknown as T;
  const copy: JsonObject = {};
  for (const key of Object.keys(json)) copy[key] = copyJson((json as JsonObject)[key]);
  return copy as T;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Are two pieces of JSON the same? The order of keys does not matter. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || a === undefined || b === undefined)
    return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => sameJson(item, b[index]));
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && sameJson((a as JsonObject)[key], (b as JsonObject)[key]));
}
