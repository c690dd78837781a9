// Which records hold a file: the file fields of all entities, found by their indexes.
import type { ObjectId } from 'mongodb';
import type { Context } from '../context.ts';
import type { Definitions, EntityModel, Field } from '../definitions/model.ts';
import { and, or, type Predicate } from '../query/predicate.ts';
import { canRead } from '../records/file-access.ts';
import { fileFields, filePlace } from '../records/file-values.ts';
import type { RecordStore } from '../records/store.ts';

/** Hex ids of files. */
export type FileIds = ReadonlySet<string>;

export interface References {
  /** Is the place one that these definitions know, so that `held` looks there? */
  knows(place: string): boolean;
  /** Those of the files that a record holds. */
  held(ids: readonly ObjectId[]): Promise<FileIds>;
  /**
   * Those that the caller can read through a record. Fields with a read rule of their own don't count: what such a rule shows depends
   * on the record.
   */
  readable(ctx: Context, ids: readonly ObjectId[]): Promise<FileIds>;
}

export interface ReferencesDeps {
  readonly definitions: () => Definitions;
  readonly records: Pick<RecordStore, 'exists'>;
}

export function createReferences({ definitions, records }: ReferencesDeps): References {
  /** Asks for all at once first: most files are held by nobody. */
  const search = async (
    entity: EntityModel,
    fields: readonly Field[],
    rule: Predicate | null,
    ids: readonly ObjectId[],
  ): Promise<readonly ObjectId[]> => {
    if (ids.length === 0) return [];
    const holds = or(fields.map(({ storagePath }) => ({ kind: 'in', path: `${storagePath}._id`, values: ids })));
    if (!(await records.exists(entity, rule ? and([rule, holds]) : holds))) return [];
    if (ids.length === 1) return ids;
    const middle = ids.length >> 1;
    return [
      ...(await search(entity, fields, rule, ids.slice(0, middle))),
      ...(await search(entity, fields, rule, ids.slice(middle))),
    ];
  };

  /** @param rightsOn which fields of an entity count, and on which records; null: none */
  const searchAll = async (
    ids: readonly ObjectId[],
    rightsOn: (entity: EntityModel) => { fields: readonly Field[]; rule: Predicate | null } | null,
  ): Promise<FileIds> => {
    const found = new Set<string>();
    for (const entity of definitions().entities.values()) {
      const rights = entity.abstract ? null : rightsOn(entity);
      if (!rights || rights.fields.length === 0) continue;
      const missing = ids.filter((id) => !found.has(id.toHexString()));
      for (const id of await search(entity, rights.fields, rights.rule, missing)) found.add(id.toHexString());
    }
    return found;
  };

  return {
    knows: (place) => placesOf(definitions()).has(place),
    held: (ids) => searchAll(ids, (entity) => ({ fields: fileFields(entity), rule: null })),
    readable: (ctx, ids) =>
      searchAll(ids, (entity) => {
        const access = ctx.accessTo(entity);
        if (access.read === false) return null;
        const fields = fileFields(entity).filter((field) => canRead(access, field) && !hasRule(field));
        return { fields, rule: access.read };
      }),
  };
}

const known = new WeakMap<Definitions, ReadonlySet<string>>();

function placesOf(definitions: Definitions): ReadonlySet<string> {
  let places = known.get(definitions);
  if (!places) {
    const entities = [...definitions.entities.values()];
    places = new Set(entities.flatMap((entity) => fileFields(entity).map((field) => filePlace(entity, field))));
    known.set(definitions, places);
  }
  return places;
}

function hasRule(field: Field): boolean {
  return field.readAccess.kind !== 'always' || (field.parent !== null && hasRule(field.parent));
}
