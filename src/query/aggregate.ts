// Aggregates: a chain of our own stages to a checked MongoDB pipeline, and its documents back to JSON (spec scripting-api §1.9).
import type { Document } from 'mongodb';
import type { EntityAccess } from '../context.ts';
import type { EntityModel } from '../definitions/model.ts';
import { badRequest, forbidden } from '../errors.ts';
import { QUERY_LIMITS } from './limits.ts';
import { type AggregateEnv, type Draft, settleOrder, startPipeline } from './pipeline.ts';
import { ALL } from './predicate.ts';
import { printRow, type Row, type RowEnv, rowProjection } from './rows.ts';
import { entityShape } from './shape.ts';
import { appendStage } from './stages.ts';

export type { AggregateEnv } from './pipeline.ts';

/** An aggregate, ready to be run on the entity's collection. */
export interface Aggregate {
  /** Begins with the reader's record rule; holds no limit but those of its own stages. */
  readonly pipeline: readonly Document[];
  /** Rows that REST answers with at most: append `{$limit: rows}`. When so many came, `count` tells how many there are. */
  readonly rows: number;
  /** The same with the number of rows as its only result: `{total}`; no document means 0. */
  readonly count: readonly Document[];
  /** One document of the pipeline as JSON. */
  readonly print: (document: Document, env: RowEnv) => Row;
}

/**
 * Compiles the body of an aggregate: a list of stages, one stage, or one object with several stages in order of its keys.
 * @throws AppError `badRequest` for anything that is no stage of ours or has wrong settings, `forbidden` for fields and entities that
 *   the reader must not see
 */
export function compileAggregate(entity: EntityModel, body: unknown, env: AggregateEnv): Aggregate {
  const limits = env.limits ?? QUERY_LIMITS;
  const access = env.accessTo(entity);
  if (access.read === false) throw forbidden(`You don't have permissions to read records in entity [${entity.name}]`);
  const draft: Draft = {
    entity,
    env: { ...env, accessTo: (other) => withoutRuled(other, env) },
    limits,
    pipeline: [],
    readRule: access.read ?? ALL,
    shape: entityShape(entity, withoutRuled(entity, env)),
    pending: { _id: -1 },
    ties: { _id: 1 },
    made: 0,
  };
  const stages = readStages(body);
  if (stages.length > limits.stages) throw badRequest(`An aggregate may have at most ${limits.stages} stages`);
  for (const [name, value] of stages) appendStage(draft, name, value);
  startPipeline(draft);
  const count = [...draft.pipeline, { $count: 'total' }];
  settleOrder(draft);
  const { shape } = draft;
  const pipeline = [...draft.pipeline, { $project: rowProjection(shape) }];
  return { pipeline, rows: limits.rows, count, print: (document, rowEnv) => printRow(shape, document, rowEnv) };
}

/**
 * Fields that only some of the readable records show are hidden altogether: a group of many records has no single answer. Over REST
 * that goes for read rules too, which are nothing that rights could bypass (spec entity-model §2.9).
 */
function withoutRuled(entity: EntityModel, { accessTo, scope }: AggregateEnv): EntityAccess {
  const { byRecord: _, ...access } = accessTo(entity);
  if (scope !== 'rest' || !entity.has.conditions) return access;
  return {
    ...access,
    allFields: false,
    canRead: (field) => field.readAccess.kind === 'always' && access.canRead(field),
  };
}

function readStages(body: unknown): readonly (readonly [name: string, value: unknown])[] {
  if (body === null || body === undefined) return [];
  const steps = Array.isArray(body) ? body : [body];
  return steps.flatMap((step: unknown) => {
    if (typeof step !== 'object' || step === null || Array.isArray(step)) {
      throw badRequest('An aggregate is an object or a list of objects, each with the name of a stage as its key');
    }
    return Object.entries(step);
  });
}
