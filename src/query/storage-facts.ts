// What the evaluator for MongoDB must know about documents: where the lists are, and which values are sealed.
import type { EntityModel, Field } from '../definitions/model.ts';
import { copiedPath } from '../fields/copies.ts';
import { entityShape, type Shape } from './shape.ts';

export interface StorageFacts {
  /** Document paths whose value is a list. */
  readonly lists: ReadonlySet<string>;
  /** Path of a sealed value to the path of the hash that equality uses. */
  readonly sealed: ReadonlyMap<string, string>;
}

interface Draft {
  readonly lists: Set<string>;
  readonly sealed: Map<string, string>;
  readonly unwound: ReadonlySet<string>;
}

const known = new WeakMap<EntityModel, StorageFacts>();

/** The facts of an entity's stored records, collected once per compiled model. */
export function storageFacts(entity: EntityModel): StorageFacts {
  let facts = known.get(entity);
  if (!facts) {
    facts = addHiddenKeys(entity, factsOfShape(entityShape(entity, null)));
    known.set(entity, facts);
  }
  return facts;
}

/** The facts of documents at any point of an aggregate. */
export function factsOfShape(shape: Shape): StorageFacts {
  const draft: Draft = { lists: new Set(), sealed: new Map(), unwound: shape.unwound };
  addColumns(shape, draft);
  return draft;
}

/** The hidden arrays that hold unique values of lists; those of sensitive fields hold hashes. */
function addHiddenKeys(entity: EntityModel, { lists, sealed }: StorageFacts): StorageFacts {
  const keys = entity.allFields
    .filter((field) => field.sensitive)
    .map((field) => `keys.${field.path.replaceAll('.', '-')}`);
  return { lists, sealed: new Map([...sealed, ...keys.map((path) => [path, path] as const)]) };
}

function addColumns(shape: Shape, draft: Draft): void {
  for (const column of shape.columns.values()) {
    if (column.kind === 'field') addField(column.field, column.path, draft);
    else {
      addList(column.many, column.path, draft);
      addColumns(column.shape, draft);
    }
  }
}

function addField(field: Field, path: string, draft: Draft): void {
  addList(field.many, path, draft);
  if (field.sensitive) draft.sealed.set(path, `${path}.hash`);
  for (const inner of field.fields) addField(inner, `${path}.${inner.name}`, draft);
  for (const copy of field.relationship?.copiedFields ?? []) {
    for (let group = copy.parent; group; group = group.parent) addList(group.many, copiedPath(path, group), draft);
    addCopy(copy, copiedPath(path, copy), draft);
  }
}

/** Copies of copies end where those of the stored values do (fields/copies.ts); entities may copy each other. */
function addCopy(field: Field, path: string, draft: Draft): void {
  if (path.split('.availableFields.').length > 5) return;
  addField(field, path, draft);
}

function addList(many: boolean, path: string, { lists, unwound }: Draft): void {
  if (many && !unwound.has(path)) lists.add(path);
}
