// Login, logout, and who a token belongs to (spec auth-jobs-logs-files §4).
import { type AppError, badRequest, forbidden, notFound, unauthorized } from '../errors.ts';
import type { Json } from '../fields/field-type.ts';
import type { UserStore } from '../users/store.ts';
import type { SessionUser, UserDocument, UserStatus } from '../users/user.ts';
import type { LoginLimit } from './login-limit.ts';
import type { Passwords } from './passwords.ts';
import type { Session, Sessions } from './sessions.ts';

/** The answer of a login: exactly these seven keys (spec auth-jobs-logs-files §4.1). */
export interface LoginAnswer {
  readonly app: string;
  readonly adminUserEmail: string | null;
  readonly ip: string | null;
  readonly userEmail: string;
  readonly userName: string;
  readonly userId: string;
  readonly token: string;
}

export interface AuthService {
  /**
   * @param body as sent: `{email, password, emailImpersonatedUser?}`
   * @param ip caller's address, IPv4 shown mapped
   * @throws AppError as the contract lists them (spec auth-jobs-logs-files §4.1), and 429 for an address that fails too often
   */
  login(body: unknown, ip: string | null): Promise<LoginAnswer>;
  /** Ends the session; answers when it is over in every process. */
  logout(session: Session): Promise<void>;
  /**
   * @param token as sent, null when none was
   * @throws AppError 401 for no, an unknown, an ended or an expired token; 403 for a user who is not active
   */
  authenticate(token: string | null): Promise<Session>;
}

export interface AuthSettings {
  readonly appName: string;
  /** Failed logins in a row that block a user. */
  readonly maxLoginAttempts: number;
}

export interface AuthDeps {
  readonly users: Pick<UserStore, 'findForLogin' | 'findByEmail' | 'countFailure' | 'confirmLogin'>;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly limit: LoginLimit;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
}

export function createAuth(settings: AuthSettings, deps: AuthDeps): AuthService {
  return {
    login: async (body, ip) => {
      const request = readLogin(body);
      await deps.limit.check(ip);
      const person = await identify(request, ip, settings, deps);
      const target = request.impersonated === null ? null : await impersonate(person, request.impersonated, deps);
      const user = target ?? person;
      const token = await deps.sessions.open(user, target && person, ip);
      return {
        app: settings.appName,
        adminUserEmail: target ? person.data.email : null,
        ip,
        userEmail: user.data.email,
        userName: user.data.fullName,
        userId: user._id.toHexString(),
        token,
      };
    },
    logout: (session) => deps.sessions.end(session),
    authenticate: async (token) => {
      if (token === null) throw unauthorized('You need to log in: send the token of a login in the header "token"');
      const session = await deps.sessions.find(token);
      if (!session) throw unauthorized('The token is not valid or has expired, log in again');
      if (session.status !== 'ACTIVE') throw refused(session.status);
      return session;
    },
  };
}

interface LoginRequest {
  readonly email: string;
  readonly password: string;
  readonly impersonated: string | null;
}

function readLogin(body: unknown): LoginRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('The body must be an object with "email" and "password"');
  }
  const { email, password, emailImpersonatedUser } = body as { readonly [key: string]: Json | undefined };
  if (typeof email !== 'string' || email.trim() === '') throw badRequest('"email" is required and must be a text');
  if (typeof password !== 'string' || password.trim() === '') {
    throw badRequest('"password" is required and must be a text');
  }
  const impersonated = emailImpersonatedUser ?? '';
  if (typeof impersonated !== 'string') throw badRequest('"emailImpersonatedUser" must be a text');
  return { email, password, impersonated: impersonated.trim() || null };
}

/** The active user of an e-mail and password; what a stranger can learn is the same whether the user exists or not. */
async function identify(
  { email, password }: LoginRequest,
  ip: string | null,
  settings: AuthSettings,
  deps: AuthDeps,
): Promise<UserDocument> {
  const user = await deps.users.findForLogin(email);
  const known = user !== null && user.data.permissions?.systemUser !== true;
  const matches = await deps.passwords.verify(known ? (user.auth.passwordHash ?? null) : null, password);
  if (!known || !matches) {
    // two writes at the same time in both cases, so that the answer takes as long
    await Promise.all([
      deps.limit.count(ip),
      known ? deps.users.countFailure(user._id, settings.maxLoginAttempts) : deps.limit.countUnknown(email),
    ]);
    throw unauthorized('Wrong email or password');
  }
  if (user.data.status !== 'ACTIVE') throw refused(user.data.status);
  const confirmed = await deps.users.confirmLogin(user._id, user.auth.sessionEpoch, new Date(deps.now()));
  if (confirmed) return user;
  // blocked, deactivated or given another password while this login was under way
  const current = await deps.users.findByEmail(email);
  throw current && current.data.status !== 'ACTIVE'
    ? refused(current.data.status)
    : unauthorized('Wrong email or password');
}

/** The user whom a developer wants to be (spec auth-jobs-logs-files §4.2). */
async function impersonate(person: UserDocument, email: string, deps: AuthDeps): Promise<SessionUser> {
  const { permissions } = person.data;
  if (!permissions?.developer && !permissions?.superUser) {
    throw forbidden('You are not allowed to log in as another user');
  }
  const target = await deps.users.findByEmail(email);
  if (!target) throw notFound(`There is no user with email [${email}]`);
  if (target.data.status !== 'ACTIVE') throw forbidden(`User [${email}] is not active`);
  return target;
}

function refused(status: UserStatus): AppError {
  return status === 'BLOCKED'
    ? forbidden('Your user is blocked. Please contact support.')
    : forbidden('Your user is inactive. Please contact support.');
}
