// What happens to every request before its route: headers, its line in the log, preflights, HTTPS, unknown routes.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { badRequest } from '../errors.ts';
import type { HttpMetrics } from '../metrics/http.ts';
import { isProbe, logRequest } from './access-log.ts';
import { callerAddress } from './address.ts';
import { noRoute } from './errors.ts';
import { type AnswerHeaders, isPreflight, PREFLIGHT_HEADERS } from './headers.ts';
import type { OpenRequest } from './patience.ts';

export interface LifecycleSettings {
  readonly headers: AnswerHeaders;
  readonly log: Logger;
  readonly requireHttps: boolean;
  readonly metrics: HttpMetrics | null;
}

/** The steps, so that requests with a broken path, which Fastify runs through no hook, get the same. */
export interface Lifecycle {
  /** Names the caller, sets the headers of the answer, and writes the log line when it is over. */
  begin(request: FastifyRequest, reply: FastifyReply): void;
  /** What has begun and is not over. */
  open(): Iterable<OpenRequest>;
  /** Installs all of it as hooks. */
  install(app: FastifyInstance): void;
}

export function createLifecycle({ headers, log, requireHttps, metrics }: LifecycleSettings): Lifecycle {
  const answering = new Set<OpenRequest>();

  const begin = (request: FastifyRequest, reply: FastifyReply): void => {
    const startedAt = performance.now();
    const open = { request, reply, startedAt };
    request.caller = callerAddress(request);
    reply.headers(headers(request.headers.origin, isHttps(request)));
    reply.header('x-request-id', request.id);
    answering.add(open);
    metrics?.begin();
    reply.raw.once('close', () => {
      answering.delete(open);
      if (metrics) measure(metrics, request, reply, startedAt);
      logRequest(log, request, reply, startedAt);
    });
  };

  return {
    begin,
    open: () => answering,
    install: (app) => {
      app.decorateRequest('caller', null);
      app.addHook('onRequest', (request, reply, done) => {
        begin(request, reply);
        if (isPreflight(request.raw)) reply.headers(PREFLIGHT_HEADERS).send({});
        else if (requireHttps && !isHttps(request) && !isProbe(request)) done(badRequest('Only HTTPS is served here'));
        // before the body is read: an unknown route is a 404 whatever is sent to it
        else if (request.is404) done(noRoute(request));
        else {
          dropTypeOfNothing(request.raw);
          done();
        }
      });
      app.addHook('preClose', (done) => {
        // connections that are kept alive would hold the stop up: the answers under way are the last on theirs
        for (const { reply } of answering) if (!reply.raw.headersSent) reply.raw.shouldKeepAlive = false;
        done();
      });
    },
  };
}

/** Where the routes of the API are, twice. */
const BASE_PATH = /^(?:\/[\w-]+\/runtime)?\/api(?=\/)/;
const templates = new Map<string, string>();

function measure(metrics: HttpMetrics, request: FastifyRequest, reply: FastifyReply, startedAt: number): void {
  const url = request.routeOptions.url ?? null;
  let route = url === null ? null : (templates.get(url) ?? null);
  if (url !== null && route === null) {
    route = url.replace(BASE_PATH, '');
    templates.set(url, route);
  }
  const status = reply.raw.writableEnded ? reply.raw.statusCode : null;
  metrics.end(request.method, route, status, performance.now() - startedAt);
}

/** Encrypted up to us, or up to the proxy in front (spec auth-jobs-logs-files §1). */
function isHttps({ raw }: FastifyRequest): boolean {
  const forwarded = raw.headers['x-forwarded-proto'];
  return (
    raw.socket instanceof TLSSocket || (typeof forwarded === 'string' && forwarded.split(',', 1)[0]?.trim() === 'https')
  );
}

/** Clients name a type on requests without a body; nothing is to be parsed then. */
function dropTypeOfNothing({ headers }: IncomingMessage): void {
  const length = headers['content-length'];
  const empty = (length === undefined || length === '0') && headers['transfer-encoding'] === undefined;
  if (empty) delete headers['content-type'];
}

/** Ids of requests: unique among processes, short, and in order within one. */
export function createRequestIds(): () => string {
  const prefix = randomBytes(5).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Address of the caller, IPv4 shown mapped. */
    caller: string | null;
  }
}
