// What the evaluator for MongoDB must know about an entity's stored documents: where the lists are, and which values are sealed.
import type { EntityModel, Field } from '../definitions/model.ts';
import { copiedPath } from '../fields/copies.ts';

export interface StorageFacts {
  /** Storage paths whose value is a list. */
  readonly lists: ReadonlySet<string>;
  /** Storage path of a sealed value to the path of the hash that equality uses. */
  readonly sealed: ReadonlyMap<string, string>;
}

const known = new WeakMap<EntityModel, StorageFacts>();

/** The facts of an entity, collected once per compiled model. */
export function storageFacts(entity: EntityModel): StorageFacts {
  let facts = known.get(entity);
  if (!facts) {
    facts = collect(entity);
    known.set(entity, facts);
  }
  return facts;
}

function collect(entity: EntityModel): StorageFacts {
  const lists = new Set<string>();
  const sealed = new Map<string, string>();
  for (const field of entity.allFields) {
    if (field.many) lists.add(field.storagePath);
    if (field.sensitive) {
      sealed.set(field.storagePath, `${field.storagePath}.hash`);
      sealed.set(`keys.${field.path.replaceAll('.', '-')}`, `keys.${field.path.replaceAll('.', '-')}`);
    }
    addCopies(field, lists);
  }
  return { lists, sealed };
}

/** Lists inside the copied fields of a relationship: of a copied group everything is there. */
function addCopies(relationship: Field, lists: Set<string>): void {
  const copies = relationship.relationship?.copiedFields ?? [];
  const visit = (field: Field): void => {
    if (field.many) lists.add(copiedPath(relationship.storagePath, field));
    for (const inner of field.fields) visit(inner);
  };
  for (const copy of copies) {
    for (let group: Field | null = copy; group; group = group.parent) {
      if (group.many) lists.add(copiedPath(relationship.storagePath, group));
    }
    visit(copy);
  }
}
