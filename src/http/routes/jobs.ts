// Jobs over REST (spec auth-jobs-logs-files §9.2, §9.3). Real clients also call them `/status/job`.
import type { FastifyInstance } from 'fastify';
import { CONTROLS } from '../../jobs/control.ts';
import type { Services } from '../../services.ts';
import { contextOf } from '../authenticate.ts';
import { queryOf } from '../query.ts';

type JobRoute = { Params: { id: string } };

export function jobRoutes(app: FastifyInstance, { jobs }: Services): void {
  for (const base of ['/status/jobs', '/status/job']) {
    app.get(base, (request) => jobs.list(contextOf(request), queryOf(request)));
    app.get<JobRoute>(`${base}/:id`, (request) => jobs.read(contextOf(request), request.params.id));
    app.get<JobRoute>(`${base}/:id/logs`, (request) =>
      jobs.readLogs(contextOf(request), request.params.id, queryOf(request)),
    );
    for (const control of CONTROLS) {
      app.put<JobRoute>(`${base}/:id/${control}`, (request) =>
        jobs.control(contextOf(request), request.params.id, control),
      );
    }
  }
}
