// What the steps of the compiler share: the drafts of all entities, the tools they need, and the way to refer from one to another.
import type { ValueEnv } from '../fields/field-type.ts';
import type { Declared, DeclaredEntity, DeclaredField } from './declared.ts';
import { isHookRef, resolveHook, type ScriptScope } from './hook-refs.ts';
import type { EntityModel, Field, HookRef } from './model.ts';
import type { NamedTypeFile } from './other-schemas.ts';
import type { Place } from './place.ts';
import type { Problems } from './problems.ts';
import type { Relationships } from './relationships.ts';

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type FieldDraft = Mutable<Field>;

/** An entity while it is being compiled. Its model exists from the start, so that others can link to it, and is filled step by step. */
export interface EntityDraft {
  readonly declared: DeclaredEntity;
  readonly model: Mutable<EntityModel>;
  /** Where each field of the model comes from. */
  readonly declaredOf: Map<Field, DeclaredField>;
  /** Fields were left out because of errors: what can't be found here has been reported. */
  damaged: boolean;
  /** Some function of the app takes part in saving a record. */
  usesHooks: boolean;
}

export interface Compilation {
  readonly problems: Problems;
  readonly entities: ReadonlyMap<string, EntityDraft>;
  readonly models: ReadonlyMap<string, EntityModel>;
  /** Entities and groups whose files were unusable. */
  readonly unusable: { readonly entities: ReadonlySet<string>; readonly groups: ReadonlySet<string> };
  readonly named: NamedTypes;
  readonly relationships: Relationships;
  /** Names of custom queues. */
  readonly queues: ReadonlySet<string>;
  /** What operands and default values mean while definitions load; the groups are the real ones. */
  readonly env: ValueEnv;
  /** Work that needs all fields of all entities complete: filters. Run once, in order. */
  readonly later: (() => void)[];
}

/** Named rules and display options of `model/types`, by type and name. */
export interface NamedTypes {
  readonly rules: ReadonlyMap<string, Declared<NamedTypeFile>>;
  readonly display: ReadonlyMap<string, Declared<NamedTypeFile>>;
  /** App-wide display defaults by type name. */
  readonly defaults: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/** Key of a named type. */
export const namedKey = (type: string, name: string): string => `${type}/${name}`;

/** The only type whose values are groups of fields; structure, not meaning, hangs on its name. */
export const GROUP_TYPE = 'nestedFields';

/** A field of an entity by path; one that is missing is an error at `place`, unless what is missing was reported already. */
export function fieldAt(c: Compilation, draft: EntityDraft, path: string, place: Place): Field | null {
  const field = draft.model.fieldByPath.get(path);
  if (field) return field;
  if (!draft.damaged) c.problems.error(place, `field ${path} is not defined in entity ${draft.model.name}`);
  return null;
}

/** An entity by full name; one that is missing is an error at `place`. */
export function entityAt(c: Compilation, name: string, place: Place): EntityDraft | null {
  const draft = c.entities.get(name);
  if (draft) return draft;
  if (!c.unusable.entities.has(name)) c.problems.error(place, `entity ${name} is not defined`);
  return null;
}

/** A `js/…` value; anything else is an error. */
export function hookAt(c: Compilation, value: string, scope: ScriptScope, place: Place): HookRef | null {
  if (isHookRef(value)) return resolveHook(value, scope, place, c.problems);
  c.problems.error(place, `must be js/<function>, not ${JSON.stringify(value)}`);
  return null;
}
