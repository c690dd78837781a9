// Users: created, listed, given passwords, taken out of and put back into service.
import { ObjectId } from 'mongodb';
import type { Passwords } from '../auth/passwords.ts';
import type { Sessions } from '../auth/sessions.ts';
import type { Context } from '../context.ts';
import { badRequest, type FieldError, forbidden, notFound, validationErrors } from '../errors.ts';
import { isEmail } from '../fields/email.ts';
import type { GroupDirectory, GroupRef } from '../fields/field-type.ts';
import { buildUser } from './build.ts';
import { type UserJson, userJson } from './json.ts';
import type { UserStore } from './store.ts';
import type { UserRecord, UserStatus } from './user.ts';

export interface UserInput {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly password: string;
  readonly developer: boolean;
  /** Names or ids; the first one becomes the primary group. */
  readonly groups: readonly string[];
}

/**
 * All but `current` are for developers and system work. Users are named by id or e-mail. Calls that take rights away answer when
 * no process goes by the old ones any more.
 */
export interface UserService {
  /** The user of the context (spec auth-jobs-logs-files §4.5). */
  current(ctx: Context): Promise<UserJson>;
  /** @throws AppError `validationErrors` with every mistake together (spec auth-jobs-logs-files §5.5) */
  create(ctx: Context, input: UserInput): Promise<UserJson>;
  /** Newest first. */
  list(ctx: Context): Promise<UserJson[]>;
  /** Sets a password, frees a blocked user, ends the user's sessions. */
  setPassword(ctx: Context, user: string, password: string): Promise<UserJson>;
  /** To `INACTIVE`, from any status; unchanged when there already. */
  deactivate(ctx: Context, user: string): Promise<UserJson>;
  /** `INACTIVE` to `ACTIVE`; of a blocked user 400. */
  reactivate(ctx: Context, user: string): Promise<UserJson>;
  /** `BLOCKED` to `ACTIVE` with no failures counted; of an inactive user 400. */
  unblock(ctx: Context, user: string): Promise<UserJson>;
}

export interface UserDeps {
  readonly store: UserStore;
  readonly passwords: Passwords;
  readonly sessions: Pick<Sessions, 'settle'>;
  /** Groups of the definitions in force. */
  readonly groups: () => GroupDirectory;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
}

export const MINIMUM_PASSWORD_LENGTH = 6;
/** Built into every installation that defines it: what developers belong to. */
const DEVELOPERS = 'developers';

export function createUserService(deps: UserDeps): UserService {
  const { store, passwords, sessions } = deps;
  const print = (user: UserRecord): UserJson => userJson(user, deps.groups());

  const find = async (name: string): Promise<UserRecord> => {
    const byId = /^[0-9a-f]{24}$/.test(name) ? await store.findById(ObjectId.createFromHexString(name)) : null;
    const user = byId ?? (await store.findByEmail(name));
    if (!user) throw notFound(`User [${name}] was not found`);
    return user;
  };

  const changeStatus = async (ctx: Context, name: string, from: readonly UserStatus[], to: UserStatus) => {
    requireManager(ctx);
    const user = await find(name);
    if (user.data.status === to) return print(user);
    const changed = await store.changeStatus(user._id, from, to);
    if (!changed)
      throw badRequest(`User [${name}] is ${user.data.status}, only ${from.join(' and ')} ones can become ${to} so`);
    await sessions.settle(changed);
    return print(changed);
  };

  return {
    current: async (ctx) => print(await find(ctx.principal.id)),
    create: async (ctx, input) => {
      requireManager(ctx);
      const groups = await checkInput(input, deps.groups());
      const passwordHash = await passwords.hash(input.password);
      const user = buildUser({ ...input, groups, systemUser: false, passwordHash }, new Date(deps.now()));
      if (await store.insert(user)) {
        throw validationErrors([
          fieldError('email', 'notUnique', 'There is already a record with this value', input.email),
        ]);
      }
      return print(user);
    },
    list: async (ctx) => {
      requireManager(ctx);
      return (await store.list()).map(print);
    },
    setPassword: async (ctx, name, password) => {
      requireManager(ctx);
      const problem = passwordProblem(password);
      if (problem) throw validationErrors([problem]);
      const user = await find(name);
      const changed = await store.setPassword(user._id, await passwords.hash(password), new Date(deps.now()));
      if (!changed) throw notFound(`User [${name}] was not found`);
      await sessions.settle(changed);
      return print(changed);
    },
    deactivate: (ctx, name) => changeStatus(ctx, name, ['ACTIVE', 'BLOCKED'], 'INACTIVE'),
    reactivate: (ctx, name) => changeStatus(ctx, name, ['INACTIVE'], 'ACTIVE'),
    unblock: (ctx, name) => changeStatus(ctx, name, ['BLOCKED'], 'ACTIVE'),
  };
}

function requireManager(ctx: Context): void {
  if (ctx.principal.developer || ctx.principal.system) return;
  throw forbidden("You don't have permissions to manage users");
}

/** Checks everything but uniqueness, which the index decides; returns the groups. */
function checkInput(input: UserInput, directory: GroupDirectory): readonly GroupRef[] {
  const errors: FieldError[] = [];
  if (input.firstName.trim() === '') errors.push(fieldError('firstName', 'required', 'First name cannot be empty'));
  if (input.lastName.trim() === '') errors.push(fieldError('lastName', 'required', 'Last name cannot be empty'));
  errors.push(...emailProblems(input.email));
  const problem = passwordProblem(input.password);
  if (problem) errors.push(problem);
  const groups = findGroups(input, directory, errors);
  if (errors.length > 0) throw validationErrors(errors);
  return groups;
}

function findGroups(input: UserInput, directory: GroupDirectory, errors: FieldError[]): GroupRef[] {
  const developers = input.developer ? directory.byName(DEVELOPERS) : undefined;
  const names = input.groups.length === 0 && developers ? [developers.name] : input.groups;
  if (names.length === 0 && !input.developer) {
    errors.push(fieldError('groups', 'required', 'A user needs at least one group'));
  }
  return [...new Set(names)].flatMap((name, index) => {
    const group = directory.byName(name) ?? directory.byId(name);
    if (!group) errors.push(fieldError(`groups[${index}]`, 'notFound', `Group [${name}] was not found`, name));
    return group ?? [];
  });
}

/** The problem of a new password, or null (spec auth-jobs-logs-files §5.5). */
function passwordProblem(password: string): FieldError | null {
  if (password.trim() === '') return fieldError('password', 'required', 'Password cannot be empty');
  if (password.length >= MINIMUM_PASSWORD_LENGTH) return null;
  return fieldError('password', 'invalid', `Password must have at least ${MINIMUM_PASSWORD_LENGTH} characters`);
}

function emailProblems(email: string): FieldError[] {
  if (email.trim() === '') return [fieldError('email', 'required', 'Email cannot be empty')];
  return isEmail(email.trim()) ? [] : [fieldError('email', 'invalidEmail', 'Not a valid email', email)];
}

/** Field errors of users carry no label (spec auth-jobs-logs-files §5.5); a rejected password is never repeated. */
function fieldError(field: string, code: string, message: string, rejectedValue?: string): FieldError {
  const additionalInfo = rejectedValue === undefined ? null : { rejectedValue };
  return { field, fieldLabel: null, code, message, additionalInfo };
}
