// Login against the contract (spec auth-jobs-logs-files §4.1, §12.1, §12.2): answers, refusals, blocking, limits.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Accounts } from '../../../src/users/accounts.ts';
import { addUser, PASSWORD, system, testAccounts } from './accounts.ts';

const IP = '::ffff:10.240.0.38';
const harness = testAccounts();
let accounts: Accounts;
beforeAll(async () => {
  accounts = await harness.open({ appName: 'appname', authCacheMs: 0 });
});

const login = (email: string, password = PASSWORD, more: object = {}, ip: string | null = IP) =>
  accounts.auth.login({ email, password, ...more }, ip);

test('documented sample 42: exactly seven keys, and a token that works', async () => {
  const user = await addUser(accounts, 'user@test.com');
  const answer = await login('user@test.com');
  expect(answer).toEqual({
    app: 'appname',
    adminUserEmail: null,
    ip: IP,
    userEmail: 'user@test.com',
    userName: 'User Test',
    userId: user.id,
    token: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
  });
  const session = await accounts.auth.authenticate(answer.token);
  expect(session.principal).toMatchObject({ id: user.id, developer: false, groups: ['sales'], adminUserEmail: null });
});

test('neither the token nor the password is stored in clear', async () => {
  await addUser(accounts, 'stored@test.com');
  const { token } = await login('stored@test.com');
  for (const { name } of await harness.db().listCollections().toArray()) {
    const text = JSON.stringify(await harness.db().collection(name).find().toArray());
    expect(text).not.toContain(token);
    expect(text).not.toContain(Buffer.from(token).toString('base64'));
    expect(text).not.toContain(`"${PASSWORD}"`);
  }
});

test.each(['USER2@Test.com', '  user2@test.com '])('the e-mail %j finds user2@test.com', async (email) => {
  await addUser(accounts, 'User2@test.com').catch(() => undefined);
  expect(await login(email)).toMatchObject({ userEmail: 'User2@test.com' });
});

describe('bodies that are no login', () => {
  test.each<[unknown, string]>([
    [{}, '"email"'],
    [{ email: 'a@b.co' }, '"password"'],
    [{ password: 'x' }, '"email"'],
    [{ email: ' ', password: 'x' }, '"email"'],
    [{ email: 'a@b.co', password: ' ' }, '"password"'],
    [{ email: 1, password: 'x' }, '"email"'],
    [{ email: { $ne: null }, password: { $ne: null } }, '"email"'],
    [{ email: 'a@b.co', password: ['x'] }, '"password"'],
    [{ email: 'a@b.co', password: 'x', emailImpersonatedUser: 7 }, '"emailImpersonatedUser"'],
    [[], 'object'],
    [null, 'object'],
    ['text', 'object'],
  ])('%j names %s', async (body, named) => {
    await expect(accounts.auth.login(body, IP)).rejects.toMatchObject({
      code: 'badRequest',
      status: 400,
      message: expect.stringContaining(named),
    });
  });
});

test('an unknown e-mail, a wrong password, a user without password: one and the same 401', async () => {
  await addUser(accounts, 'known@test.com');
  const refusals = await Promise.all(
    ['unknown@test.com', 'known@test.com', 'system@trebuchet'].map((email) =>
      login(email, 'wrong').catch((error) => error),
    ),
  );
  for (const { code, status, message } of refusals) {
    expect({ code, status, message }).toEqual({
      code: 'unauthorized',
      status: 401,
      message: 'Wrong email or password',
    });
  }
});

describe('failures in a row', () => {
  test('the tenth blocks, also with the right password afterwards; unblocking restores', async () => {
    await addUser(accounts, 'blocked@test.com');
    const { token } = await login('blocked@test.com');
    for (let attempt = 0; attempt < 9; attempt += 1) await login('blocked@test.com', 'wrong').catch(() => undefined);
    expect(await accounts.auth.authenticate(token)).toBeTruthy();
    await expect(login('blocked@test.com', 'wrong')).rejects.toMatchObject({ status: 401 });

    await expect(login('blocked@test.com')).rejects.toMatchObject({ code: 'forbidden', status: 403 });
    await expect(accounts.auth.authenticate(token)).rejects.toMatchObject({ status: 401 });
    await expect(login('blocked@test.com', 'wrong')).rejects.toMatchObject({ status: 401 });

    expect(await accounts.users.unblock(system, 'blocked@test.com')).toMatchObject({ status: 'ACTIVE' });
    expect(await login('blocked@test.com')).toMatchObject({ userEmail: 'blocked@test.com' });
  });

  test('a login in between starts the count again', async () => {
    await addUser(accounts, 'patient@test.com');
    for (let round = 0; round < 3; round += 1) {
      for (let attempt = 0; attempt < 9; attempt += 1) await login('patient@test.com', 'wrong').catch(() => undefined);
      await login('patient@test.com');
    }
  });

  test('at the same time they are all counted, and one of them blocks', async () => {
    const { id } = await addUser(accounts, 'stormed@test.com');
    await Promise.allSettled(Array.from({ length: 25 }, () => login('stormed@test.com', 'wrong')));
    const stored = await harness.db().collection('data.sys.users').findOne({ 'data.email': 'stormed@test.com' });
    expect(stored?.auth.failedLoginAttempts).toBe(25);
    expect(stored).toMatchObject({ version: 1, data: { status: 'BLOCKED' } });
    expect(stored?._id.toHexString()).toBe(id);
  });
});

