// From the token of a request to its session and context.
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { AuthService } from '../auth/service.ts';
import type { Session } from '../auth/sessions.ts';
import { type Context, FULL_ACCESS, NO_ACCESS, type Principal } from '../context.ts';
import { AppError } from '../errors.ts';

export interface AuthenticateDeps {
  readonly auth: AuthService;
  readonly log: Logger;
  /** Zone of the app, for users without one of their own. */
  readonly timezone: string;
}

/** Makes every route of this scope need a valid token; its handlers find the context with {@link contextOf}. */
export function requireToken(app: FastifyInstance, { auth, log, timezone }: AuthenticateDeps): void {
  app.addHook('onRequest', (request, _reply, done) => {
    auth.authenticate(tokenOf(request.raw)).then((session) => {
      request.session = session;
      request.ctx = new RequestContext(session.principal, request, { log, timezone });
      done();
    }, done);
  });
}

/** Routes of this scope need no token: one that is valid gives them its context, any other request has none. */
export function acceptToken(app: FastifyInstance, { auth, log, timezone }: AuthenticateDeps): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const token = tokenOf(request.raw);
    if (token === null) return done();
    auth.authenticate(token).then(
      (session) => {
        request.session = session;
        request.ctx = new RequestContext(session.principal, request, { log, timezone });
        done();
      },
      (error: unknown) => done(error instanceof AppError && error.status < 500 ? undefined : (error as Error)),
    );
  });
}

/** Declares what {@link requireToken} fills; once, at the root. */
export function decorateSession(app: FastifyInstance): void {
  app.decorateRequest('session', null);
  app.decorateRequest('ctx', null);
}

/** The context of a request behind {@link requireToken}. */
export function contextOf(request: FastifyRequest): Context {
  if (!request.ctx) throw new Error(`${request.routeOptions.url} needs a token but is registered as public`);
  return request.ctx;
}

/** The session of a request behind {@link requireToken}. */
export function sessionOf(request: FastifyRequest): Session {
  if (!request.session) throw new Error(`${request.routeOptions.url} needs a token but is registered as public`);
  return request.session;
}

/**
 * The token of a request: header `token`, else `Authorization: Bearer`, else, where nothing can be changed with it, the cookie
 * `token` (spec auth-jobs-logs-files §4.3).
 */
export function tokenOf({ method, headers }: IncomingMessage): string | null {
  const { token, authorization, cookie } = headers;
  if (typeof token === 'string' && token !== '') return token;
  const bearer = authorization && /^bearer +(.*)$/i.exec(authorization)?.[1];
  if (bearer) return bearer.trim();
  return cookie && (method === 'GET' || method === 'HEAD') ? cookieToken(cookie) : null;
}

function cookieToken(cookies: string): string | null {
  for (const cookie of cookies.split(';')) {
    const [name, value] = cookie.split('=', 2);
    if (name?.trim() === 'token' && value) return value.trim().replace(/^"(.*)"$/, '$1');
  }
  return null;
}

/** The context of a person's request. */
class RequestContext implements Context {
  readonly principal: Principal;
  readonly origin = 'user';
  readonly reason = null;
  readonly requestId: string;
  readonly ip: string | null;
  readonly zone: string;
  readonly accessTo: Context['accessTo'];
  readonly #request: FastifyRequest;
  #log: Logger;
  #bound = false;

  constructor(principal: Principal, request: FastifyRequest, base: { log: Logger; timezone: string }) {
    this.principal = principal;
    this.requestId = request.id;
    this.ip = request.caller;
    this.zone = principal.timezone ?? base.timezone;
    this.accessTo = principal.developer || principal.system ? everything : nothing;
    this.#log = base.log;
    this.#request = request;
  }

  isGivenUp(): boolean {
    return this.#request.givenUp;
  }

  /** Made on first use: most requests log nothing of their own. */
  get log(): Logger {
    if (!this.#bound) {
      this.#log = this.#log.child({ requestId: this.requestId, user: this.principal.id });
      this.#bound = true;
    }
    return this.#log;
  }
}

const everything = (): typeof FULL_ACCESS => FULL_ACCESS;
const nothing = (): typeof NO_ACCESS => NO_ACCESS;

declare module 'fastify' {
  interface FastifyRequest {
    session: Session | null;
    ctx: Context | null;
  }
}
