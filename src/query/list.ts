// The parameters of a list or a read: what to find, from where, how many, in which order and form (spec field-types §2.6, §2.10).
import { ObjectId } from 'mongodb';
import type { EntityAccess } from '../context.ts';
import type { EntityModel, Field } from '../definitions/model.ts';
import { badRequest, forbidden } from '../errors.ts';
import { Problem, type ValueEnv } from '../fields/field-type.ts';
import { createCompiler, problemError } from './compile.ts';
import { type Expression, parseExpression } from './expression.ts';
import { QUERY_LIMITS, type QueryLimits } from './limits.ts';
import { BY_ID, type Offset, type SortPlan } from './page.ts';
import { ALL, and, type Predicate } from './predicate.ts';
import { readRelationships, readSelection } from './selection.ts';
import { entityShape, resolvePath, type Selection, type Shape, sortPath } from './shape.ts';
import { checkNear, readTextSearch } from './special-tests.ts';
import { join, type Term } from './terms.ts';

/** Decoded names and values of a query string, in order. */
export type QueryPairs = readonly (readonly [name: string, value: string])[];

/** Who asks and when. */
export interface QueryEnv {
  readonly access: EntityAccess;
  readonly env: ValueEnv;
  readonly limits?: QueryLimits;
}

/** The form of the answer. */
export interface ReadQuery {
  /** Fields asked for; null: all. Readable ones only, unknown ones left out. */
  readonly fields: Selection | null;
  readonly format: 'native' | 'plainText';
  /** E-mail of the user whose settings format plain text; null: the caller. */
  readonly formatForUser: string | null;
  readonly relationshipsToFetch: readonly Field[];
}

/** A list, ready to be run: {@link filter} already holds the reader's record rule around the client's filters. */
export interface ListQuery extends ReadQuery {
  readonly filter: Predicate;
  readonly sort: SortPlan;
  /** The order is that of a `near` test in `filter`: no sort may be given to MongoDB, and `toMongo` needs `near: 'order'`. */
  readonly byDistance: boolean;
  readonly size: number;
  readonly offset: Offset;
}

/** The system parameters of lists. Routes take out their own ones before. */
const PARAMETERS = [
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
type Parameter = (typeof PARAMETERS)[number];
type Given = ReadonlyMap<string, string>;

const KNOWN: ReadonlySet<string> = new Set(PARAMETERS);
/** `_=1484578380000` is how browsers' libraries get past caches. */
const CACHE_BUSTER = '_';

/**
 * Parses the query of a list.
 * @throws AppError `badRequest` naming the parameter, `forbidden` for filters and sorts on fields that the reader must not see, and
 *   for readers without any right to read
 */
export function parseList(entity: EntityModel, pairs: QueryPairs, query: QueryEnv): ListQuery {
  const { access, env, limits = QUERY_LIMITS } = query;
  if (access.read === false) throw forbidden(`You don't have permissions to read records in entity [${entity.name}]`);
  const { system, filters } = splitPairs(pairs);
  const shape = entityShape(entity, access);
  const client = compileClient(entity, shape, filters, system, { access, env, limits });
  const near = checkNear(client);
  const sortField = given(system, '_sortField');
  const byDistance = near && sortField === null;
  const offset = readOffset(system);
  if (byDistance && offset.kind === 'after') {
    throw badRequest('[_offset] must be a number when the nearest records come first');
  }
  return {
    ...readForm(entity, system, query),
    filter: and([access.read ?? ALL, client]),
    sort: readSort(shape, sortField, given(system, '_sortType')),
    byDistance,
    size: readSize(system, limits),
    offset,
  };
}

/** Parses the query of a single read: only the form of the answer counts, other parameters mean nothing there. */
export function parseRead(entity: EntityModel, pairs: QueryPairs, query: QueryEnv): ReadQuery {
  const system = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (!KNOWN.has(name)) continue;
    if (system.has(name)) throw repeated(name);
    system.set(name, value);
  }
  return readForm(entity, system, query);
}