test('an inactive user is told so only after the right password', async () => {
  await addUser(accounts, 'inactive@test.com');
  await accounts.users.deactivate(system, 'inactive@test.com');
  await expect(login('inactive@test.com', 'wrong')).rejects.toMatchObject({ status: 401 });
  await expect(login('inactive@test.com')).rejects.toMatchObject({
    status: 403,
    message: 'Your user is inactive. Please contact support.',
  });
});

describe('as another user', () => {
  beforeAll(async () => {
    await addUser(accounts, 'manager@test.com', { developer: true });
    await addUser(accounts, 'employee@test.com');
    await addUser(accounts, 'sleeper@test.com');
    await accounts.users.deactivate(system, 'sleeper@test.com');
  });

  test('a developer acts with the rights of the other one and stays named', async () => {
    const answer = await login('manager@test.com', PASSWORD, { emailImpersonatedUser: 'Employee@test.com' });
    expect(answer).toMatchObject({ adminUserEmail: 'manager@test.com', userEmail: 'employee@test.com' });
    const { principal } = await accounts.auth.authenticate(answer.token);
    expect(principal).toMatchObject({
      email: 'employee@test.com',
      developer: false,
      adminUserEmail: 'manager@test.com',
    });
  });

  test('it ends when either of the two is deactivated', async () => {
    await addUser(accounts, 'boss@test.com', { developer: true });
    const answer = await login('boss@test.com', PASSWORD, { emailImpersonatedUser: 'employee@test.com' });
    await accounts.users.deactivate(system, 'boss@test.com');
    await expect(accounts.auth.authenticate(answer.token)).rejects.toMatchObject({ status: 401 });
  });

  test.each([
    ['employee@test.com', 'manager@test.com', 403],
    ['employee@test.com', 'nobody@test.com', 403],
    ['manager@test.com', 'nobody@test.com', 404],
    ['manager@test.com', 'sleeper@test.com', 403],
  ])('%s as %s: %d', async (email, emailImpersonatedUser, status) => {
    await expect(login(email, PASSWORD, { emailImpersonatedUser })).rejects.toMatchObject({ status });
  });

  test.each(['', ' ', null])('%j means nobody', async (emailImpersonatedUser) => {
    expect(await login('employee@test.com', PASSWORD, { emailImpersonatedUser })).toMatchObject({
      adminUserEmail: null,
    });
  });
});

describe('failures of one address', () => {
  test('are limited in every process until the window ends', async () => {
    const settings = { loginFailuresPerAddress: 3, loginFailureWindowMs: 60_000, authCacheMs: 0 };
    const [one, other] = [await harness.open(settings), await harness.open(settings)];
    await addUser(one, 'limited@test.com');
    const from = (process: Accounts, ip: string, password: string) =>
      process.auth.login({ email: 'limited@test.com', password }, ip).catch((error: unknown) => error);
    for (const process of [one, other, one]) {
      expect(await from(process, '2001:db8::1', 'wrong')).toMatchObject({ status: 401 });
    }
    for (const process of [one, other]) {
      const refusal = await from(process, '2001:db8::ffff', PASSWORD);
      expect(refusal).toMatchObject({ code: 'tooManyRequests', status: 429 });
      expect(Number((refusal as { headers: Record<string, string> }).headers['retry-after'])).toBeGreaterThan(50);
    }
    expect(await from(one, '2001:db8:0:1::1', PASSWORD)).toMatchObject({ userEmail: 'limited@test.com' });
    harness.later += 60_000;
    expect(await from(one, '2001:db8::1', PASSWORD)).toMatchObject({ userEmail: 'limited@test.com' });
    harness.later = 0;
  });
});
