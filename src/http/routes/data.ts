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

export function dataRoutes(app: FastifyInstance, { records, deletes }: Services): void {
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
    return deletes.removeNamed(ctx, entity, listOf(request.params.id), query);
  });

  app.delete<EntityRoute>('/data/:entity', async (request) => {
    const { ctx, entity, query } = inputOf(request, 'delete');
    records.admit(ctx, entity, 'delete');
    // a client whose id was empty must not delete everything (spec README)
    if (endsInSlash(request) && !query.some(([name]) => !name.startsWith('_') || name === '_query')) {
      throw badRequest('A path that ends in "/" names no records to delete: name them by id or by a filter');
    }
    return deletes.removeMatching(ctx, entity, query);
  });
}

/** Items of a comma list, trimmed, empty ones dropped. */
function listOf(text: string): string[] {
  return text.split(',').flatMap((item) => item.trim() || []);
}

function endsInSlash(request: FastifyRequest): boolean {
  return request.raw.url?.split('?', 1)[0]?.endsWith('/') ?? false;
}
