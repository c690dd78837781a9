// Aggregates over the records of an entity that the caller may read.

import type { Json } from '../fields/field-type.ts';
import { compileAggregate } from '../query/aggregate.ts';
import type { Operation } from './service.ts';

export interface AggregateAnswer {
  /** Number of rows of the whole result; `items` may hold fewer, the first ones (limit `rows`). */
  readonly total: number;
  readonly items: readonly { readonly [name: string]: Json | undefined }[];
}

/**
 * Runs the stages of `body` on the entity's records.
 * @throws AppError `badRequest` for anything that is no stage of ours, `forbidden` for hidden fields and entities
 */
export async function aggregateRecords(operation: Operation, body: unknown): Promise<AggregateAnswer> {
  const { ctx, entity, definitions, env, store, sealer } = operation;
  const aggregate = compileAggregate(entity, body, {
    accessTo: ctx.accessTo,
    entities: (name) => {
      const target = definitions.entities.get(name);
      return target?.served && !target.abstract ? target : undefined;
    },
    env,
    sealer,
    scope: ctx.origin === 'script' ? 'script' : 'rest',
  });
  const documents = await store.aggregate(entity, [...aggregate.pipeline, { $limit: aggregate.rows }]);
  const total = documents.length < aggregate.rows ? documents.length : await countRows(operation, aggregate.count);
  return { total, items: documents.map((document) => aggregate.print(document, { env, sealer })) };
}

async function countRows(
  { store, entity }: Operation,
  pipeline: Parameters<typeof store.aggregate>[1],
): Promise<number> {
  const [row] = await store.aggregate(entity, pipeline);
  return Number(row?.total ?? 0);
}
