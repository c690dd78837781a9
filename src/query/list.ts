// Lists and reads over REST: what to find, from where, how many, in which order and form (spec field-types §2.6, §2.10).
import type { EntityAccess } from '../context.ts';
import type { EntityModel, Field } from '../definitions/model.ts';
import { badRequest, forbidden } from '../errors.ts';
import type { ValueEnv } from '../fields/field-type.ts';
import { type Compiler, createCompiler } from './compiler.ts';
import { type Expression, parseExpression } from './expression.ts';
import { QUERY_LIMITS, type QueryLimits } from './limits.ts';
import type { Offset, SortPlan } from './page.ts';
import { given, PARAMETERS, type Parameters, readOffset, readSize, readSort } from './parameters.ts';
import { ALL, and, type Predicate } from './predicate.ts';
import { readRelationships, readSelection } from './selection.ts';
import { entityShape, type Selection, type Shape } from './shape.ts';
import { shown } from './shown.ts';
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

/** What to find and in which order; {@link filter} already holds the reader's record rule around the client's filters. */
export interface FindQuery {
  readonly filter: Predicate;
  readonly sort: SortPlan;
  /** The order is that of a `near` test in `filter`: no sort may be given to MongoDB, and `toMongo` needs `near: 'order'`. */
  readonly byDistance: boolean;
  readonly offset: Offset;
}

/** A list, ready to be run. */
export interface ListQuery extends ReadQuery, FindQuery {
  readonly size: number;
}

/** `_=1484578380000` is how browsers' libraries get past caches. */
const CACHE_BUSTER = '_';

/**
 * Parses the query of a list.
 * @throws AppError `badRequest` naming the parameter, `forbidden` for filters and sorts on fields that the reader must not see, and
 *   for readers without any right to read
 */
export function parseList(entity: EntityModel, pairs: QueryPairs, query: QueryEnv): ListQuery {
  const { access, env, limits = QUERY_LIMITS } = query;
  const rule = readRule(entity, access);
  const { parameters, filters } = splitPairs(pairs);
  const shape = entityShape(entity, access);
  const compiler = createCompiler(shape, { scope: 'rest', env, limits });
  const terms = [...filters].map(([name, value]) => compiler.filter(name, value));
  const asked = [...terms, ...expressionTerms(parameters, compiler, limits)];
  // REST knows no dynamic values, and what depends on the time is bound to this very moment
  const client = join('and', asked).bind({ ...env, ignoreCase: false, userRecord: null, sourceRecord: null });
  return {
    ...readForm(entity, parameters, access),
    ...readFind(entity, shape, parameters, { rule, client }),
    size: Math.min(readSize(parameters) ?? limits.defaultSize, limits.maxSize),
  };
}

/** Parses the query of a single read: only the form of the answer counts, other parameters mean nothing there. */
export function parseRead(entity: EntityModel, pairs: QueryPairs, { access }: QueryEnv): ReadQuery {
  const parameters = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (!PARAMETERS.has(name)) continue;
    if (parameters.has(name)) throw repeated(name);
    parameters.set(name, value);
  }
  return readForm(entity, parameters, access);
}

/** Takes system parameters and filters apart. */
function splitPairs(pairs: QueryPairs): {
  readonly parameters: Parameters;
  readonly filters: ReadonlyMap<string, string>;
} {
  const parameters = new Map<string, string>();
  const filters = new Map<string, string>();
  for (const [name, value] of pairs) {
    const into = name.startsWith('_') ? parameters : filters;
    if (into.has(name)) throw repeated(name);
    if (into === parameters && !PARAMETERS.has(name) && name !== CACHE_BUSTER) {
      throw badRequest(`Parameter [${shown(name)}] is not supported`);
    }
    into.set(name, value);
  }
  return { parameters, filters };
}

function repeated(name: string): Error {
  return badRequest(`Parameter [${shown(name)}] is given twice; several values are separated by commas`);
}

/** The reader's record rule. @throws AppError `forbidden` for readers who may read nothing */
export function readRule({ name }: EntityModel, { read }: EntityAccess): Predicate | null {
  if (read === false) throw forbidden(`You don't have permissions to read records in entity [${name}]`);
  return read;
}

/** The filters of a `_query` expression, if there is one. */
export function expressionTerms(parameters: Parameters, { filter }: Compiler, limits: QueryLimits): readonly Term[] {
  const text = given(parameters, '_query');
  return text === null ? [] : [compileExpression(parseExpression(text, limits), filter)];
}

function compileExpression(node: Expression, filter: Compiler['filter']): Term {
  if (node.kind === 'filter') return filter(node.path, node.value);
  return join(
    node.kind,
    node.of.map((member) => compileExpression(member, filter)),
  );
}

/** Puts the client's filters inside the reader's rule and reads order and offset. */
export function readFind(
  entity: EntityModel,
  shape: Shape,
  parameters: Parameters,
  { rule, client }: { readonly rule: Predicate | null; readonly client: Predicate },
): FindQuery {
  const search = readTextSearch(
    entity,
    shape,
    given(parameters, '_indexedFilter'),
    given(parameters, '_indexedFilterQuery'),
  );
  const asked = search ? and([client, search]) : client;
  const byDistance = checkNear(asked) && given(parameters, '_sortField') === null;
  const offset = readOffset(parameters);
  if (byDistance && offset.kind === 'after') {
    throw badRequest('[_offset] must be a number when the nearest records come first');
  }
  return {
    filter: and([rule ?? ALL, asked]),
    sort: readSort(parameters, shape),
    byDistance,
    offset,
  };
}

function readForm(entity: EntityModel, parameters: Parameters, access: EntityAccess): ReadQuery {
  const format = given(parameters, '_format') ?? 'native';
  if (format !== 'native' && format !== 'plainText') throw badRequest('[_format] must be native or plainText');
  return {
    fields: readSelection(entity, given(parameters, '_fields'), access),
    format,
    formatForUser: given(parameters, '_formatForUser'),
    relationshipsToFetch: readRelationships(entity, given(parameters, '_relationshipsToFetch'), access),
  };
}
