// `{unwind: {fieldPath: 'services'}}`: one row per element of a list.
import { badRequest } from '../errors.ts';
import { type Draft, refuseOthers, requireMap, resolve } from './pipeline.ts';
import type { BundleColumn, Shape } from './shape.ts';
import { factsOfShape } from './storage-facts.ts';

export function appendUnwind(draft: Draft, value: unknown): void {
  const map = typeof value === 'string' ? { fieldPath: value } : requireMap(value, 'unwind');
  refuseOthers(map, ['fieldPath', 'includeEmpty'], 'unwind');
  const { fieldPath, includeEmpty = false } = map;
  if (typeof fieldPath !== 'string') throw badRequest('[unwind] needs the path of a list in [fieldPath]');
  if (typeof includeEmpty !== 'boolean') throw badRequest('[unwind]: [includeEmpty] must be true or false');
  const path = bundleAt(draft.shape, fieldPath.split('.'))?.path ?? listPath(draft, fieldPath);
  if (draft.shape.unwound.has(path)) throw badRequest(`[unwind]: [${fieldPath}] is no list any more`);
  draft.pipeline.push({ $unwind: { path: `$${path}`, preserveNullAndEmptyArrays: includeEmpty } });
  draft.shape = { ...draft.shape, unwound: new Set([...draft.shape.unwound, path]) };
}

function listPath(draft: Draft, fieldPath: string): string {
  const { field, part, path, name, insideMany } = resolve(draft, fieldPath);
  if (!field.many || part !== null || !insideMany) throw badRequest(`[unwind]: [${name}] is no list`);
  const isInner = [...factsOfShape(draft.shape).lists].some((list) => path.startsWith(`${list}.`));
  if (isInner) throw badRequest(`[unwind]: [${name}] is inside another list; unwind that one first`);
  if (field.sensitive || field.transient) throw badRequest(`[unwind]: [${name}] is sensitive or not stored`);
  return path;
}

function bundleAt(shape: Shape, [name = '', ...rest]: readonly string[]): BundleColumn | null {
  const column = shape.columns.get(name);
  if (column?.kind !== 'bundle') return null;
  if (rest.length > 0) return bundleAt(column.shape, rest);
  if (!column.many) throw badRequest(`[unwind]: [${name}] is no list`);
  return column;
}
