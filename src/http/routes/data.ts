// Records over REST: reads names, query and body, and leaves everything else to the record service.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../../context.ts';
import { badRequest } from '../../errors.ts';
import type { QueryPairs } from '../../records/service.ts';
import type { Services } from '../../services.ts';
import { contextOf } from '../authenticate.ts';
import { bodyOf } from '../body.ts';
import { queryOf } from '../query.ts';

type EntityRoute = { Params: { entity: string } };
type RecordRoute = { Params: { entity: string; id: string } };

interface Input {
  readonly ctx: Context;
  readonly entity: string;
  readonly query: QueryPairs;
  /** `{}` for an empty body. */
  readonly body: unknown;
}

export function dataRoutes(app: FastifyInstance, { records }: Services): void {
  /** Names, query and body of a request; broken syntax counts only once the entity and the right to it are known. */
  const inputOf = (request: FastifyRequest<EntityRoute>, operation: 'read' | 'create' | 'update' | 'delete'): Input => {
    const ctx = contextOf(request);
    const { entity } = request.params;
    try {
      return { ctx, entity, query: queryOf(request), body: bodyOf(request) };
    } catch (error) {
      records.admit(ctx, entity, operation);
      throw error;
    }
  };

  app.get<EntityRoute>('/data/:entity', async (request) => {
    const { ctx, entity, query } = inputOf(request, 'read');
    return records.list(ctx, entity, query);
  });

  app.get<RecordRoute>('/data/:entity/:id', async (request) => {
    const { ctx, entity, query } = inputOf(request, 'read');
    return records.read(ctx, entity, request.params.id, query);
  });

  app.post<EntityRoute>('/data/:entity', async (request) => {
    const { ctx, entity, body } = inputOf(request, 'create');
    return records.create(ctx, entity, body);
  });

  app.put<EntityRoute>('/data/:entity/aggregate', async (request) => {
    const { ctx, entity, body } = inputOf(request, 'read');
    return records.aggregate(ctx, entity, body);
  });

  app.put<RecordRoute>('/data/:entity/:id', async (request) => {
    const { ctx, entity, body } = inputOf(request, 'update');
    return records.update(ctx, entity, request.params.id, body);
  });

  app.delete<RecordRoute>('/data/:entity/:id', async (request) => {
    const { ctx, entity, query } = inputOf(request, 'delete');
    records.admit(ctx, entity, 'delete');
    const ids = listOf(request.params.id);
    if (ids.length !== 1 || inBackground(query)) throw notYet('Deleting several records, or in the background,');
    return records.remove(ctx, entity, ids[0] ?? '');
  });

  app.delete<EntityRoute>('/data/:entity', async (request) => {
    const { ctx, entity, query } = inputOf(request, 'delete');
    records.admit(ctx, entity, 'delete');
    // a client whose id was empty must not delete everything (spec README)
    if (endsInSlash(request) && !query.some(([name]) => !name.startsWith('_') || name === '_query')) {
      throw badRequest('A path that ends in "/" names no records to delete: name them by id or by a filter');
    }
    throw notYet('Deleting the records of a query');
  });
}

/** Items of a comma list, trimmed, empty ones dropped. */
function listOf(text: string): string[] {
  return text.split(',').flatMap((item) => item.trim() || []);
}

/** `_async` of the query (spec auth-jobs-logs-files §1: booleans). */
function inBackground(query: QueryPairs): boolean {
  const value = query.findLast(([name]) => name === '_async')?.[1] ?? 'false';
  if (value !== 'true' && value !== 'false') throw badRequest('[_async] must be true or false');
  return value === 'true';
}

function endsInSlash(request: FastifyRequest): boolean {
  return request.raw.url?.split('?', 1)[0]?.endsWith('/') ?? false;
}

/** Parts of the contract that come with background jobs. */
const notYet = (what: string) => badRequest(`${what} is not available in this version`);
