// The HTTP application: the contract's transport rules around the routes. Never listens; the server does.
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { AppError } from '../errors.ts';
import type { Services } from '../services.ts';
import { acceptToken, decorateSession, requireToken } from './authenticate.ts';
import { acceptJson } from './body.ts';
import { rawAnswer } from './client-errors.ts';
import { appErrorOf, errorBody, noRoute } from './errors.ts';
import { createLifecycle } from './every-request.ts';
import { createHeaders } from './headers.ts';
import { fastifyOptions, type ServerOptions } from './options.ts';
import { answerWhileAway } from './patience.ts';
import { createRateLimits, type RateLimits } from './rate-limit.ts';
import { logRequests } from './request-log.ts';
import { auditRoutes } from './routes/audit.ts';
import { loginRoutes, logoutRoutes } from './routes/auth.ts';
import { dataRoutes } from './routes/data.ts';
import { fileRoutes, sharedFileRoutes } from './routes/files.ts';
import { healthRoutes } from './routes/health.ts';
import { jobRoutes } from './routes/jobs.ts';
import { logRoutes } from './routes/logs.ts';
import { openApiRoutes } from './routes/openapi.ts';
import { systemRoutes } from './routes/system.ts';
import { userRoutes } from './routes/users.ts';

/**
 * Builds the application on services that are ready.
 * @param server further options of Node's server, such as shorter limits in tests
 */
export async function buildApp(services: Services, server: ServerOptions = {}): Promise<FastifyInstance> {
  const { config, log } = services;
  const headers = createHeaders(config.corsOrigins);
  const lifecycle = createLifecycle({
    headers,
    log,
    requireHttps: config.requireHttps,
    metrics: services.metrics?.http ?? null,
  });

  const sendError = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const answer = appErrorOf(error);
    logServerError(log, answer, request);
    // a closed connection would break clients that send all of a large body before they read; Node reads and drops the rest
    reply.removeHeader('connection');
    reply.code(answer.status).headers(answer.headers).send(errorBody(answer));
  };

  const app = fastify({
    ...fastifyOptions(config, headers, server),
    // a path that is no URL gets no route, so no hooks either
    frameworkErrors: (error, request, reply) => {
      lifecycle.begin(request, reply);
      sendError(error, request, reply);
    },
  });
  acceptJson(app);
  decorateSession(app);
  lifecycle.install(app);
  answerWhileAway(app, lifecycle.open, services.database.outage, sendError);
  app.setErrorHandler(sendError);
  app.setNotFoundHandler((request, reply) => sendError(noRoute(request), request, reply));
  answerOddMethods(app, () => headers(undefined, false));

  healthRoutes(app, services);
  const limits = createRateLimits(config);
  for (const prefix of [`/${config.envName}/runtime/api`, '/api']) {
    await app.register(async (scope) => apiRoutes(scope, services, limits), { prefix });
  }
  return app;
}

function apiRoutes(scope: FastifyInstance, services: Services, limits: RateLimits): void {
  limits.perAddress(scope);
  logRequests(scope, services);
  loginRoutes(scope, services);
  sharedFileRoutes(scope, services);
  const sessions = { auth: services.auth, log: services.log, timezone: services.config.timezone };
  scope.register(async (open) => {
    acceptToken(open, sessions);
    openApiRoutes(open, services);
  });
  scope.register(async (secured) => {
    requireToken(secured, sessions);
    limits.perToken(secured);
    logoutRoutes(secured, services);
    userRoutes(secured, services);
    dataRoutes(secured, services);
    auditRoutes(secured, services);
    logRoutes(secured, services);
    jobRoutes(secured, services);
    fileRoutes(secured, services);
    systemRoutes(secured, services);
  });
}

/** What is our fault has a stack in the log; that a service is away is known and would only fill it. */
function logServerError(log: Logger, answer: AppError, { id }: FastifyRequest): void {
  if (answer.status === 503) log.warn({ requestId: id, reason: String(answer.cause ?? '') }, answer.message);
  else if (answer.status >= 500) log.error({ err: answer.cause ?? answer, requestId: id }, answer.message);
}

/** CONNECT makes no request for Fastify, and an expectation we don't know would be refused by Node without a body. */
function answerOddMethods(app: FastifyInstance, headers: () => Readonly<Record<string, string>>): void {
  app.server.on('connect', (_request, socket) => {
    const body = { code: 'notFound', message: 'There is no CONNECT here' };
    socket.end(rawAnswer(404, JSON.stringify(body), headers()));
  });
  app.server.on('checkExpectation', (request, response) => app.routing(request, response));
}
