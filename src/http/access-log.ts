// One line in the process log for every request, after its answer.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

const LONGEST_PATH = 300;

/** Writes the line. Values of the query stay out: they may be values of sensitive fields. */
export function logRequest(log: Logger, request: FastifyRequest, reply: FastifyReply, startedAt: number): void {
  const level = isProbe(request) ? 'debug' : 'info';
  if (!log.isLevelEnabled(level)) return;
  const [path = '', query = ''] = (request.raw.url ?? '').split('?', 2);
  const { raw } = reply;
  log[level](
    {
      requestId: request.id,
      method: request.method,
      path: path.length > LONGEST_PATH ? `${path.slice(0, LONGEST_PATH)}…` : path,
      query: query === '' ? undefined : queryNames(query),
      status: raw.writableEnded ? raw.statusCode : undefined,
      ms: Math.round((performance.now() - startedAt) * 10) / 10,
      user: request.session?.principal.id,
      ip: request.caller,
    },
    raw.writableEnded ? 'request' : 'request aborted by the client',
  );
}

function queryNames(query: string): string {
  const names = query.split('&').map((part) => part.split('=', 1)[0]);
  return names.join(',').slice(0, LONGEST_PATH);
}

/** Probes come every few seconds for ever. */
export function isProbe(request: FastifyRequest): boolean {
  return request.raw.url?.startsWith('/health/') ?? false;
}
