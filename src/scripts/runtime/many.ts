// MW: the view of a multi-valued field (spec scripting-api §1.7), and of all values of a field inside a list of groups.
import type { Json } from '../../fields/field-type.ts';
import { badRequest } from './exceptions.ts';
import { copyJson, sameJson } from './native.ts';
import type { Place } from './place.ts';
import { placeOf, readAt, textAt, toNative, Wrapper } from './wrapper.ts';

type Visit = (element: Wrapper, index: number) => unknown;

/** Elements can be visited and read; whether they can be changed is up to the subclass. */
export abstract class Elements extends Wrapper {
  /** Places of the elements, as of now. */
  protected abstract places(): readonly Place[];

  size(): number {
    return this.places().length;
  }

  /** Visits the positions there are at the start; `false` ends it. */
  each(visit: Visit): void {
    if (typeof visit !== 'function') throw badRequest('each() needs a function');
    for (const [index, place] of this.places().entries()) if (visit(wrap(place), index) === false) return;
  }

  get(index: number): Wrapper {
    const place = this.places()[index];
    if (!place) throw badRequest(`There is no element ${String(index)}`);
    return wrap(place);
  }

  first(): Wrapper | null {
    const [place] = this.places();
    return place ? wrap(place) : null;
  }

  last(): Wrapper | null {
    const place = this.places().at(-1);
    return place ? wrap(place) : null;
  }

  contains(value: unknown): boolean {
    return this.places().some((place) => wrap(place).equals(value));
  }

  override isEmpty(): boolean {
    return this.size() === 0;
  }

  override equals(other: unknown): boolean {
    const list = listOf(other);
    const places = this.places();
    return list.length === places.length && places.every((place, index) => wrap(place).equals(list[index]));
  }

  override toString(): string {
    return this.places().map(textAt).join(', ');
  }

  override toJSON(): Json {
    return this.places().map((place) => copyJson(place.value()));
  }
}

/** A multi-valued field. */
export class Many extends Elements {
  override val(...written: unknown[]): unknown {
    if (written.length === 0) return this.places().map(readAt);
    this.#store(listOf(written[0]));
    return undefined;
  }

  /** `add(value)` appends, `add(index, value)` inserts; an index past the end appends. */
  add(...args: unknown[]): void {
    const list = this.#list();
    const [at, value] = args.length > 1 ? [Number(args[0]), args[1]] : [list.length, args[0]];
    if (!(at >= 0)) throw badRequest(`Index [${String(args[0])}] is not valid`);
    list.splice(at, 0, toNative(placeOf(this), value));
    this.#replace(list);
  }

  /** Removes the first element that equals a value, or every element a function holds true for. */
  remove(which: unknown): void {
    const doomed = this.places().filter((place, index) => {
      const element = wrap(place);
      return typeof which === 'function' ? Boolean(which(element, index)) : element.equals(which);
    });
    const gone = new Set((typeof which === 'function' ? doomed : doomed.slice(0, 1)).map(({ index }) => index));
    this.#replace(this.#list().filter((_, index) => !gone.has(index)));
  }

  removeAt(index: number): void {
    const list = this.#list();
    if (!Number.isInteger(index) || index < 0 || index >= list.length)
      throw badRequest(`There is no element ${String(index)}`);
    list.splice(index, 1);
    this.#replace(list);
  }

  removeAll(): void {
    this.#replace([]);
  }

  protected override places(): readonly Place[] {
    const place = placeOf(this);
    return place.list().map((_, index) => place.element(index));
  }

  #list(): Json[] {
    return [...placeOf(this).list()];
  }

  #store(values: readonly unknown[]): void {
    const place = placeOf(this);
    if (place.shape.rule.automatic) return;
    this.#replace(values.map((value) => toNative(place, value)).filter((json) => json !== null));
  }

  #replace(list: Json[]): void {
    const place = placeOf(this);
    if (!sameJson(place.value(), list)) place.store(list);
  }
}

/** All values of an inner field of a list of groups (`addresses.state`): read only. */
export class Spread extends Elements {
  readonly #find: () => readonly Place[];

  constructor(place: Place, find: () => readonly Place[]) {
    super(place);
    this.#find = find;
  }

  override val(...written: unknown[]): unknown {
    if (written.length > 0) throw badRequest(`[${placeOf(this).path()}] has many values; write one by its index`);
    return this.places().map(readAt);
  }

  protected override places(): readonly Place[] {
    return this.#find();
  }
}

/** The wrapper of a place, as the field's type has it. */
export function wrap(place: Place): Wrapper {
  return place.isList ? new Many(place) : new place.shape.rule.wrapper(place);
}

function listOf(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (value instanceof Elements) return value.val() as unknown[];
  return Array.isArray(value) ? value : [value];
}
