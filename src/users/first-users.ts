// The users that every installation has: the system user, and the administrator of the first start.
import { ObjectId } from 'mongodb';
import type { Passwords } from '../auth/passwords.ts';
import { randomText } from '../auth/tokens.ts';
import { SYSTEM_USER_ID } from '../context.ts';
import type { GroupDirectory } from '../fields/field-type.ts';
import { buildUser } from './build.ts';
import type { UserStore } from './store.ts';

/** One id for the first administrator: of processes that start at once on an empty database, one can insert it. */
const ADMINISTRATOR_ID = '000000000000000000000002';
const GENERATED_LENGTH = 20;

/** An administrator whom this process has just created; `password` is set when it was made up, to be shown once. */
export interface NewAdministrator {
  readonly email: string;
  readonly password: string | null;
}

export interface FirstUsersDeps {
  readonly store: UserStore;
  readonly passwords: Passwords;
  readonly groups: GroupDirectory;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * Makes sure that the built-in users exist.
 * @param admin e-mail and password for the administrator; without a password one is made up
 * @returns the administrator when this call created it, else null
 */
export async function ensureFirstUsers(
  admin: { readonly email: string; readonly password: string | undefined },
  deps: FirstUsersDeps,
): Promise<NewAdministrator | null> {
  const { store } = deps;
  const created = new Date(deps.now);
  const systemId = ObjectId.createFromHexString(SYSTEM_USER_ID);
  await store.insertIfMissing(
    buildUser(
      {
        id: systemId,
        email: 'system@trebuchet',
        firstName: 'System',
        lastName: 'User',
        groups: [],
        developer: false,
        systemUser: true,
        passwordHash: null,
      },
      created,
    ),
  );
  if (await store.existsOther(systemId)) return null;
  const password = admin.password ?? randomText(GENERATED_LENGTH);
  const developers = deps.groups.byName('developers');
  const refusal = await store.insert(
    buildUser(
      {
        id: ObjectId.createFromHexString(ADMINISTRATOR_ID),
        email: admin.email,
        firstName: 'System',
        lastName: 'Administrator',
        groups: developers ? [developers] : [],
        developer: true,
        systemUser: false,
        passwordHash: await deps.passwords.hash(password),
      },
      created,
    ),
  );
  if (refusal) return null;
  return { email: admin.email, password: admin.password === undefined ? password : null };
}
