// The vocabulary of the definition schemas: JSON Schema by typebox, with the few annotations that the reader understands.
import { type Static, type TEnum, type TObject, type TProperties, type TSchema, Type } from 'typebox';

/**
 * What a key may say beyond JSON Schema. The reader applies these; the editor schemas spell them out or leave them away.
 */
export interface Annotations {
  readonly description?: string;
  /** Other spellings of the key: the reader renames them to the key itself. */
  readonly aliases?: readonly string[];
  /** An older place of a value: the reader moves it to these paths of the same map. */
  readonly movedTo?: readonly (readonly string[])[];
  /** A single item may stand for a list of one. */
  readonly single?: boolean;
  /** Other spellings of enumerated values, in lower case. */
  readonly spellings?: Readonly<Record<string, string>>;
  /** Completes "must be …" when the schema alone would say it badly. */
  readonly expected?: string;
}

/** A map whose keys are all known; others are reported as warnings. */
export function map<P extends TProperties>(properties: P, options: Annotations = {}): TObject<P> {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

/** A map with keys of the app's or the UI's choice: kept as it is. */
export const anyMap = (description: string) =>
  Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description, expected: 'a map' }));

export const text = (description: string, options: Annotations = {}) =>
  Type.Optional(Type.String({ description, ...options }));

export const flag = (description: string, options: Annotations = {}) =>
  Type.Optional(Type.Boolean({ description, ...options }));

export const count = (description: string, options: Annotations & { minimum?: number; maximum?: number } = {}) =>
  Type.Optional(Type.Integer({ description, minimum: 0, ...options }));

export function oneOf<const V extends string>(values: readonly V[], options: Annotations = {}): TEnum<V[]> {
  return Type.Enum<V[]>([...values], { ...options });
}

export const list = <T extends TSchema>(items: T, description: string, options: Annotations = {}) =>
  Type.Optional(Type.Array(items, { description, ...options }));

/** `js/<ref>`: a function of the sibling script (spec entity-model §5.2). */
export const hook = (description: string, options: Annotations = {}) =>
  Type.Optional(Type.String({ description, pattern: '^js/.', expected: 'js/<function>', ...options }));

/** A condition value of spec entity-model §0.3. */
export const condition = (description: string, options: Annotations = {}) =>
  Type.Optional(conditionValue({ description, ...options }));

export const conditionValue = (options: Annotations = {}) =>
  Type.Union(
    [
      Type.Enum(['always', 'never', 'none']),
      Type.String({ pattern: '^js/.' }),
      Type.Boolean(),
      Type.Record(Type.String(), Type.Unknown()),
    ],
    { expected: 'always, never, js/<function> or a filter map', ...options },
  );

/** A name of the app: letters, digits and `_`, a letter first (spec entity-model §0.2). */
export const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
/** Names joined by dots: full names of entities, paths of fields. */
export const DOTTED_NAME = /^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*$/;

export type { Static };
