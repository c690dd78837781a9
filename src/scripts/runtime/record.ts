// R: a record as scripts see it (spec scripting-api §1.6), whole or rooted at one nested element.
import type { Json } from '../../fields/field-type.ts';
import { badRequest } from './exceptions.ts';
import { copyJson, isObject, type JsonObject, NativeValue } from './native.ts';
import { openPath } from './open.ts';
import { Place } from './place.ts';
import type { Fields } from './shape.ts';
import { refusing, unavailable } from './unavailable.ts';
import { NO_CALCULATIONS, View } from './view.ts';
import type { Wrapper } from './wrapper.ts';

interface JsonOptions {
  readonly fields?: unknown;
  readonly format?: unknown;
}

export class ScriptedRecord extends NativeValue {
  /** Some apps tell records from other objects by it (spec §1.6). */
  readonly __class__ = 'Data';
  readonly #view: View;
  /** The nested element the record is rooted at; null: the whole record. */
  readonly #root: Place | null;

  constructor(view: View, root: Place | null = null) {
    super();
    this.#view = view;
    this.#root = root;
  }

  id(): string | null {
    return this.#root ? this.#own('id') : this.#view.base.id;
  }

  label(): string | null {
    return this.#root ? this.#own('label') : this.#view.base.label;
  }

  version(): number | null {
    return this.#view.base.version;
  }

  entityName(): string {
    return this.#view.base.entity.name;
  }

  entityId(): string {
    return this.#view.base.entity.id;
  }

  isNew(): boolean {
    return this.id() === null;
  }

  field(path: string): Wrapper {
    return openPath(this.#view, this.#root, this.#fields(), path);
  }

  /** The record one level up; the whole record is its own parent. */
  parent(): ScriptedRecord {
    if (!this.#root) return this;
    return new ScriptedRecord(this.#view, this.#root.owner);
  }

  /** An unsaved duplicate without ids. */
  copy(): ScriptedRecord {
    const { base, moment } = this.#view;
    const fields = withoutIds(copyJson(this.#json()), base.entity.fields);
    return new ScriptedRecord(
      new View({ ...base, id: null, label: null, version: null, fields }, moment, NO_CALCULATIONS),
    );
  }

  /** Merges a full or partial native object into this view; keys that are no fields are ignored. */
  fromJson(json: unknown): void {
    if (!isObject(json)) throw badRequest('fromJson() needs an object');
    for (const [name, shape] of this.#fields()) {
      const value = json[name];
      if (value === undefined || shape.rule.automatic) continue;
      new Place(this.#view, this.#root, shape).store(plain(value));
    }
  }

  toJson(options?: JsonOptions | null): JsonObject {
    if (options?.format === 'plainText') throw unavailable('toJson({format: "plainText"})');
    const all = this.#json();
    if (typeof options?.fields !== 'string') return copyJson(all) as JsonObject;
    const picked: JsonObject = {};
    for (const name of ['id', 'version', 'label', ...options.fields.split(',').map((part) => part.trim())])
      if (all[name] !== undefined) picked[name] = copyJson(all[name]);
    return picked;
  }

  override toJSON(): Json {
    return this.toJson() as Json;
  }

  #json(): JsonObject {
    if (this.#root) return (this.#root.value() ?? {}) as JsonObject;
    const { base, calculations } = this.#view;
    if (calculations.size > 0) calculations.settle(null);
    return { id: base.id, version: base.version, label: base.label, ...this.#view.fields };
  }

  #fields(): Fields {
    return this.#root ? (this.#root.shape.inner ?? new Map()) : this.#view.base.entity.fields;
  }

  #own(key: 'id' | 'label'): string | null {
    const value = this.#root?.value();
    const text = isObject(value) ? value[key] : null;
    return typeof text === 'string' ? text : null;
  }
}

function withoutIds(json: JsonObject, fields: Fields): JsonObject {
  const { id, label, version, ...rest } = json;
  for (const [name, shape] of fields) {
    const value = rest[name];
    if (shape.rule.automatic) rest[name] = null;
    else if (shape.group && shape.inner) {
      const { inner } = shape;
      const strip = (item: unknown): Json => (isObject(item) ? (withoutIds(item, inner) as Json) : null);
      rest[name] = Array.isArray(value) ? value.map(strip) : strip(value);
    }
  }
  return rest;
}

/** What a script hands over as JSON, without anything that is none. */
function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value) ?? 'null') as Json;
}

// Methods that need the data of the app; on the prototype, so that a record has no enumerable key but `__class__`.
for (const name of ['action', 'auditLogs', 'history', 'lock', 'unlock'])
  Object.defineProperty(ScriptedRecord.prototype, name, { value: refusing(`record.${name}`), configurable: true });
