// A place in a record: a field at a path, resolved anew at every access, so that wrappers stay live.
import type { Json } from '../../fields/field-type.ts';
import { isObject, type JsonObject } from './native.ts';
import type { Shape } from './shape.ts';
import type { View } from './view.ts';

export class Place {
  readonly view: View;
  /** The group or reference the field is in; null at the root. */
  readonly owner: Place | null;
  readonly shape: Shape;
  /** Position of one element; null: the field itself. */
  readonly index: number | null;

  constructor(view: View, owner: Place | null, shape: Shape, index: number | null = null) {
    this.view = view;
    this.owner = owner;
    this.shape = shape;
    this.index = index;
  }

  /** A list as such, not one of its elements. */
  get isList(): boolean {
    return this.shape.many && this.index === null;
  }

  /** Native JSON; null when there is nothing. Computes pending calculations first. */
  value(): Json {
    const { calculations } = this.view;
    if (calculations.size > 0) calculations.settle(this.path());
    return this.#read();
  }

  /** The elements of a list. */
  list(): readonly Json[] {
    const value = this.value();
    return Array.isArray(value) ? value : [];
  }

  element(index: number): Place {
    return new Place(this.view, this.owner, this.shape, index);
  }

  inner(shape: Shape, index: number | null = null): Place {
    return new Place(this.view, this, shape, index);
  }

  /** Concrete path: `addresses[0].state`. */
  path(): string {
    const step = this.index === null ? this.shape.name : `${this.shape.name}[${this.index}]`;
    return this.owner ? `${this.owner.path()}.${step}` : step;
  }

  /** Changes the view; groups and elements on the way that do not exist yet come into being. */
  store(json: Json): void {
    const holder = this.owner ? this.owner.#container() : this.view.writable;
    if (this.index === null) holder[this.shape.name] = json;
    else listOf(holder, this.shape, this.index)[this.index] = json;
  }

  #read(): Json {
    const holder = this.owner ? this.owner.#read() : this.view.fields;
    const value = isObject(holder) ? holder[this.shape.name] : undefined;
    if (this.index === null) return value ?? null;
    return (Array.isArray(value) ? value[this.index] : undefined) ?? null;
  }

  #container(): JsonObject {
    const holder = this.owner ? this.owner.#container() : this.view.writable;
    const slot: JsonObject | Json[] = this.index === null ? holder : listOf(holder, this.shape, this.index);
    const key = this.index === null ? this.shape.name : this.index;
    const slots = slot as { [key: string | number]: Json };
    const present = slots[key];
    if (isObject(present)) return present;
    const fresh: JsonObject = { id: null, label: null };
    slots[key] = fresh;
    return fresh;
  }
}

/** The list of a field, long enough for `index`; gaps are filled with nothing, or with empty elements of a group. */
function listOf(holder: JsonObject, shape: Shape, index: number): Json[] {
  const present = holder[shape.name];
  const list = Array.isArray(present) ? (present as Json[]) : [];
  holder[shape.name] = list;
  while (list.length < index) list.push(shape.inner ? { id: null, label: null } : null);
  return list;
}
