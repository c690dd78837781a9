// Query maps of scripts: filters, order, paging and projection in one map (spec scripting-api §1.3).
import type { EntityModel, StoredRecord } from '../definitions/model.ts';
import { badRequest } from '../errors.ts';
import { createCompiler } from './compiler.ts';
import { QUERY_LIMITS } from './limits.ts';
import { expressionTerms, type FindQuery, type QueryEnv, readFind, readRule } from './list.ts';
import { given, PARAMETERS, readSize } from './parameters.ts';
import { readSelection } from './selection.ts';
import { entityShape, type Selection } from './shape.ts';
import { join } from './terms.ts';

export interface MapQueryEnv extends QueryEnv {
  /** For `currentUserField`: the model of `sys.users` among others, and the current user's record. */
  readonly entities?: (name: string) => EntityModel | undefined;
  readonly userRecord?: StoredRecord | null;
}

/** What a query map asks for. */
export interface MapQuery extends FindQuery {
  /** `_fields`; null: all. */
  readonly fields: Selection | null;
  /** `_size`; null: no limit, which only REST has by default. */
  readonly size: number | null;
}

/**
 * Parses a query map. Beside what the table of the spec lists it takes `_query`, an expression as in REST.
 * @throws AppError `badRequest`, `forbidden` as {@link parseList}
 */
export function parseMapQuery(entity: EntityModel, map: unknown, query: MapQueryEnv): MapQuery {
  const { access, env, limits = QUERY_LIMITS, entities, userRecord = null } = query;
  const rule = readRule(entity, access);
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw badRequest('A query must be an object with filters');
  }
  const parameters = new Map<string, string>();
  const filters = new Map<string, unknown>();
  for (const [name, value] of Object.entries(map)) {
    if (PARAMETERS.has(name)) parameters.set(name, readParameter(name, value));
    else filters.set(name, value);
  }
  const shape = entityShape(entity, access);
  const compiler = createCompiler(shape, { scope: 'script', env, limits, ...(entities && { entities }) });
  const terms = [compiler.expression(Object.fromEntries(filters)), ...expressionTerms(parameters, compiler, limits)];
  const client = join('and', terms).bind({ ...env, ignoreCase: false, userRecord, sourceRecord: null });
  return {
    ...readFind(entity, shape, parameters, { rule, client }),
    fields: readSelection(entity, given(parameters, '_fields'), access),
    size: readSize(parameters),
  };
}

function readParameter(name: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(',');
  throw badRequest(`[${name}] must be a text or a number`);
}
