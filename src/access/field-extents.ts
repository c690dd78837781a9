// On how many records a right on a field holds, and what decides where it is not all of them.
import type { Condition, EntityGrant, EntityModel, Field, RecordDeed } from '../definitions/model.ts';

/** A condition of a field or of a group of fields around it. */
interface FieldCondition {
  readonly field: Field;
  readonly condition: Condition;
}

/** Conditions on the way from the root to a field that are not always true; null: one is never. */
export type Way = readonly FieldCondition[] | null;
export type Direction = 'read' | 'write';

/** Whether a right on a field holds on all records that it could hold on, on some, or on none. */
export type Extent = 'all' | 'some' | 'none';

export interface FieldExtents {
  /** By path. */
  readonly reads: ReadonlyMap<string, Extent>;
  readonly writes: ReadonlyMap<string, Extent>;
  /** The way to a field by the group at this position. */
  readonly wayOf: (group: number, direction: Direction, field: Field) => Way;
}

/** Works out the fields of an entity for members of groups. */
export function fieldExtents(entity: EntityModel, grants: readonly EntityGrant[]): FieldExtents {
  const ways = grants.map((grant) => ({
    read: waysTo(entity, grant, 'read'),
    write: waysTo(entity, grant, 'write'),
  }));
  const wayOf: FieldExtents['wayOf'] = (group, direction, { path }) => ways[group]?.[direction].get(path) ?? null;
  const extents = (of: (field: Field) => readonly (Extent | null)[]): ReadonlyMap<string, Extent> =>
    new Map(entity.allFields.map((field) => [field.path, joined(of(field))]));
  return {
    wayOf,
    reads: extents((field) => [extent(grants, ['read'], (group) => wayOf(group, 'read', field))]),
    writes: extents((field) => [
      extent(grants, ['create'], (group) => wayOf(group, 'write', field)),
      extent(grants, ['read', 'update'], (group) => wayOf(group, 'write', field)),
    ]),
  };
}

/** By path of each field: its own condition and those of the groups of fields around it. */
function waysTo(entity: EntityModel, grant: EntityGrant, direction: Direction): ReadonlyMap<string, Way> {
  const ways = new Map<string, Way>();
  for (const field of entity.allFields) {
    const outer: Way = field.parent ? (ways.get(field.parent.path) ?? null) : [];
    const own = grant.fields.get(field.path)?.[direction];
    ways.set(field.path, extend(outer, field, own ?? (field.parent ? ALWAYS : NEVER)));
  }
  return ways;
}

const ALWAYS: Condition = { kind: 'always' };
const NEVER: Condition = { kind: 'never' };

function extend(outer: Way, field: Field, condition: Condition): Way {
  if (outer === null || condition.kind === 'never') return null;
  return condition.kind === 'always' ? outer : [...outer, { field, condition }];
}

/**
 * On which of the records that the groups allow something on, they allow a field too: one group must allow both
 * (spec entity-model §4.1). Null: they allow it on none.
 */
function extent(
  grants: readonly EntityGrant[],
  needed: readonly RecordDeed[],
  wayOf: (group: number) => Way,
): Extent | null {
  const allowing = grants.flatMap(({ records }, group) => {
    const kinds = needed.map((deed) => records[deed].kind);
    return kinds.includes('never') ? [] : { way: wayOf(group), whole: kinds.every((kind) => kind === 'always') };
  });
  if (allowing.length === 0) return null;
  if (allowing.every(({ way }) => way?.length === 0)) return 'all';
  if (allowing.some(({ way, whole }) => whole && way?.length === 0)) return 'all';
  return allowing.some(({ way }) => way !== null) ? 'some' : 'none';
}

function joined(extents: readonly (Extent | null)[]): Extent {
  const known = new Set(extents.filter((each) => each !== null));
  const [first] = known;
  return known.size === 0 ? 'none' : known.size === 1 && first ? first : 'some';
}
