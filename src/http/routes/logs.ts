// The app's log over REST (spec auth-jobs-logs-files §7.2, §7.3).
import type { FastifyInstance } from 'fastify';
import type { Services } from '../../services.ts';
import { contextOf } from '../authenticate.ts';
import { bodyOf } from '../body.ts';
import { queryOf } from '../query.ts';

export function logRoutes(app: FastifyInstance, { logs }: Pick<Services, 'logs'>): void {
  app.get('/status/logs', (request) => {
    const ctx = contextOf(request);
    // rights come before syntax
    logs.admit(ctx);
    return logs.list(ctx, queryOf(request));
  });

  app.post('/status/logs', (request) => {
    const ctx = contextOf(request);
    logs.admit(ctx);
    return logs.post(ctx, bodyOf(request));
  });
}
