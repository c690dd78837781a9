// Nested groups: plain objects of their inner values, with the element's id (spec scripting-api §3).
import type { Json } from '../../../fields/field-type.ts';
import { badRequest } from '../exceptions.ts';
import { isObject, type JsonObject, NativeValue } from '../native.ts';
import { openPath } from '../open.ts';
import type { Moment, Shape, TypeRule } from '../shape.ts';
import { placeOf, Wrapper } from '../wrapper.ts';

/** Keys of a group that are no fields. */
const SYSTEM_KEYS = new Set(['id', 'label']);

class GroupWrapper extends Wrapper {
  id(): string | null {
    return this.#text('id');
  }

  label(): string | null {
    return this.#text('label');
  }

  field(path: string): Wrapper {
    const place = placeOf(this);
    return openPath(place.view, place, place.shape.inner ?? new Map(), path);
  }

  #text(key: string): string | null {
    const json = placeOf(this).value();
    const value = isObject(json) ? json[key] : null;
    return typeof value === 'string' ? value : null;
  }
}

export const nestedFields: TypeRule = {
  read(json, shape) {
    const group = json as JsonObject;
    const values: { [key: string]: unknown } = { id: group.id ?? null };
    for (const [name, inner] of shape.inner ?? []) values[name] = readInner(group[name] ?? null, inner);
    return values;
  },
  write(value, shape, moment) {
    const given = value instanceof NativeValue ? value.toJSON() : value;
    if (!isObject(given)) throw badRequest(`[${shape.name}] must be an object`);
    const unknown = Object.keys(given).find((key) => !SYSTEM_KEYS.has(key) && !shape.inner?.has(key));
    if (unknown !== undefined) throw badRequest(`Field [${unknown}] is not defined in [${shape.name}]`);
    const json: JsonObject = { id: typeof given.id === 'string' ? given.id : null, label: null };
    for (const [name, inner] of shape.inner ?? []) json[name] = writeInner(given[name], inner, moment);
    return json as Json;
  },
  isEmpty: (json, shape) => isEmptyGroup(json, shape),
  text: (json) => String(isObject(json) ? (json.label ?? '') : ''),
  wrapper: GroupWrapper,
};

function readInner(json: Json, shape: Shape): unknown {
  const { rule } = shape;
  const one = (value: Json): unknown => (value === null ? (rule.nothing ?? null) : rule.read(value, shape));
  if (!shape.many) return one(json);
  return Array.isArray(json) ? json.map(one) : [];
}

function writeInner(value: unknown, shape: Shape, moment: Moment): Json {
  if (shape.many) {
    const list = value === null || value === undefined ? [] : Array.isArray(value) ? value : [value];
    return list.map((item) => writeInner(item, { ...shape, many: false }, moment)).filter((json) => json !== null);
  }
  if (value === null || value === undefined) return null;
  const given = value instanceof Wrapper ? value.val() : value;
  return given === null ? null : shape.rule.write(given, shape, moment);
}

function isEmptyGroup(json: Json, shape: Shape): boolean {
  if (!isObject(json)) return true;
  return [...(shape.inner ?? [])].every(([name, inner]) => {
    const value = json[name] ?? null;
    if (inner.many) return !Array.isArray(value) || value.length === 0;
    return value === null || value === false || (inner.rule.isEmpty?.(value, inner) ?? false);
  });
}
