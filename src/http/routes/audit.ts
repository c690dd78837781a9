// Audit logs over REST (spec auth-jobs-logs-files §8).
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Services } from '../../services.ts';
import { contextOf } from '../authenticate.ts';
import { queryOf } from '../query.ts';

type Named = { Params: { entity: string; id?: string } };

/** Static last names win in the router, so that `auditLogs` is never an id. */
export function auditRoutes(app: FastifyInstance, { audit }: Pick<Services, 'audit'>): void {
  const list = async (request: FastifyRequest<Named>): Promise<unknown> => {
    const ctx = contextOf(request);
    const { entity, id = null } = request.params;
    return audit.list(
      ctx,
      entity,
      id,
      queryAfter(request, () => audit.admit(ctx, entity)),
    );
  };
  app.get<Named>('/data/:entity/auditLogs', list);
  app.get<Named>('/data/:entity/:id/auditLogs', list);
}

/** Broken syntax counts only once the entity and the right to it are known. */
function queryAfter(request: FastifyRequest, admit: () => void): ReturnType<typeof queryOf> {
  try {
    return queryOf(request);
  } catch (error) {
    admit();
    throw error;
  }
}
