// Users: first start, creation and its checks, races, the JSON of the API (spec auth-jobs-logs-files §5).
import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { type Context, NO_ACCESS, SYSTEM_USER_ID } from '../../../src/context.ts';
import type { AppError } from '../../../src/errors.ts';
import type { Accounts } from '../../../src/users/accounts.ts';
import { addUser, groups, PASSWORD, system, testAccounts } from './accounts.ts';

const harness = testAccounts();
const stored = () => harness.db().collection('data.sys.users');
let accounts: Accounts;

describe('the first start', () => {
  test('of several processes at once creates one administrator, whose password one of them shows', async () => {
    const processes = await Promise.all(
      ['a@test.com', 'b@test.com', 'a@test.com', 'b@test.com'].map((adminEmail) =>
        harness.open({ adminEmail, adminPassword: undefined, authCacheMs: 0 }),
      ),
    );
    const created = processes.flatMap(({ administrator }) => administrator ?? []);
    expect(created).toHaveLength(1);
    expect(await stored().countDocuments({ 'data.permissions.systemUser': false })).toBe(1);
    const [{ email, password }] = created as [{ email: string; password: string }];
    expect(password).toMatch(/^[A-Za-z0-9]{20}$/);
    accounts = processes[0] as Accounts;
    const { token } = await accounts.auth.login({ email, password }, null);
    const { principal } = await accounts.auth.authenticate(token);
    expect(principal).toMatchObject({ developer: true, system: false, groups: ['developers'] });
  });

  test('is not repeated, whatever the settings say then', async () => {
    const later = await harness.open({ adminEmail: 'other@test.com', adminPassword: 'other password' });
    expect(later.administrator).toBeNull();
    expect(await stored().countDocuments()).toBe(2);
  });

  test('makes the record of the system user, who can not log in', async () => {
    const record = await stored().findOne({ _id: ObjectId.createFromHexString(SYSTEM_USER_ID) });
    expect(record).toMatchObject({
      label: 'System User',
      data: { permissions: { systemUser: true, developer: false } },
    });
    expect(record?.auth).not.toHaveProperty('passwordHash');
  });
});

test('a given password is used and not shown', async () => {
  await stored().deleteMany({});
  const first = await harness.open({ adminEmail: 'admin@test.com', adminPassword: 'given password', authCacheMs: 0 });
  expect(first.administrator).toEqual({ email: 'admin@test.com', password: null });
  accounts = first;
  expect(await first.auth.login({ email: 'ADMIN@test.com', password: 'given password' }, null)).toBeTruthy();
});

describe('create', () => {
  const input = {
    email: 'New@Test.com',
    firstName: 'New',
    lastName: 'Person',
    password: PASSWORD,
    developer: false,
    groups: ['sales', 'a'.repeat(24)],
  };

  test('answers the JSON of the contract', async () => {
    const user = await accounts.users.create(system, input);
    expect(user).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      email: 'New@Test.com',
      status: 'ACTIVE',
      firstName: 'New',
      lastName: 'Person',
      fullName: 'New Person',
      groups: [
        { id: 'b'.repeat(24), name: 'sales', label: 'Sales people', primary: true, external: false },
        { id: 'a'.repeat(24), name: 'developers', label: 'Developers', primary: false, external: false },
      ],
      permissions: { developer: false, usersManagement: false },
      localization: { timezoneMode: 'AUTO', timezone: null },
      identityProviders: [{ id: '__slingr__', name: 'slingr', label: 'Slingr', externalId: null }],
      version: 0,
    });
  });

  test('stores a record of sys.users with the secrets beside its data', async () => {
    const record = await stored().findOne({ 'data.email': 'New@Test.com' });
    expect(Object.keys(record ?? {}).sort()).toEqual([
      '__label_lower_case__',
      '_id',
      'auth',
      'data',
      'label',
      'version',
    ]);
    expect(record).toMatchObject({
      version: 0,
      label: 'New Person',
      __label_lower_case__: 'new person',
      data: {
        emailStandardized: 'new@test.com',
        created: expect.any(Date),
        groups: [
          { _id: expect.any(ObjectId), _label: 'Groups 1', primary: true, group: { label: 'Sales people' } },
          { primary: false, group: { __label_lower_case__: 'developers' } },
        ],
      },
      auth: { passwordHash: expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/), failedLoginAttempts: 0 },
    });
    expect(record?.data.groups[0].group._id.toHexString()).toBe(groups.byName('sales')?.id);
  });

  test('names every mistake at once, without the password', async () => {
    const wrong = { ...input, firstName: ' ', lastName: '', email: 'no e-mail', password: 'short', groups: ['nope'] };
    const error: AppError = await accounts.users.create(system, wrong).catch((refusal) => refusal);
    expect(error).toMatchObject({ code: 'validationErrors', status: 400 });
    expect(error.errors?.map(({ field, fieldLabel, code }) => [field, fieldLabel, code])).toEqual([
      ['firstName', null, 'required'],
      ['lastName', null, 'required'],
      ['email', null, 'invalidEmail'],
      ['password', null, 'invalid'],
      ['groups[0]', null, 'notFound'],
    ]);
    expect(JSON.stringify(error.errors)).not.toContain('short');
    expect(error.errors?.[0]?.message).toBe('First name cannot be empty');
  });

  test('needs a group, but for developers', async () => {
    await expect(accounts.users.create(system, { ...input, email: 'x@test.com', groups: [] })).rejects.toMatchObject({
      errors: [expect.objectContaining({ field: 'groups', code: 'required' })],
    });
    const developer = await accounts.users.create(system, {
      ...input,
      email: 'dev@test.com',
      groups: [],
      developer: true,
    });
    expect(developer.groups).toMatchObject([{ name: 'developers', primary: true }]);
  });

  test('of one e-mail at the same time, in any case, succeeds once', async () => {
    const emails = ['race@test.com', 'Race@test.com', 'RACE@TEST.COM', ' race@test.com'];
    const outcomes = await Promise.allSettled(emails.map((email) => addUser(accounts, email)));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused).toHaveLength(3);
    for (const reason of refused) {
      expect(reason).toMatchObject({ code: 'validationErrors', errors: [{ field: 'email', code: 'notUnique' }] });
    }
  });
});

