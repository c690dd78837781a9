// Probes for balancers and orchestrators, at the root, without a token.
import type { FastifyInstance } from 'fastify';
import type { Services } from '../../services.ts';

/** `/health/live`: the process answers. `/health/ready`: it can serve requests; 503 when not, or when it is about to stop. */
export function healthRoutes(app: FastifyInstance, { health }: Services): void {
  let stopping = false;
  app.addHook('preClose', (done) => {
    stopping = true;
    done();
  });
  app.get('/health/live', () => ({ status: 'live' }));
  app.get('/health/ready', async (_request, reply) => {
    const report = await health.report();
    if (stopping) return reply.code(503).send({ ...report, status: 'stopping' });
    return reply.code(report.status === 'unavailable' ? 503 : 200).send(report);
  });
}
