// Condition values of the metadata: always, never, a function, or a filter map that is compiled when all fields are there.
import { compileFilter } from '../query/compile.ts';
import type { Compilation, EntityDraft, Mutable } from './compilation.ts';
import { ALWAYS, NEVER } from './field-drafts.ts';
import { isHookRef, resolveHook, type ScriptScope } from './hook-refs.ts';
import type { CompiledFilter, Condition } from './model.ts';
import { at, type Place, pathInside } from './place.ts';

export interface ConditionPlace {
  /** Whose fields a filter map names. */
  readonly target: EntityDraft;
  /** Whose record `$currentRecord` is, where it is not the target's. */
  readonly source: EntityDraft | null;
  readonly scope: ScriptScope;
  readonly place: Place;
  /** True where the filter must become a database query. */
  readonly database?: boolean;
}

/** Compiles a condition; filter maps are filled in later. What can't be understood is reported and becomes "never". */
export function compileCondition(c: Compilation, value: unknown, where: ConditionPlace): Condition {
  if (value === true || value === 'always' || value === 'none') return ALWAYS;
  if (value === false || value === 'never') return NEVER;
  if (isHookRef(value)) {
    const hook = resolveHook(value, where.scope, where.place, c.problems);
    return hook ? { kind: 'hook', hook } : NEVER;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    if (Object.keys(value).length === 0) return ALWAYS;
    const condition = { kind: 'filter', filter: NO_FILTER } satisfies Condition as Mutable<
      Extract<Condition, { kind: 'filter' }>
    >;
    compileFilterLater(c, value, where, (filter) => {
      condition.filter = filter;
    });
    return condition;
  }
  c.problems.error(where.place, 'must be always, never, js/<function> or a filter map');
  return NEVER;
}

/** Stands in until the filter is compiled; nothing is ever bound before. */
const NO_FILTER: CompiledFilter = {
  entity: '',
  bind: () => ({ kind: 'none' }),
  fields: [],
  dynamic: false,
  fetches: [],
};

/** Compiles a filter map as soon as all fields of all entities are complete. */
export function compileFilterLater(
  c: Compilation,
  map: unknown,
  where: ConditionPlace,
  use: (filter: CompiledFilter) => void,
): void {
  c.later.push(() => {
    // Fields that were left out would only be reported once more, as unknown paths.
    if (where.target.damaged || where.source?.damaged) return;
    const filter = compileFilter(where.target.model, map, {
      scope: 'metadata',
      env: c.env,
      memory: !where.database,
      entities: (name) => c.models.get(name),
      source: (where.source ?? where.target).model,
      report: (key, message) => c.problems.error(at(where.place, ...pathInside(map, key)), message),
    });
    use(Object.freeze(filter));
  });
}
