// The system parameters of queries: names that begin with `_` (spec field-types §2.6, scripting-api §1.3).
import { ObjectId } from 'mongodb';
import { badRequest } from '../errors.ts';
import { Problem } from '../fields/field-type.ts';
import { problemError } from './compiler.ts';
import { BY_ID, type Offset, type SortPlan } from './page.ts';
import { resolvePath, type Shape, sortPath } from './shape.ts';

const NAMES = [
  '_fields',
  '_size',
  '_offset',
  '_sortField',
  '_sortType',
  '_format',
  '_formatForUser',
  '_relationshipsToFetch',
  '_indexedFilter',
  '_indexedFilterQuery',
  '_query',
] as const;

export type ParameterName = (typeof NAMES)[number];

/** Values by name, as they were given. */
export type Parameters = ReadonlyMap<string, string>;

/** The system parameters of lists. Routes take out their own ones before. */
export const PARAMETERS: ReadonlySet<string> = new Set(NAMES);

/** A parameter's value; null when it is absent or blank. */
export function given(parameters: Parameters, name: ParameterName): string | null {
  const value = parameters.get(name)?.trim();
  return value ? value : null;
}

/** `_size`; null when it is absent. */
export function readSize(parameters: Parameters): number | null {
  const text = given(parameters, '_size');
  if (text === null) return null;
  if (!/^\d+$/.test(text)) throw badRequest('[_size] must be an integer that is not negative');
  return Number(text);
}

/** `_offset`: up to 9 digits are a number, 24 hex digits an id. */
export function readOffset(parameters: Parameters): Offset {
  const text = given(parameters, '_offset');
  if (text === null) return { kind: 'start' };
  if (/^\d{1,9}$/.test(text)) return { kind: 'skip', count: Number(text) };
  if (/^[0-9a-fA-F]{24}$/.test(text)) return { kind: 'after', id: ObjectId.createFromHexString(text) };
  throw badRequest('[_offset] must be a number or the id of a record');
}

/** `_sortField` and `_sortType`: without a field by id, newest first. */
export function readSort(parameters: Parameters, shape: Shape): SortPlan {
  const path = given(parameters, '_sortField');
  const type = given(parameters, '_sortType');
  if (type !== null && type !== 'asc' && type !== 'desc') throw badRequest('[_sortType] must be asc or desc');
  if (path === null) return type === 'asc' ? { ...BY_ID, direction: 1 } : BY_ID;
  const target = resolvePath(shape, path, { ignoreCase: false });
  if (target instanceof Problem) throw problemError(target);
  const at = sortPath(target);
  if (at instanceof Problem) throw problemError(at);
  return { path: at, direction: type === 'desc' ? -1 : 1 };
}
