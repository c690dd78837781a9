// Login, tokens and the current user over HTTP, with real users and sessions (spec auth-jobs-logs-files §12.1, 12.2, 12.4, 12.5).
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../../src/http/app.ts';
import type { Accounts } from '../../src/users/accounts.ts';
import { addUser, PASSWORD, testAccounts } from '../integration/auth/accounts.ts';
import { fakeServices } from '../unit/http/fake-services.ts';

const harness = testAccounts();
let accounts: Accounts;
let app: FastifyInstance;
let base: string;

beforeAll(async () => {
  accounts = await harness.open({ appName: 'appname', authCacheMs: 50 });
  const { services } = fakeServices({ appName: 'appname', trustProxy: 'loopback' });
  const { auth, users } = accounts;
  app = await buildApp(Object.assign(services, { auth, users }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  base = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/prod/runtime/api`;
});
afterAll(() => app.close());

async function call(method: string, path: string, headers: Record<string, string> = {}, body?: unknown) {
  const response = await fetch(base + path, {
    method,
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, string>;
  return { status: response.status, headers: response.headers, body: answer };
}

const login = (email: string, password = PASSWORD) => call('POST', '/auth/login', {}, { email, password });

interface Sample {
  readonly n: number;
  readonly request: { readonly path: string; readonly body: { readonly email: string; readonly password: string } };
  readonly response: { readonly body: Record<string, unknown> };
}
const sample = (n: number): Sample => {
  const file = new URL('../fixtures/contract/documented-samples.json', import.meta.url);
  const found = (JSON.parse(readFileSync(file, 'utf8')) as { samples: Sample[] }).samples.find((one) => one.n === n);
  if (!found) throw new Error(`sample ${n} is missing`);
  return found;
};

test('documented sample 42', async () => {
  const { request, response } = sample(42);
  const user = await addUser(accounts, request.body.email);
  const answer = await call('POST', request.path, { 'x-forwarded-for': '10.240.0.38' }, request.body);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  const { token, userId, ...same } = response.body;
  expect(answer.body).toEqual({ ...same, userId: user.id, token: expect.stringMatching(/^[A-Za-z0-9]{32}$/) });
  expect(answer.headers.get('set-cookie')).toBeNull();
  expect(String(token)).toHaveLength(answer.body.token?.length ?? 0);
  expect(userId).toHaveLength(24);
});

describe('errors of a login', () => {
  test.each<[string, unknown, number, string]>([
    ['no body', undefined, 400, 'badRequest'],
    ['an empty one', {}, 400, 'badRequest'],
    ['no password', { email: 'errors@test.com' }, 400, 'badRequest'],
    ['operators for texts', { email: { $gt: '' }, password: { $gt: '' } }, 400, 'badRequest'],
    ['an unknown e-mail', { email: 'nobody@test.com', password: PASSWORD }, 401, 'unauthorized'],
    ['a wrong password', { email: 'errors@test.com', password: 'wrong' }, 401, 'unauthorized'],
    [
      'impersonation without the right',
      { email: 'errors@test.com', password: PASSWORD, emailImpersonatedUser: 'x@test.com' },
      403,
      'forbidden',
    ],
  ])('%s', async (_name, body, status, code) => {
    await addUser(accounts, 'errors@test.com').catch(() => undefined);
    expect(await call('POST', '/auth/login', {}, body)).toMatchObject({
      status,
      body: { code, message: expect.any(String) },
    });
  });

  test('unknown e-mail and wrong password: the same bytes, but for the request id', async () => {
    await addUser(accounts, 'same@test.com');
    const [unknown, wrong] = [await login('unknown@test.com'), await login('same@test.com', 'wrong')];
    const shown = ({ status, headers, body }: Awaited<ReturnType<typeof call>>) => ({
      status,
      body,
      headers: [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date'),
    });
    expect(shown(unknown)).toEqual(shown(wrong));
  });
});

describe('a token', () => {
  let token: string;
  beforeAll(async () => {
    await addUser(accounts, 'token@test.com', { developer: true });
    token = (await login('token@test.com')).body.token ?? '';
  });

  test.each<[string, (value: string) => Record<string, string>]>([
    ['token', (value) => ({ token: value })],
    ['Token', (value) => ({ Token: value })],
    ['Authorization', (value) => ({ Authorization: `Bearer ${value}` })],
    ['the cookie', (value) => ({ cookie: `a=b; token=${value}` })],
  ])('works in %s', async (_name, headers) => {
    expect(await call('GET', '/users/current', headers(token))).toMatchObject({
      status: 200,
      body: { email: 'token@test.com' },
    });
    expect(await call('GET', '/data/companies', headers(token))).toMatchObject({ status: 200 });
    expect(await call('GET', '/users/current', headers('x'.repeat(32)))).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
  });

  test('in the cookie changes nothing', async () => {
    expect(await call('POST', '/data/companies', { cookie: `token=${token}` })).toMatchObject({ status: 401 });
  });

  test('is not taken from the query', async () => {
    expect(await call('GET', `/users/current?token=${token}`)).toMatchObject({ status: 401 });
  });

  test('ends with the logout, which answers {} and then 401', async () => {
    const headers = { token: (await login('token@test.com')).body.token ?? '' };
    expect(await call('POST', '/auth/logout', headers)).toMatchObject({ status: 200, body: {} });
    for (const [method, path] of [
      ['GET', '/users/current'],
      ['POST', '/auth/logout'],
    ] as const) {
      expect(await call(method, path, headers)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    }
    expect(await call('GET', '/users/current', { token })).toMatchObject({ status: 200 });
  });

  test('is over after 8 idle hours and kept alive by requests', async () => {
    try {
      harness.later = 7.9 * 3_600_000;
      expect(await call('GET', '/users/current', { token })).toMatchObject({ status: 200 });
      harness.later = 15.8 * 3_600_000;
      expect(await call('GET', '/users/current', { token })).toMatchObject({ status: 200 });
      harness.later = 24 * 3_600_000;
      expect(await call('GET', '/users/current', { token })).toMatchObject({ status: 401 });
    } finally {
      harness.later = 0;
    }
  });
});

test('the current user, as the contract shows it', async () => {
  const user = await addUser(accounts, 'current@test.com');
  const { token = '' } = (await login('current@test.com')).body;
  expect(await call('GET', '/users/current?appsVersion=true', { token })).toMatchObject({ status: 200, body: user });
});

test('a user without rights may log in but not read or write data', async () => {
  await addUser(accounts, 'powerless@test.com');
  const { token = '' } = (await login('powerless@test.com')).body;
  for (const [method, path] of [
    ['GET', '/data/companies'],
    ['POST', '/data/companies'],
    ['DELETE', '/data/companies/1'],
  ] as const) {
    expect(await call(method, path, { token })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  }
});
