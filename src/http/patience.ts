// Nobody waits for a database that is away: requests that have waited for long enough are answered with 503, wherever they hang.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Outage } from '../db/primary.ts';
import { unavailable } from '../errors.ts';
import { isProbe } from './access-log.ts';

/** A request without an answer yet. */
export interface OpenRequest {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** `performance.now()` of its arrival. */
  readonly startedAt: number;
}

/**
 * How long a request waits for a primary. An answer is due within 5 s; the rest is for noticing. A write that is on its way then may
 * still happen, which is what a 503 says of a write; none is begun any more, or it could undo what the same client does next.
 */
const PATIENCE_MS = 3_500;
const CHECK_MS = 250;

/**
 * @param open the requests that have no answer yet
 * @param lastOutage when MongoDB was last without a primary
 */
export function answerWhileAway(
  app: FastifyInstance,
  open: () => Iterable<OpenRequest>,
  lastOutage: () => Outage | null,
  sendError: (error: unknown, request: FastifyRequest, reply: FastifyReply) => void,
): void {
  const checking = setInterval(() => {
    const outage = lastOutage();
    if (!outage) return;
    const before = performance.now() - PATIENCE_MS;
    for (const { request, reply, startedAt } of open()) {
      if (waitsSince(startedAt, outage) > before || reply.sent || isProbe(request)) continue;
      request.givenUp = true;
      sendError(unavailable('The database is not available at the moment', 'no sign of life'), request, reply);
    }
  }, CHECK_MS);
  checking.unref();
  app.decorateRequest('givenUp', false);
  app.addHook('onClose', async () => clearInterval(checking));
}

/**
 * Since when a request waits for the primary, as far as can be told. One that came shortly before the outage may wait as long as
 * one that came in it: a primary that has lost its majority holds writes up before it steps down. Those that came earlier have
 * long work to do, and an outage that is over did not stop it.
 */
function waitsSince(startedAt: number, { from, until }: Outage): number {
  if (startedAt < from - PATIENCE_MS) return until === null ? from : Number.POSITIVE_INFINITY;
  return until === null || startedAt <= until ? startedAt : Number.POSITIVE_INFINITY;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Answered while its work was still under way. */
    givenUp: boolean;
  }
}