describe('status', () => {
  test('moves as the contract says, each change one version, no change none', async () => {
    await addUser(accounts, 'moves@test.com');
    const { users } = accounts;
    expect(await users.unblock(system, 'moves@test.com')).toMatchObject({ status: 'ACTIVE', version: 0 });
    expect(await users.deactivate(system, 'MOVES@test.com')).toMatchObject({ status: 'INACTIVE', version: 1 });
    expect(await users.deactivate(system, 'moves@test.com')).toMatchObject({ status: 'INACTIVE', version: 1 });
    await expect(users.unblock(system, 'moves@test.com')).rejects.toMatchObject({ code: 'badRequest', status: 400 });
    expect(await users.reactivate(system, 'moves@test.com')).toMatchObject({ status: 'ACTIVE', version: 2 });
    await stored().updateOne({ 'data.email': 'moves@test.com' }, { $set: { 'data.status': 'BLOCKED' } });
    await expect(users.reactivate(system, 'moves@test.com')).rejects.toMatchObject({ status: 400 });
    expect(await users.setPassword(system, 'moves@test.com', 'new password')).toMatchObject({
      status: 'ACTIVE',
      version: 3,
    });
    expect(await accounts.auth.login({ email: 'moves@test.com', password: 'new password' }, null)).toBeTruthy();
  });

  test('an inactive user stays inactive with a new password', async () => {
    await addUser(accounts, 'gone@test.com');
    await accounts.users.deactivate(system, 'gone@test.com');
    expect(await accounts.users.setPassword(system, 'gone@test.com', 'new password')).toMatchObject({
      status: 'INACTIVE',
    });
  });

  test.each(['nobody@test.com', 'f'.repeat(24), 'name'])('unknown user %s', async (name) => {
    await expect(accounts.users.deactivate(system, name)).rejects.toMatchObject({ code: 'notFound', status: 404 });
  });
});

test('only developers and system work manage users', async () => {
  const principal = { ...system.principal, system: false };
  const ctx: Context = { ...system, origin: 'user', principal, accessTo: () => NO_ACCESS };
  const calls = [
    accounts.users.list(ctx),
    accounts.users.deactivate(ctx, 'new@test.com'),
    accounts.users.setPassword(ctx, 'new@test.com', 'new password'),
    accounts.users.unblock(ctx, 'new@test.com'),
    accounts.users.create(ctx, { email: '', firstName: '', lastName: '', password: '', developer: true, groups: [] }),
  ];
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'forbidden', status: 403 });
});

test('the list is newest first and holds no secret', async () => {
  const list = await accounts.users.list(system);
  const ids = list.map(({ id }) => id);
  expect(ids).toEqual([...ids].sort().reverse());
  expect(JSON.stringify(list)).not.toMatch(/argon2|passwordHash|failedLoginAttempts|sessionEpoch/);
});
