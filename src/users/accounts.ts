// Everything about people, wired together: users, their sessions, login. Built once per process that serves or administers.
import { ObjectId } from 'mongodb';
import type { Logger } from 'pino';
import { createLoginLimit } from '../auth/login-limit.ts';
import { createPasswords } from '../auth/passwords.ts';
import { principalOf } from '../auth/principal.ts';
import { type AuthService, createAuth } from '../auth/service.ts';
import { createSessions } from '../auth/sessions.ts';
import type { Config } from '../config.ts';
import type { Principal } from '../context.ts';
import type { GroupDirectory } from '../fields/field-type.ts';
import { openAccountStores } from './account-store.ts';
import { ensureFirstUsers, type NewAdministrator } from './first-users.ts';
import { createUserService, type UserService } from './service.ts';

export interface Accounts {
  readonly auth: AuthService;
  readonly users: UserService;
  /** The administrator when this start created it; a password in it was made up and is to be shown now, since it is kept nowhere. */
  readonly administrator: NewAdministrator | null;
  /** The principal of an active user as of now, for work in the background; null when the user is gone or not active. */
  activePrincipal(id: string): Promise<Principal | null>;
  /** Writes what is kept in memory; before the connection to MongoDB closes. */
  close(): Promise<void>;
}

export interface AccountDeps {
  readonly db: Parameters<typeof openAccountStores>[0];
  readonly config: Pick<
    Config,
    | 'adminEmail'
    | 'adminPassword'
    | 'appName'
    | 'authCacheMs'
    | 'loginFailuresPerAddress'
    | 'loginFailureWindowMs'
    | 'maxLoginAttempts'
    | 'passwordHashConcurrency'
    | 'passwordHashQueue'
    | 'sessionIdleMs'
  >;
  /** Groups of the definitions in force. */
  readonly groups: () => GroupDirectory;
  readonly log: Logger;
  /** Wall clock, epoch ms; tests bring their own. */
  readonly now?: () => number;
}

/** Prepares the collections, makes sure that the first users exist, and builds the services. */
export async function openAccounts({ db, config, groups, log, now = Date.now }: AccountDeps): Promise<Accounts> {
  const stores = await openAccountStores(db);
  const passwords = createPasswords({ concurrent: config.passwordHashConcurrency, queue: config.passwordHashQueue });
  const administrator = await ensureFirstUsers(
    { email: config.adminEmail, password: config.adminPassword },
    { store: stores.users, passwords, groups: groups(), now: now() },
  );
  const sessions = createSessions(
    { idleMs: config.sessionIdleMs, trustMs: config.authCacheMs },
    { store: stores.sessions, groups, log, now },
  );
  const limits = { failuresPerAddress: config.loginFailuresPerAddress, windowMs: config.loginFailureWindowMs };
  const limit = createLoginLimit(limits, stores.failures, now);
  return {
    auth: createAuth(config, { users: stores.users, sessions, passwords, limit, now }),
    users: createUserService({ store: stores.users, passwords, sessions, groups, now }),
    administrator,
    activePrincipal: async (id) => {
      const user = await stores.users.findById(ObjectId.createFromHexString(id));
      return user?.data.status === 'ACTIVE' ? principalOf(user, null, groups()) : null;
    },
    close: () => sessions.close(),
  };
}
