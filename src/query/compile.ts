// Filter maps and single filters to compiled filters: metadata expressions, query maps of scripts and aggregates, REST parameters
// (spec entity-model §3, field-types §2.6).
import type { EntityAccess } from '../context.ts';
import type { CompiledFilter, EntityModel } from '../definitions/model.ts';
import { type CompilerOptions, createCompiler } from './compiler.ts';
import { NONE } from './predicate.ts';
import { entityShape } from './shape.ts';
import { constant } from './terms.ts';

export interface CompileOptions extends CompilerOptions {
  /** Fields that may be used; absent: all. */
  readonly access?: EntityAccess | null;
}

/**
 * Compiles a filter map or structural expression against an entity.
 * @throws AppError `badRequest` or `forbidden` for the first mistake, unless `report` collects them: then the filter matches nothing
 */
export function compileFilter(entity: EntityModel, map: unknown, options: CompileOptions): CompiledFilter {
  const compiler = createCompiler(entityShape(entity, options.access ?? null), options);
  const written = compiler.expression(map);
  const term = compiler.hasFailed() ? constant(NONE) : written;
  return {
    entity: entity.name,
    bind: (env) => term.bind(env),
    dynamic: term.dynamic,
    fields: [...compiler.fields],
    fetches: [...compiler.fetches.values()],
  };
}
