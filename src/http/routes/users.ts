// Users over REST (spec auth-jobs-logs-files §5); as yet the current one (§4.5).
import type { FastifyInstance } from 'fastify';
import type { Services } from '../../services.ts';
import { contextOf } from '../authenticate.ts';

export function userRoutes(app: FastifyInstance, { users }: Services): void {
  app.get('/users/current', (request) => users.current(contextOf(request)));
}
