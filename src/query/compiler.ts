// Compiles filters on documents of one shape: single ones, maps, and the structural spelling (spec entity-model §3.1).
import type { EntityAccess } from '../context.ts';
import type { EntityModel, Field, FilterEnv, RelatedFetch } from '../definitions/model.ts';
import { AppError, badRequest } from '../errors.ts';
import { type Json, Problem, type ValueEnv } from '../fields/field-type.ts';
import { type Call, readFilterValue, type Scope, type ValueOptions } from './filter-value.ts';
import { QUERY_LIMITS, type QueryLimits } from './limits.ts';
import { matches } from './matches.ts';
import { ALL, NONE, type Predicate } from './predicate.ts';
import { canRead, entityShape, hiddenField, resolvePath, type Shape, type Target } from './shape.ts';
import { shown } from './shown.ts';
import { isStructural, type StructuralNode, structuralNodes } from './structural.ts';
import { compileTest, constant, type ElementMap, join, type Term } from './terms.ts';

export interface CompilerOptions {
  /** Where the filter was written: `metadata` ignores case and knows dynamic values, `rest` knows none. */
  readonly scope: Scope;
  /** What operands mean at this moment; constant operands are checked with it. */
  readonly env: ValueEnv;
  /**
   * The filter is only ever evaluated in memory, on clear documents: sensitive and transient fields have all their operators, and
   * fields of related records may be used without being copied (`fetches` of the result says which).
   */
  readonly memory?: boolean;
  /** Entities by name: `sys.users` for dynamic values, targets of relationships for `memory`. */
  readonly entities?: (name: string) => EntityModel | undefined;
  /** Entity of the record on whose behalf the filter runs. */
  readonly source?: EntityModel;
  /** Collects mistakes with the key path inside the map; absent: the first one is thrown. */
  readonly report?: (key: string, message: string) => void;
  readonly limits?: QueryLimits;
}

/** The error that a Problem is over REST. */
export function problemError(problem: Problem): AppError {
  return problem.code === 'forbidden' ? new AppError('forbidden', problem.message) : badRequest(problem.message);
}

/** Compiles one query: counts its filters, collects the fields it uses. */
export type Compiler = ReturnType<typeof createCompiler>;

