// Field descriptors, prepared for looking up: what wrappers ask about a field.
import type { Json } from '../../fields/field-type.ts';
import type { EntityShape, FieldShape } from '../protocol.ts';
import type { Place } from './place.ts';
import type { Wrapper } from './wrapper.ts';

/** What conversions may need to know. */
export interface Moment {
  /** Acting time zone. */
  readonly zone: string;
}

/** How values of a type look to scripts; one entry per field type in types/index.ts. */
export interface TypeRule {
  /** Native JSON, never null, to the value that `val()` gives; fresh on every call. */
  readonly read: (json: Json, shape: Shape) => unknown;
  /** What a script writes, never null or undefined, to native JSON; null when it can't be converted. Throws `badRequest` where the type says so. */
  readonly write: (value: unknown, shape: Shape, moment: Moment) => Json;
  /** Empty in the sense of `isEmpty()`; null always is. */
  readonly isEmpty?: (json: Json, shape: Shape) => boolean;
  /** `val()` of nothing, where it is not null. */
  readonly nothing?: unknown;
  /** Text of a value, where `String(val())` says little. */
  readonly text?: (json: Json, shape: Shape) => string;
  /** Values are made by the server: writes are ignored. */
  readonly automatic?: true;
  readonly wrapper: new (place: Place) => Wrapper;
}

export interface Shape {
  readonly name: string;
  readonly label: string;
  readonly rule: TypeRule;
  readonly typeName: string;
  readonly many: boolean;
  /** Inner fields of a nested group, or copied fields of a reference. */
  readonly inner: Fields | null;
  /** A nested group: its values belong to the record and have ids of their own. */
  readonly group: boolean;
  readonly choices: ReadonlyMap<string, string>;
  readonly format: string | null;
  readonly entity: string | null;
}

export type Fields = ReadonlyMap<string, Shape>;

export interface Entity {
  readonly id: string;
  readonly name: string;
  readonly fields: Fields;
}

/** Prepares the descriptor of an entity. */
export function prepareEntity(shape: EntityShape, ruleOf: (type: string) => TypeRule): Entity {
  return { id: shape.id, name: shape.name, fields: prepareFields(shape.fields, ruleOf) };
}

function prepareFields(shapes: readonly FieldShape[], ruleOf: (type: string) => TypeRule): Fields {
  return new Map(shapes.map((shape) => [shape.name, prepareField(shape, ruleOf)]));
}

function prepareField(shape: FieldShape, ruleOf: (type: string) => TypeRule): Shape {
  const inner = shape.fields ?? shape.copied;
  return {
    name: shape.name,
    label: shape.label,
    rule: ruleOf(shape.type),
    typeName: shape.type,
    many: shape.many === true,
    inner: inner ? prepareFields(inner, ruleOf) : null,
    group: shape.fields !== undefined,
    choices: new Map(shape.choices ?? []),
    format: shape.format ?? null,
    entity: shape.entity ?? null,
  };
}
