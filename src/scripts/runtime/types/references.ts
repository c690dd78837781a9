// References: relationships, groups of users, files.
import type { Json } from '../../../fields/field-type.ts';
import { badRequest } from '../exceptions.ts';
import { isObject, type JsonObject, NativeValue } from '../native.ts';
import { openPath } from '../open.ts';
import type { Shape, TypeRule } from '../shape.ts';
import { refusing } from '../unavailable.ts';
import { placeOf, Wrapper } from '../wrapper.ts';

const OBJECT_ID = /^[0-9a-f]{24}$/i;

class ReferenceWrapper extends Wrapper {
  id(): string | null {
    return this.text('id');
  }

  label(): string | null {
    return this.text('label');
  }

  /** Accepts an id, a label, a record, another reference, `{id}` or `{label}`. */
  override equals(other: unknown): boolean {
    const [id, label] = [this.text('id'), this.text('label')];
    const given = other instanceof NativeValue ? other.toJSON() : other;
    if (given === null || given === undefined) return id === null && label === null;
    if (typeof given === 'string') return given === id || given === label;
    if (!isObject(given)) return false;
    return typeof given.id === 'string' ? given.id === id : label !== null && given.label === label;
  }

  protected text(key: string): string | null {
    const json = placeOf(this).value();
    const value = isObject(json) ? json[key] : null;
    return typeof value === 'string' ? value : null;
  }
}

class RelationshipWrapper extends ReferenceWrapper {
  /** A copied field of the referenced record. */
  field(path: string): Wrapper {
    const place = placeOf(this);
    return openPath(place.view, place, place.shape.inner ?? new Map(), path);
  }
}

class UserGroupWrapper extends ReferenceWrapper {}

class FileWrapper extends ReferenceWrapper {
  name(): string | null {
    return this.text('name');
  }
}

// What needs the data behind a reference.
for (const [wrapper, kind, names] of [
  [RelationshipWrapper, 'relationship', ['fetch', 'fetchAndLock']],
  [UserGroupWrapper, 'group', ['name']],
  [FileWrapper, 'file', ['hash', 'contentType', 'content', 'size', 'link']],
] as const)
  for (const name of names)
    Object.defineProperty(wrapper.prototype, name, { value: refusing(`${kind}.${name}`), configurable: true });

/** `{id}`, `{label}`, an id, a label, a record or another reference. */
function writeReference(value: unknown): Json {
  const given = value instanceof NativeValue ? value.toJSON() : value;
  if (typeof given === 'string') return OBJECT_ID.test(given) ? { id: given, label: null } : { id: null, label: given };
  if (!isObject(given)) return null;
  return { id: given.id ?? null, label: given.label ?? given.name ?? null };
}

const reference = {
  write: writeReference,
  isEmpty: (json: Json) => !isObject(json) || ((json.id ?? null) === null && (json.label ?? null) === null),
  text: (json: Json) => String(isObject(json) ? (json.label ?? '') : ''),
};

function readCopies(json: JsonObject, shape: Shape): { [key: string]: unknown } {
  const copies: { [key: string]: unknown } = {};
  for (const [name, inner] of shape.inner ?? []) {
    const value = json[name];
    if (value === undefined) continue;
    if (value === null) copies[name] = inner.many ? [] : (inner.rule.nothing ?? null);
    else copies[name] = Array.isArray(value) ? value.map((item) => readCopy(item, inner)) : readCopy(value, inner);
  }
  return copies;
}

function readCopy(json: Json, shape: Shape): unknown {
  return json === null ? null : shape.rule.read(json, shape);
}

export const relationship: TypeRule = {
  ...reference,
  read(json, shape) {
    const { id = null, label = null } = json as JsonObject;
    return { id, label, link: `/data/${shape.entity}/${String(id)}`, ...readCopies(json as JsonObject, shape) };
  },
  wrapper: RelationshipWrapper,
};

export const group: TypeRule = {
  ...reference,
  read: (json) => ({ id: (json as JsonObject).id ?? null, label: (json as JsonObject).label ?? null }),
  wrapper: UserGroupWrapper,
};

export const file: TypeRule = {
  read: (json) => ({ id: (json as JsonObject).id ?? null, name: (json as JsonObject).name ?? null }),
  write(value) {
    const given = value instanceof NativeValue ? value.toJSON() : value;
    if (typeof given === 'string') return { id: given, name: null };
    if (!isObject(given)) throw badRequest('A file must be {id}, an id or {name, contentType, content}');
    return { id: given.id ?? null, name: given.name ?? null };
  },
  isEmpty: (json) => !isObject(json) || ((json.id ?? null) === null && (json.name ?? null) === null),
  text: (json) => String(isObject(json) ? (json.name ?? '') : ''),
  wrapper: FileWrapper,
};

export const geoPoint: TypeRule = {
  read: (json) => ({ latitude: (json as JsonObject).latitude, longitude: (json as JsonObject).longitude }),
  write(value) {
    if (!isObject(value) || typeof value.latitude !== 'number' || typeof value.longitude !== 'number')
      throw badRequest('A geo point must be {latitude, longitude}');
    return { latitude: value.latitude, longitude: value.longitude };
  },
  text: (json) => `(${String((json as JsonObject).latitude)},${String((json as JsonObject).longitude)})`,
  wrapper: Wrapper,
};
