// The field-type contract: a type is one value that declares *and* implements all the type means. Engines walk the table in
// index.ts and never name a type.
import type { ObjectId } from 'mongodb';
import type { Field } from '../definitions/model.ts';
import type { Predicate } from '../query/predicate.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Why a value was refused; the write path adds path and label (spec entity-model §2.1, field-types §2.5). */
export class Problem {
  readonly code: string;
  readonly message: string;
  /** What was sent, for `additionalInfo.rejectedValue`; undefined: no additionalInfo. */
  readonly rejected: unknown;
  /** Path below the value, for problems inside a structured value; '' for the value itself. */
  readonly at: string;

  constructor(code: string, message: string, rejected?: unknown, at = '') {
    this.code = code;
    this.message = message;
    this.rejected = rejected;
    this.at = at;
  }
}

/** What conversions may need to know about the moment and the person. */
export interface ValueEnv {
  /** Acting IANA zone. */
  readonly zone: string;
  /** Epoch milliseconds of the operation; one value for a whole request. */
  readonly now: number;
  /** Language of month and day names in plain text. */
  readonly language: 'english' | 'spanish';
  /** Groups of the definitions by id, name, label: what group values and operands resolve to. */
  readonly groups: GroupDirectory;
  /**
   * Tests a rule's pattern that no linear engine can run (JavaScript source for the flag `u`; whole-value match): the write path
   * passes `Hooks.testPattern` of its context. Without it such a rule refuses every value.
   */
  readonly testPattern?: (source: string, value: string) => Promise<boolean>;
}

/** A name for one query operator of the contract (spec field-types §2.6). */
export type OperatorName =
  | 'equals'
  | 'notEquals'
  | 'like'
  | 'between'
  | 'greater'
  | 'greaterOrEquals'
  | 'less'
  | 'lessOrEquals'
  | 'empty'
  | 'notEmpty'
  | 'near';

/** One operand as written: text from a query string, or a JSON value from a query map. `quoted`: it stood in double quotes. */
export interface Operand {
  readonly value: Json;
  readonly quoted: boolean;
}

/** How an operand is to be understood; metadata expressions ignore the case of text (spec entity-model §3.2). */
export interface OperandEnv extends ValueEnv {
  readonly ignoreCase: boolean;
  /**
   * Compiles a query map on the inner fields of a nested group into a test of one element; paths in the map and in the result
   * start at the element. The query compiler sets it for the operators it calls: `addresses={"state":"NY","zipCode":"like(12)"}`.
   */
  readonly conditions?: (group: Field, map: { readonly [path: string]: Json | undefined }) => Predicate | Problem;
}

export interface GroupRef {
  /** 24-hex. */
  readonly id: string;
  readonly name: string;
  readonly label: string;
}

export interface GroupDirectory {
  readonly byId: (id: string) => GroupRef | undefined;
  readonly byName: (name: string) => GroupRef | undefined;
  readonly all: readonly GroupRef[];
}

/**
 * Compiles an operator with its operands into a predicate on the field's storage path, or returns a Problem for an operand that
 * does not parse. `path` is given because the same field is tested at its root path and inside an `element` predicate.
 */
export type OperatorCompiler<O> = {
  // A method signature, so that the compiler of a type with options O fits into tables of any type.
  compile(operands: readonly Operand[], field: Field<O>, path: string, env: OperandEnv): Predicate | Problem;
}['compile'];

/** Which flags and roles a type supports (spec field-types §2.11, entity-model §1.2); a flag set beyond is a load WARNING. */
export interface Supports {
  readonly many: boolean;
  readonly default: boolean;
  readonly unique: boolean;
  readonly required: boolean;
  readonly indexable: boolean;
  readonly sensitive: boolean;
  readonly calculated: boolean;
  /** `sum` and `avg`. */
  readonly aggregatable: boolean;
}

/** Reads type rules and display options of one field while definitions load; every complaint is collected with its key path. */
export interface OptionReader {
  /** The field's `typeRules` map (already resolved from `fields/…` and `types/…` references). */
  readonly rules: Readonly<Record<string, unknown>>;
  /** Effective display options: the type's app-wide default rules overlaid by the field's `uiOptions`. */
  readonly display: Readonly<Record<string, unknown>>;
  /** A load ERROR at a key below the field, e.g. `typeRules.mask`. */
  readonly error: (key: string, message: string) => void;
  readonly warn: (key: string, message: string) => void;
  /** Full entity name check for relationships; resolved after all files are read. */
  readonly entityRef: (key: string, name: string) => void;
  /** Registers a condition value (always/never/js/filter map) and returns a handle compiled later; see model.ts `Condition`. */
  readonly condition: (key: string, value: unknown, target?: string) => import('../definitions/model.ts').Condition;
  /** Resolves `js/<ref>` of the entity's sibling file. */
  readonly hook: (key: string, value: string) => import('../definitions/model.ts').HookRef | null;
}

/** A value that must be looked up in another collection before it can be stored (relationship, group, file). */
export interface Lookup {
  /** `{records: entity}` for relationships; `files` for file values. */
  readonly target: { readonly records: string } | { readonly files: true };
  /** Alternatives, tried in order; the first that finds anything decides. */
  readonly tries: readonly LookupTry[];
  /** What the client sent, for `rejectedValue`. */
  readonly rejected: unknown;
}

