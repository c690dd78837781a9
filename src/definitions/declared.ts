// Entities as their files declare them, after inheritance and after built-in ones have been completed: every part with its origin.
import type { ActionFile, EntityFile, IndexFile } from './entity-schema.ts';
import type { FieldFile } from './field-schema.ts';
import type { ScriptScope } from './hook-refs.ts';
import { at, type Place } from './place.ts';
import type { Problems } from './problems.ts';

/** A piece of a definition with the place it stands at and the script its `js/…` refer to. */
export interface Declared<T> {
  readonly content: T;
  readonly place: Place;
  readonly scope: ScriptScope;
}

export interface DeclaredField extends Declared<FieldFile> {
  readonly inner: readonly DeclaredField[];
}

export interface DeclaredEntity extends Declared<EntityFile> {
  /** Full name. */
  readonly name: string;
  /** Parents' parts first. */
  readonly fields: readonly DeclaredField[];
  readonly actions: readonly Declared<ActionFile>[];
  readonly indexes: readonly Declared<IndexFile>[];
  readonly validations: readonly Declared<string>[];
  readonly recordLabel: Declared<string> | null;
  readonly lookups: readonly Declared<string>[];
  /** True when parts of it or of a parent were unusable: what is missing then has been reported. */
  readonly damaged: boolean;
}

/** An entity file that could be read. */
export interface EntitySource extends Declared<EntityFile> {
  readonly name: string;
  readonly damaged: boolean;
}

/** The parts of one file, before anything is inherited. */
export function declareEntity(source: EntitySource): DeclaredEntity {
  const { content, place, scope } = source;
  const part = <T>(value: T, ...path: (string | number)[]): Declared<T> => ({
    content: value,
    place: at(place, ...path),
    scope,
  });
  return {
    ...source,
    fields: declareFields(content.fields, at(place, 'fields'), scope),
    actions: (content.actions ?? []).map((action, index) => part(action, 'actions', index)),
    indexes: (content.settings?.indexes ?? []).map((index, i) => part(index, 'settings', 'indexes', i)),
    validations: content.recordValidations ? [part(content.recordValidations, 'recordValidations')] : [],
    recordLabel: content.recordLabel ? part(content.recordLabel, 'recordLabel') : null,
    lookups: (content.lookupFields ?? []).map((path, index) => part(path, 'lookupFields', index)),
  };
}

export function declareFields(
  files: readonly FieldFile[] | undefined,
  place: Place,
  scope: ScriptScope,
): DeclaredField[] {
  return (files ?? []).map((content, index) => {
    const here = at(place, index);
    return { content, place: here, scope, inner: declareFields(content.nestedFields, at(here, 'nestedFields'), scope) };
  });
}

/**
 * An app's own file of a built-in entity completed by what the server needs: fields and actions that the file does not have
 * (spec README, "definitions without sys.users").
 */
export function completeBuiltIn(own: DeclaredEntity, builtIn: DeclaredEntity): DeclaredEntity {
  const named = new Set(own.actions.map((action) => action.content.name));
  const looked = new Set(own.lookups.map((lookup) => lookup.content));
  return {
    ...own,
    fields: completeFields(own.fields, builtIn.fields),
    actions: [...own.actions, ...builtIn.actions.filter((action) => !named.has(action.content.name))],
    recordLabel: own.recordLabel ?? builtIn.recordLabel,
    lookups: [...own.lookups, ...builtIn.lookups.filter((lookup) => !looked.has(lookup.content))],
  };
}

function completeFields(own: readonly DeclaredField[], builtIn: readonly DeclaredField[]): DeclaredField[] {
  const names = new Set(own.map((field) => field.content.name));
  const missing = builtIn.filter((field) => !names.has(field.content.name));
  const completed = own.map((field) => {
    const same = builtIn.find((candidate) => candidate.content.name === field.content.name);
    return same && same.inner.length > 0 && field.inner.length > 0
      ? { ...field, inner: completeFields(field.inner, same.inner) }
      : field;
  });
  return [...completed, ...missing];
}

/**
 * Puts what children inherit in front of their own parts (spec entity-model §2.15). Unknown parents and circles are errors.
 * @param known names of entities whose files could not be used: nothing about them is reported again
 */
export function inherit(
  entities: ReadonlyMap<string, DeclaredEntity>,
  known: ReadonlySet<string>,
  problems: Problems,
): Map<string, DeclaredEntity> {
  const done = new Map<string, DeclaredEntity>();
  const resolve = (entity: DeclaredEntity, children: readonly string[]): DeclaredEntity => {
    const finished = done.get(entity.name);
    if (finished) return finished;
    const parent = findParent(entity, children, entities, known, problems);
    const result = parent.found ? withParent(entity, resolve(parent.found, [...children, entity.name])) : entity;
    const merged = parent.broken ? { ...result, damaged: true } : result;
    done.set(entity.name, merged);
    return merged;
  };
  return new Map(Array.from(entities.values(), (entity) => [entity.name, resolve(entity, [])]));
}

function findParent(
  entity: DeclaredEntity,
  children: readonly string[],
  entities: ReadonlyMap<string, DeclaredEntity>,
  known: ReadonlySet<string>,
  problems: Problems,
): { readonly found?: DeclaredEntity; readonly broken: boolean } {
  const name = entity.content.parentEntity;
  if (name === undefined) return { broken: false };
  const place = at(entity.place, 'parentEntity');
  if (name === entity.name || children.includes(name)) {
    problems.error(
      place,
      `entity ${entity.name} inherits from itself${name === entity.name ? '' : ` through ${name}`}`,
    );
    return { broken: true };
  }
  const found = entities.get(name);
  if (found) return { found, broken: false };
  if (!known.has(name)) problems.error(place, `entity ${name} is not defined`);
  return { broken: true };
}

function withParent(entity: DeclaredEntity, parent: DeclaredEntity): DeclaredEntity {
  return {
    ...entity,
    fields: [...parent.fields, ...entity.fields],
    actions: [...parent.actions, ...entity.actions],
    indexes: [...parent.indexes, ...entity.indexes],
    validations: [...parent.validations, ...entity.validations],
    recordLabel: entity.recordLabel ?? parent.recordLabel,
    lookups: [...parent.lookups, ...entity.lookups],
    damaged: entity.damaged || parent.damaged,
  };
}