/** Takes system parameters and filters apart. */
function splitPairs(pairs: QueryPairs): { readonly system: Given; readonly filters: Given } {
  const system = new Map<string, string>();
  const filters = new Map<string, string>();
  for (const [name, value] of pairs) {
    const into = name.startsWith('_') ? system : filters;
    if (into.has(name)) throw repeated(name);
    if (into === system && !KNOWN.has(name) && name !== CACHE_BUSTER) {
      throw badRequest(`Parameter [${name.slice(0, 100)}] is not supported`);
    }
    into.set(name, value);
  }
  return { system, filters };
}

function repeated(name: string): Error {
  return badRequest(`Parameter [${name.slice(0, 100)}] is given twice; several values are separated by commas`);
}

/** A parameter's value; null when it is absent or blank. */
function given(system: Given, name: Parameter): string | null {
  const value = system.get(name)?.trim();
  return value ? value : null;
}

function compileClient(
  entity: EntityModel,
  shape: Shape,
  filters: Given,
  system: Given,
  { access, env, limits }: Required<QueryEnv>,
): Predicate {
  const compiler = createCompiler(shape, { scope: 'rest', env, access, limits });
  const terms = [...filters].map(([name, value]) => compiler.filter(name, value));
  const expression = given(system, '_query');
  if (expression !== null) terms.push(compileExpression(parseExpression(expression, limits), compiler.filter));
  const search = readTextSearch(entity, shape, given(system, '_indexedFilter'), given(system, '_indexedFilterQuery'));
  // REST knows no dynamic values, and what depends on the time is bound to this very moment
  const bound = join('and', terms).bind({ ...env, ignoreCase: false, userRecord: null, sourceRecord: null });
  return search ? and([bound, search]) : bound;
}

/** Terms of a `_query` expression. */
export function compileExpression(node: Expression, filter: (path: string, value: string) => Term): Term {
  if (node.kind === 'filter') return filter(node.path, node.value);
  return join(
    node.kind,
    node.of.map((member) => compileExpression(member, filter)),
  );
}

function readForm(entity: EntityModel, system: Given, { access }: QueryEnv): ReadQuery {
  const format = given(system, '_format') ?? 'native';
  if (format !== 'native' && format !== 'plainText') throw badRequest('[_format] must be native or plainText');
  return {
    fields: readSelection(entity, given(system, '_fields'), access),
    format,
    formatForUser: given(system, '_formatForUser'),
    relationshipsToFetch: readRelationships(entity, given(system, '_relationshipsToFetch'), access),
  };
}

function readSize(system: Given, limits: QueryLimits): number {
  const text = given(system, '_size');
  if (text === null) return limits.defaultSize;
  if (!/^\d+$/.test(text)) throw badRequest('[_size] must be an integer that is not negative');
  return Math.min(Number(text), limits.maxSize);
}

function readOffset(system: Given): Offset {
  const text = given(system, '_offset');
  if (text === null) return { kind: 'start' };
  if (/^\d{1,9}$/.test(text)) return { kind: 'skip', count: Number(text) };
  if (/^[0-9a-fA-F]{24}$/.test(text)) return { kind: 'after', id: ObjectId.createFromHexString(text) };
  throw badRequest('[_offset] must be a number or the id of a record');
}

function readSort(shape: Shape, path: string | null, type: string | null): SortPlan {
  if (type !== null && type !== 'asc' && type !== 'desc') throw badRequest('[_sortType] must be asc or desc');
  if (path === null) return type === 'asc' ? { ...BY_ID, direction: 1 } : BY_ID;
  const target = resolvePath(shape, path, { ignoreCase: false });
  if (target instanceof Problem) throw problemError(target);
  const at = sortPath(target);
  if (at instanceof Problem) throw problemError(at);
  return { path: at, direction: type === 'desc' ? -1 : 1 };
}