export type LookupTry =
  | { readonly by: 'id'; readonly id: ObjectId }
  /** Exact label; several hits are a Problem "More than one record matches". */
  | { readonly by: 'label'; readonly label: string }
  /** A lookup field of the target entity; null: any of its declared lookup fields, in order. */
  | { readonly by: 'field'; readonly field: string | null; readonly value: Json }
  /** A file sent inline: the file service stores it and gives back its reference. Only with the target `files`. */
  | { readonly by: 'content'; readonly name: string; readonly contentType: string; readonly bytes: Buffer };

/** Result of decoding: a stored value, null for empty, a Problem, or a value that needs a lookup. */
export type Decoded<S> = S | null | Problem | PendingLookup;

/** Wraps a lookup so that it can't be mistaken for a stored value. */
export class PendingLookup {
  readonly lookup: Lookup;
  constructor(lookup: Lookup) {
    this.lookup = lookup;
  }
}

/** How a type takes part in aggregates and sorting. */
export interface OrderRule {
  /** Suffix to the storage path that is compared (`''`, `.plain`, `.__label_lower_case__`); null: the type cannot be sorted. */
  readonly sort: string | null;
  /** Suffix used as group key; null: cannot be grouped. */
  readonly group: string | null;
  readonly minMax: boolean;
  readonly firstLast: boolean;
}

/**
 * A field type. `O` is its checked options, `S` the stored value (as the driver gives it back, promoted: Date, Decimal128, ObjectId).
 * Functions get one value, never a list and never null (but `decode`, `fromCsv`); the engine handles multiplicity, empties,
 * blank strings (already turned into null) and paths.
 */
export interface FieldType<O = unknown, S = unknown> {
  readonly name: string;
  readonly supports: Supports;
  /** Server-made value: bodies are ignored, CSV columns too (autoIncrement, dateRecordCreated, dateRecordModified). */
  readonly automatic: boolean;
  /**
   * How the write path makes the value by itself: the moment of creation or of every change, the next number of the entity's
   * counter, or the next rank; null for values that clients give.
   */
  readonly lifecycle: 'created' | 'modified' | 'sequence' | 'rank' | null;
  /** False: columns of the field are ignored on import although bodies may set it (fileUpload); absent: true unless `automatic`. */
  readonly importable?: false;
  /** May be filtered when sensitive (equality through the keyed hash). */
  readonly textLike: boolean;
  /** Native JSON of an empty single value: null, but false for booleans. */
  readonly emptyNative: Json;

  /** Checks `typeRules` and display options once, at load. */
  options(reader: OptionReader): O;

  /** REST input (spec field-types §2.4 and the type's "write" line) to a stored value. Format only, not rules. */
  decode(input: Json, field: Field<O>, env: ValueEnv, stored: S | null): Decoded<S>;
  /** Type rules (min, max, pattern, …); skipped by `performValidations=false`. Async only where a pattern needs the script host. */
  check(value: S, field: Field<O>, env: ValueEnv): Problem | null | Promise<Problem | null>;
  /** A condition that must hold for this value to be written (the option of a choice); the write path evaluates it. */
  conditionOf?(value: S, field: Field<O>): import('../definitions/model.ts').Condition | null;
  /** Stored to native JSON. */
  encode(value: S, field: Field<O>, env: ValueEnv): Json;
  /** Stored to plain text with the display options (spec field-types §2.9). */
  plainText(value: S, field: Field<O>, env: ValueEnv): string;
  toCsv(value: S, field: Field<O>, env: ValueEnv): string;
  fromCsv(cell: string, field: Field<O>, env: ValueEnv): Decoded<S>;
  /** Are two stored values the same? Used for diffs, `notChanged` and duplicates. */
  equal(a: S, b: S): boolean;
  /** Is a stored value empty in the sense of `required`? (html with no text, …) */
  isEmpty(value: S): boolean;
  /** The value of records that were stored before the field existed (record dates: the time in the id). */
  absent?(record: { readonly _id: ObjectId }): S;
  /**
   * The stored file that a value points to: only types whose values refer to files have it. Such fields are indexed by it, and keep
   * the file (spec auth-jobs-logs-files §6.2).
   */
  fileId?(value: S): ObjectId;
  /** Lowest number that a `sequence` may give next. */
  sequenceFrom?(field: Field<O>): number;

  /** The operators the type has; one that is missing here is a `badRequest` naming it. */
  readonly operators: { readonly [name in OperatorName]?: OperatorCompiler<O> };
  /** Virtual sub-paths of a value usable in filters and sorting: `id`, `label` of a relationship, `selectedValue` … */
  readonly subPaths?: { readonly [name: string]: { readonly [op in OperatorName]?: OperatorCompiler<O> } };
  readonly order: OrderRule;

  /** The scalar that a unique index compares and where it stands; null when unique is not supported. */
  readonly uniqueKey: { of(value: S): unknown; readonly suffix: string } | null;
  /** Suffixes of the storage path that an index for this type needs (relationship: `._id` and `.label`). */
  readonly indexSuffixes: readonly string[];
  /** `2dsphere` for geo points. */
  readonly indexKind: 1 | '2dsphere';

  /**
   * JSON Schema of the native value (OpenAPI, editor help). Its `examples`, where the form of a value is not plain from the rest, are
   * values that bodies may hold too.
   */
  schema(field: Field<O>): { readonly [key: string]: unknown };
  /** JSON Schema of what bodies may hold, where that is more than the native value. */
  inputSchema?(field: Field<O>): { readonly [key: string]: unknown };
}
