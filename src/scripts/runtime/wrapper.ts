// W: the view of one value of a field (spec scripting-api §1.7). Types extend it with their own methods.
import type { Json } from '../../fields/field-type.ts';
import { copyJson, NativeValue, sameJson } from './native.ts';
import type { Place } from './place.ts';

let of: (wrapper: Wrapper) => Place;

export class Wrapper extends NativeValue {
  readonly #place: Place;

  static {
    of = (wrapper) => wrapper.#place;
  }

  constructor(place: Place) {
    super();
    this.#place = place;
  }

  /** Reads without an argument; writes with one, whatever it is. */
  val(...written: unknown[]): unknown {
    if (written.length === 0) return readAt(this.#place);
    writeAt(this.#place, written[0]);
    return undefined;
  }

  isEmpty(): boolean {
    const { shape } = this.#place;
    const json = this.#place.value();
    return json === null || (shape.rule.isEmpty?.(json, shape) ?? false);
  }

  isNotEmpty(): boolean {
    return !this.isEmpty();
  }

  /** Compares stored forms, after converting `other` to the type. */
  equals(other: unknown): boolean {
    const json = this.#place.value();
    const converted = toNative(this.#place, other);
    return json === null || converted === null ? json === converted : sameJson(json, converted);
  }

  /** `wrapper * 10` and `wrapper + 1` work with the value (spec §1.7); TypeScript knows only objects here. */
  override valueOf(): object {
    return this.val() as object;
  }

  override toString(): string {
    return textAt(this.#place);
  }

  override toJSON(): Json {
    return copyJson(this.#place.value());
  }
}

/** Where a wrapper looks; not reachable for scripts. */
export function placeOf(wrapper: Wrapper): Place {
  return of(wrapper);
}

/** What `val()` of one value gives. */
export function readAt(place: Place): unknown {
  const { rule } = place.shape;
  const json = place.value();
  return json === null ? (rule.nothing ?? null) : rule.read(json, place.shape);
}

/** What `val(value)` does to one value. */
export function writeAt(place: Place, value: unknown): void {
  if (place.shape.rule.automatic) return;
  place.store(toNative(place, value));
}

/** Native JSON of what a script gives for one value of the field at `place`; null for nothing and for what does not convert. */
export function toNative({ shape, view }: Place, value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (!(value instanceof Wrapper)) return shape.rule.write(value, shape, view.moment);
  const other = of(value);
  if (other.isList) return null;
  if (other.shape.typeName === shape.typeName) return value.toJSON();
  const read = readAt(other);
  return read === null ? null : shape.rule.write(read, shape, view.moment);
}

/** A value as text: what a wrapper turns into when it is joined with a string. */
export function textAt(place: Place): string {
  const { shape } = place;
  const json = place.value();
  if (json !== null && shape.rule.text) return shape.rule.text(json, shape);
  return String(readAt(place));
}
