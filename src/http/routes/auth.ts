// Login, logout, and the door of OAuth, which is closed (spec auth-jobs-logs-files §4.1, §4.4, §4.7).
import type { FastifyInstance } from 'fastify';
import { badRequest } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { sessionOf } from '../authenticate.ts';
import { bodyOf } from '../body.ts';

/** Nobody needs more to log in, and anybody may send it. */
const LOGIN_BODY_LIMIT = 65_536;

export function loginRoutes(app: FastifyInstance, { auth, logs }: Services): void {
  app.post('/auth/login', { bodyLimit: LOGIN_BODY_LIMIT }, async (request) => {
    const answer = await auth.login(bodyOf(request), request.caller);
    logs.writeFor(answer, { level: 'INFO', message: 'POST /login', subType: 'LOGIN' });
    return answer;
  });
  app.post('/oauth/token', { bodyLimit: LOGIN_BODY_LIMIT }, async () => {
    throw badRequest('OAuth is not enabled');
  });
}

export function logoutRoutes(app: FastifyInstance, { auth }: Services): void {
  app.post('/auth/logout', async (request) => {
    await auth.logout(sessionOf(request));
    return {};
  });
}