/** A compiler of filters on documents of one shape. */
export function createCompiler(shape: Shape, options: CompilerOptions) {
  const limits = options.limits ?? QUERY_LIMITS;
  const ignoreCase = options.scope === 'metadata';
  const userEntity = options.entities?.('sys.users');
  const values: ValueOptions = { scope: options.scope, limits, userEntity, sourceEntity: options.source };
  const related = options.memory ? options.entities : undefined;
  const fields = new Set<Field>();
  const fetches = new Map<string, RelatedFetch>();
  const elements = new Map<ElementMap, Term>();
  /** Fields of the test that is being compiled, with the tests inside of it, which not all readable records show. */
  let guarded: Set<Field> | null = null;
  let filters = 0;
  let failed = false;

  return { fields, fetches, expression, filter, hasFailed: () => failed };

  /** A whole filter map, or one of the structural forms. */
  function expression(map: unknown): Term {
    if (!isMap(map)) return fail('', new Problem('badRequest', 'A filter must be an object'));
    if (isStructural(map, shape)) return structural(map);
    const { filters: inner, ...rest } = map;
    const names = Object.keys(rest).filter((name) => name !== 'entity');
    const isWrapped = isMap(inner) && names.length === 0 && !shape.columns.has('filters');
    return isWrapped ? compileMap(inner, 'filters', 0, shape) : compileMap(map, '', 0, shape);
  }

  /** One filter: `addresses.state` and `CA,NJ`. */
  function filter(path: string, value: Json | undefined): Term {
    return recordTest(path, (target) => readFilterValue(value, target, values), path, shape, 0);
  }

  function recordTest(
    path: string,
    read: (target: Target) => Call | Problem,
    key: string,
    within: Shape,
    depth: number,
  ): Term {
    if (++filters > limits.filters) {
      return fail(key, new Problem('badRequest', `At most ${limits.filters} filters may be given`));
    }
    const target = targetOf(path, within);
    if (target instanceof Problem) return fail(key, target);
    const asked = read(target);
    if (asked instanceof Problem) return fail(key, asked);
    const outer = guarded;
    const used = new Set(target.guarded);
    guarded = used;
    const term = test(target, asked, key, depth);
    guarded = outer;
    if (outer) for (const field of used) outer.add(field);
    return outer || used.size === 0 ? term : guard(term, used, target, key);
  }

  /** The test, on records that show its fields: it is false on the others whatever they hold, and so tells nothing of them. */
  function guard(term: Term, used: ReadonlySet<Field>, { owner, name }: Target, key: string): Term {
    const rules = Array.from(used, (field) => owner.access?.byRecord?.guard(field) ?? null);
    if (rules.includes(null)) return fail(key, hiddenField(name));
    return join('and', [...rules.flatMap((rule) => (rule ? constant(rule) : [])), term]);
  }

  function compileMap(map: Readonly<Record<string, unknown>>, key: string, depth: number, within: Shape): Term {
    if (depth > limits.depth)
      return fail(key, new Problem('badRequest', `Filters may be nested ${limits.depth} levels deep`));
    return join(
      'and',
      Object.entries(map).map(([name, value]) => entry(name, value, key ? `${key}.${name}` : name, depth, within)),
    );
  }

  function entry(name: string, value: unknown, key: string, depth: number, within: Shape): Term {
    const logic = logicalOf(name, ignoreCase);
    if (logic) return group(logic, value, key, depth + 1, within);
    if (isIgnoredEntity(name, value, within)) return constant(ALL);
    if (name.startsWith('_'))
      return fail(key, new Problem('badRequest', `Parameter [${shown(name)}] is not supported`));
    const user =
      ignoreCase && name.toLowerCase().startsWith('$currentuser.') ? name.slice('$currentuser.'.length) : null;
    const read = (target: Target): Call | Problem => readFilterValue(value as Json, target, values);
    return user === null ? recordTest(name, read, key, within, depth) : userTest(user, read, key);
  }

  function group(kind: 'and' | 'or', value: unknown, key: string, depth: number, within: Shape): Term {
    if (Array.isArray(value)) {
      return join(
        kind,
        value.map((member, index) =>
          isMap(member) ? compileMap(member, `${key}.${index}`, depth, within) : fail(`${key}.${index}`, NO_MAP),
        ),
      );
    }
    if (!isMap(value)) return fail(key, NO_MAP);
    if (depth > limits.depth) return compileMap(value, key, depth, within);
    return join(
      kind,
      Object.entries(value).map(([name, member]) => entry(name, member, `${key}.${name}`, depth, within)),
    );
  }

  /** `$currentUser.path`: a test of the current user's record; false when there is none. */
  function userTest(path: string, read: (target: Target) => Call | Problem, key: string): Term {
    if (!userEntity) return fail(key, new Problem('badRequest', 'There is no current user here'));
    const target = resolvePath(entityShape(userEntity, null), path, { ignoreCase });
    if (target instanceof Problem) return fail(key, target);
    const asked = read(target);
    if (asked instanceof Problem) return fail(key, asked);
    const term = test(target, asked, key, 0, true);
    const bind = (env: FilterEnv): Predicate =>
      env.userRecord && matches(term.bind(env), env.userRecord) ? ALL : NONE;
    return { dynamic: true, bind };
  }

  function structural(map: Readonly<Record<string, unknown>>): Term {
    const nodes = structuralNodes(map, limits.depth, ignoreCase);
    return nodes instanceof Problem ? fail(nodes.at, nodes) : structuralTerm(nodes);
  }

  function structuralTerm(node: StructuralNode): Term {
    if (node.kind === 'join') return join(node.by, node.of.map(structuralTerm));
    const read = (target: Target): Call | Problem => node.read(target, values);
    return node.kind === 'user'
      ? userTest(node.field, read, node.key)
      : recordTest(node.field, read, node.key, shape, 0);
  }

  function targetOf(path: string, within: Shape): Target | Problem {
    // paths in conditions on one element begin there, which says nothing of where a related record would go
    const target = resolvePath(within, path, {
      ignoreCase,
      related: within === shape ? related : undefined,
      guards: true,
    });
    if (target instanceof Problem) return target;
    if (!options.memory && target.owned.some((field) => field.transient))
      return new Problem('badRequest', `Field [${path}] is not stored`);
    for (const field of target.owned) fields.add(field);
    for (const remote of target.remotes) fetches.set(remote.path, remote);
    if (isWholeGroup(target) && hasHidden(target.field, target.owner.access)) {
      return new Problem('forbidden', `You don't have permissions to read all fields of [${path}]`);
    }
    return target;
  }

  function test(target: Target, read: Call, key: string, depth: number, foreign = false): Term {
    if (ignoreCase && read.operator === 'near') return fail(key, new Problem('badRequest', NO_NEAR));
    const sealed = target.field.sensitive && !options.memory && !foreign;
    if (sealed && !isSealedTest(target, read)) {
      const text = `Operator [${read.operator}] is not supported by field [${target.name}]: it is sensitive`;
      return fail(key, new Problem('badRequest', text));
    }
    const term = compileTest(target, read, {
      env: { ...options.env, ignoreCase: ignoreCase && !sealed },
      element: (groupField, map) => element(groupField, map, key, depth + 1),
      sealed,
      limits,
    });
    return term instanceof Problem ? fail(key, term) : term;
  }

  /** Conditions on one element of a group, compiled once; paths start at the element. */
  function element(groupField: Field, map: ElementMap, key: string, depth: number): Term {
    const known = elements.get(map);
    if (known) return known;
    const columns = new Map(
      groupField.fields.map((field) => [
        field.name,
        { kind: 'field', field, path: field.name, selection: null } as const,
      ]),
    );
    const term = compileMap(map, key, depth, { ...shape, name: groupField.path, columns });
    elements.set(map, term);
    return term;
  }

  function fail(key: string, problem: Problem): Term {
    if (!options.report) throw problemError(problem);
    failed = true;
    options.report(key, problem.message);
    return constant(NONE);
  }

  function isIgnoredEntity(name: string, value: unknown, within: Shape): boolean {
    return (
      ignoreCase &&
      name === 'entity' &&
      typeof value === 'string' &&
      !within.columns.has('entity') &&
      Boolean(options.entities?.(value))
    );
  }
}

const NO_NEAR = 'Operator [near] can only be used in queries';
const NO_MAP = new Problem('badRequest', '[_and] and [_or] take an object or a list of objects');

function isWholeGroup({ field, part }: Target): boolean {
  return field.fields.length > 0 && !field.many && part === null;
}

/** A test of a whole single group looks at all its fields, so none of them may be hidden. */
function hasHidden(group: Field, access: EntityAccess | null): boolean {
  return group.fields.some((field) => !canRead(access, field) || (!field.many && hasHidden(field, access)));
}

/** `_and`, `_or`, also with a number behind, since keys of a map are unique. */
function logicalOf(name: string, ignoreCase: boolean): 'and' | 'or' | null {
  if (!name.startsWith('_')) return null;
  const [, kind] = /^_(and|or)\d{0,9}$/.exec(ignoreCase ? name.toLowerCase() : name) ?? [];
  return (kind as 'and' | 'or' | undefined) ?? null;
}

/** Equality and emptiness of texts is all that keyed hashes can answer (spec entity-model §2.8). */
function isSealedTest({ field, part }: Target, { operator }: Call): boolean {
  return field.type.textLike && part === null && ['equals', 'notEquals', 'empty', 'notEmpty'].includes(operator);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
