// `{lookup: {localFieldPath, foreignFieldPath, foreignEntityName, as}}`: a left join with the records of another entity.
import { badRequest, forbidden } from '../errors.ts';
import { type Draft, filterOn, freshPath, outputName, refuseOthers, requireMap, resolve } from './pipeline.ts';
import { ALL, and, not } from './predicate.ts';
import { type Column, entityColumns, entityShape, partSuffix, type Target } from './shape.ts';
import { shown } from './shown.ts';

const SETTINGS = ['localFieldPath', 'foreignFieldPath', 'foreignEntityName', 'as'] as const;

/** Joined records are those the reader may see, without the fields hidden from the reader. */
export function appendLookup(draft: Draft, value: unknown): void {
  const map = requireMap(value, 'lookup');
  refuseOthers(map, SETTINGS, 'lookup');
  for (const name of SETTINGS) {
    if (typeof map[name] !== 'string') throw badRequest(`[lookup] needs a text in [${name}]`);
  }
  const { localFieldPath, foreignFieldPath, foreignEntityName, as } = map as Record<(typeof SETTINGS)[number], string>;
  const name = outputName(as, draft.shape.columns, 'lookup');
  const entity = draft.env.entities(foreignEntityName);
  if (!entity || entity.abstract || !entity.served) {
    throw badRequest(`[lookup]: entity [${shown(foreignEntityName)}] was not found`);
  }
  const access = draft.env.accessTo(entity);
  if (access.read === false) {
    throw forbidden(`You don't have permissions to read records in entity [${entity.name}]`);
  }
  const shape = entityShape(entity, access);
  const local = joinPath(resolve(draft, localFieldPath));
  const foreign = joinPath(resolve(draft, foreignFieldPath, shape));
  const path = freshPath(draft);
  // an empty value joins nothing; MongoDB alone would join it with all records that lack the other field
  const rule = and([access.read ?? ALL, not({ kind: 'empty', path: foreign })]);
  draft.pipeline.push({
    $lookup: {
      from: entity.collection,
      localField: local,
      foreignField: foreign,
      pipeline: [{ $match: filterOn(draft, shape, rule) }],
      as: path,
    },
  });
  const column: Column = {
    kind: 'bundle',
    path,
    many: true,
    shape: { ...shape, owner: { entity: entity.name, access }, columns: entityColumns(entity, `${path}.`) },
  };
  draft.shape = { ...draft.shape, columns: new Map([...draft.shape.columns, [name, column]]) };
}

/** Where the values that are compared are: ids of references, plain values of everything else. */
function joinPath(target: Target): string {
  const { field, part, name, path } = target;
  const suffix = part === null ? field.type.order.group : partSuffix(target, part);
  if (suffix === null || field.sensitive || field.transient) {
    throw badRequest(`[lookup] can't compare field [${name}]`);
  }
  return path + suffix;
}
