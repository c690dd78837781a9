// Tests that MongoDB takes only once and only outside of `or` and `not`: distance and full-text search.
import type { EntityModel, IndexPlan } from '../definitions/model.ts';
import { badRequest, forbidden } from '../errors.ts';
import type { Predicate } from './predicate.ts';
import { canRead, type Shape } from './shape.ts';
import { shown } from './shown.ts';

/**
 * Is there a `near` test? At most one is allowed, and none inside `or` or negations (spec field-types §4.31).
 * @throws AppError `badRequest`
 */
export function checkNear(predicate: Predicate): boolean {
  const direct = predicate.kind === 'and' ? predicate.of : [predicate];
  const count = direct.filter(({ kind }) => kind === 'near').length;
  if (count > 1) throw badRequest('Only one [near] may be given');
  if (direct.some((member) => member.kind !== 'near' && hasNear(member))) {
    throw badRequest('[near] can only be joined to other filters by and');
  }
  if (count === 1 && direct.some(({ kind }) => kind === 'text')) {
    throw badRequest('[near] and [_indexedFilter] exclude each other');
  }
  return count === 1;
}

function hasNear(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'near':
      return true;
    case 'and':
    case 'or':
      return predicate.of.some(hasNear);
    case 'not':
    case 'element':
      return hasNear(predicate.of);
    default:
      return false;
  }
}

/**
 * The search that `_indexedFilter` and `_indexedFilterQuery` ask for; null when neither is given.
 * @throws AppError `badRequest` for names that are no text index, `forbidden` when the index covers fields hidden from the reader
 */
export function readTextSearch(
  entity: EntityModel,
  shape: Shape,
  index: string | null,
  search: string | null,
): Predicate | null {
  if (index === null && search === null) return null;
  if (index === null) throw badRequest('[_indexedFilterQuery] needs the name of an index in [_indexedFilter]');
  const plan = entity.indexes.find(({ name, kind }) => kind === 'text' && name === index);
  if (!plan) throw badRequest(`Entity [${entity.name}] has no text index [${shown(index)}]`);
  if (search === null) throw badRequest('[_indexedFilter] needs a text in [_indexedFilterQuery]');
  if (coversHidden(entity, shape, plan)) throw forbidden(`You don't have permissions to search index [${index}]`);
  return { kind: 'text', search };
}

function coversHidden(entity: EntityModel, { owner }: Shape, plan: IndexPlan): boolean {
  const covered = new Set(plan.keys.map(([path]) => path));
  return entity.allFields.some((field) => {
    const isCovered = [...covered].some(
      (path) => path === field.storagePath || path.startsWith(`${field.storagePath}.`),
    );
    return isCovered && !canRead(owner.access, field);
  });
}
