// Routes and transport rules (spec auth-jobs-logs-files §1, spec README): what reaches the services, and what is refused before.
import type { FastifyInstance, InjectOptions } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AppError, unavailable, validationErrors } from '../../../src/errors.ts';
import { buildApp } from '../../../src/http/app.ts';
import { type FakeServices, fakeServices, POWERLESS, TOKEN } from './fake-services.ts';

let fake: FakeServices;
let app: FastifyInstance;
beforeAll(async () => {
  fake = fakeServices();
  app = await buildApp(fake.services);
});
afterAll(() => app.close());
beforeEach(() => {
  fake.calls.length = 0;
  fake.contexts.length = 0;
  fake.answer = null;
});

const BASES = ['/prod/runtime/api', '/api'];
const JSON_TYPE = { 'content-type': 'application/json' };

async function send(method: string, url: string, more: Omit<InjectOptions, 'method' | 'url'> = {}) {
  const headers = { token: TOKEN, ...more.headers };
  const response = await app.inject({ ...more, method: method as 'GET', url, headers });
  return { status: response.statusCode, headers: response.headers, body: response.body && response.json() };
}

describe.each(BASES)('%s', (base) => {
  test.each<[string, string, unknown, unknown[]]>([
    ['GET', '/data/companies', undefined, ['list', 'companies', []]],
    ['GET', '/data/companies/', undefined, ['list', 'companies', []]],
    ['GET', '/data/companies?', undefined, ['list', 'companies', []]],
    ['GET', '/data/companies/?', undefined, ['list', 'companies', []]],
    [
      'GET',
      '/data/companies?b=1&a=x+y%2B&b=',
      undefined,
      [
        'list',
        'companies',
        [
          ['b', '1'],
          ['a', 'x y+'],
          ['b', ''],
        ],
      ],
    ],
    ['GET', '/data/scm.workOrders', undefined, ['list', 'scm.workOrders', []]],
    [
      'GET',
      '/data/companies/57fd2d65e4b0ce322b0c8665',
      undefined,
      ['read', 'companies', '57fd2d65e4b0ce322b0c8665', []],
    ],
    ['GET', '/data/companies/a%2Fb/?x', undefined, ['read', 'companies', 'a/b', [['x', '']]]],
    ['POST', '/data/companies', { name: 'ü' }, ['create', 'companies', { name: 'ü' }]],
    ['POST', '/data/companies', [], ['create', 'companies', []]],
    [
      'PUT',
      '/data/companies/57fd2d65e4b0ce322b0c8665',
      { a: 1 },
      ['update', 'companies', '57fd2d65e4b0ce322b0c8665', { a: 1 }],
    ],
    ['PUT', '/data/companies/aggregate?x=1', [{ a: 1 }], ['aggregate', 'companies', [{ a: 1 }]]],
    [
      'DELETE',
      '/data/companies/57fd2d65e4b0ce322b0c8665/',
      undefined,
      ['removeNamed', 'companies', ['57fd2d65e4b0ce322b0c8665'], []],
    ],
    [
      'DELETE',
      '/data/companies/57fd2d65e4b0ce322b0c8665,?_async=false',
      undefined,
      ['removeNamed', 'companies', ['57fd2d65e4b0ce322b0c8665'], [['_async', 'false']]],
    ],
    [
      'DELETE',
      '/data/companies/1,%202?_async=true',
      undefined,
      ['removeNamed', 'companies', ['1', '2'], [['_async', 'true']]],
    ],
    ['DELETE', '/data/companies?type=a', undefined, ['removeMatching', 'companies', [['type', 'a']]]],
  ])('%s %s %j', async (method, path, payload, call) => {
    const response = await send(method, base + path, payload === undefined ? {} : { payload: payload as object });
    expect(response).toMatchObject({ status: 200, body: { called: call[0] } });
    expect(response.headers['content-type']).toMatch(/^application\/json/);
    expect(fake.calls).toEqual([call]);
  });

  test.each(['POST', 'PUT', 'DELETE', 'GET'])('%s with a JSON type and no body, {}, or blanks', async (method) => {
    const path = method === 'POST' ? '/data/companies' : '/data/companies/1';
    for (const payload of [undefined, '', '{}', ' \r\n']) {
      for (const url of [base + path, `${base + path}/`]) {
        const response = await send(method, url, { headers: JSON_TYPE, ...(payload === undefined ? {} : { payload }) });
        expect(response.status).toBe(200);
      }
    }
    if (method === 'POST' || method === 'PUT') for (const call of fake.calls) expect(call.at(-1)).toEqual({});
  });
});

test.each([
  '/data/companies',
  '/dev/runtime/api/data/companies',
  '/prod/api/data/companies',
  '/api/nope',
  '/',
  '//',
  '/API/data/companies',
])('%s does not exist, with and without a token', async (url) => {
  for (const headers of [{ token: TOKEN }, { token: '' }]) {
    const response = await send('GET', url, { headers });
    expect(response).toMatchObject({ status: 404, body: { code: 'notFound', message: `There is no GET ${url}` } });
  }
});

test.each(['PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'POST'])(
  '%s of a record does not exist',
  async (method) => {
    expect(await send(method, '/api/data/companies/1')).toMatchObject({ status: 404, body: { code: 'notFound' } });
  },
);

test('HEAD answers as GET, without a body', async () => {
  expect(await send('HEAD', '/api/data/companies')).toMatchObject({ status: 200, body: '' });
  expect(await send('HEAD', '/api/data/companies', { headers: { token: 'x' } })).toMatchObject({
    status: 401,
    body: '',
  });
});

describe('order of checks', () => {
  const broken = { headers: JSON_TYPE, payload: '{"a"' };
  test.each<[string, string, string, object, number, string]>([
    ['route before token', 'POST', '/api/nope', { ...broken, headers: { ...JSON_TYPE, token: '' } }, 404, 'notFound'],
    [
      'token before entity',
      'POST',
      '/api/data/nothing',
      { ...broken, headers: { ...JSON_TYPE, token: '' } },
      401,
      'unauthorized',
    ],
    ['entity before body', 'POST', '/api/data/nothing', broken, 404, 'notFound'],
    ['entity before query', 'GET', '/api/data/nothing?a=%', {}, 404, 'notFound'],
    [
      'rights before body',
      'PUT',
      '/api/data/companies/1',
      { ...broken, headers: { ...JSON_TYPE, token: POWERLESS } },
      403,
      'forbidden',
    ],
    ['rights before query', 'GET', '/api/data/companies?a=%', { headers: { token: POWERLESS } }, 403, 'forbidden'],
    [
      'rights before what is missing',
      'DELETE',
      '/api/data/companies?a=b',
      { headers: { token: POWERLESS } },
      403,
      'forbidden',
    ],
    ['then body', 'POST', '/api/data/companies', broken, 400, 'badRequest'],
    ['then query', 'GET', '/api/data/companies?a=%', {}, 400, 'badRequest'],
  ])('%s', async (_name, method, url, more, status, code) => {
    expect(await send(method, url, more)).toMatchObject({ status, body: { code } });
  });
});

describe('deletes of nothing named', () => {
  test.each(['/api/data/companies/', '/api/data/companies/?_size=5'])('%s', async (url) => {
    expect(await send('DELETE', url)).toMatchObject({
      status: 400,
      body: { code: 'badRequest', message: expect.stringContaining('names no records to delete') },
    });
    expect(fake.calls).toEqual([]);
  });
});

describe('errors of services', () => {
  test('carry their status, body and headers', async () => {
    fake.answer = () => {
      throw new AppError('custom', 'made up by a script', { headers: { 'retry-after': '7' } });
    };
    const response = await send('GET', '/api/data/companies');
    expect(response).toMatchObject({ status: 400, body: { code: 'custom', message: 'made up by a script' } });
    expect(response.headers['retry-after']).toBe('7');
    expect(Object.keys(response.body)).toEqual(['code', 'message']);
  });

  test('validation errors keep all five keys', async () => {
    const errors = [
      { field: 'a[0]', fieldLabel: 'A', code: 'required', message: 'This field is required', additionalInfo: null },
    ];
    fake.answer = () => {
      throw validationErrors(errors);
    };
    expect((await send('POST', '/api/data/companies')).body).toEqual({
      code: 'validationErrors',
      message: 'There are validation errors',
      errors,
    });
  });

  test.each<[string, unknown]>([
    ['an error', new Error('secret of the database')],
    ['a type error', new TypeError('x is not a function')],
    ['a text', 'secret'],
    ['nothing', undefined],
    ['null', null],
    ['an error that looks like a server error of Fastify', Object.assign(new Error('secret'), { statusCode: 503 })],
  ])('%s that nobody expected is a 500 without internals, and in the log', async (_name, thrown) => {
    fake.answer = () => {
      throw thrown;
    };
    const response = await send('GET', '/api/data/companies');
    expect(response).toMatchObject({ status: 500, body: { code: 'unknownError' } });
    expect(JSON.stringify(response.body)).not.toMatch(/secret|function|\.ts/);
    const id = response.headers['x-request-id'];
    expect(fake.logged).toContainEqual(expect.objectContaining({ level: 50, requestId: id }));
  });

  test('a service that is away is said in one line, without a stack', async () => {
    fake.answer = () => {
      throw unavailable('The database is not available at the moment', new Error('no primary'));
    };
    expect(await send('GET', '/api/data/companies')).toMatchObject({
      status: 503,
      body: { code: 'applicationUnavailable' },
    });
    const line = fake.logged.find(({ reason }) => reason === 'Error: no primary');
    expect(line).toMatchObject({ level: 40 });
    expect(line).not.toHaveProperty('err');
  });

  test('an answer that can not be printed is a 500 too', async () => {
    fake.answer = () => ({ big: 1n });
    expect(await send('GET', '/api/data/companies')).toMatchObject({ status: 500, body: { code: 'unknownError' } });
  });
});

describe('context', () => {
  test('names caller, zone and request', async () => {
    const { headers } = await send('GET', '/api/data/companies', { remoteAddress: '10.0.0.1' });
    expect(fake.contexts[0]).toMatchObject({
      origin: 'user',
      reason: null,
      ip: '::ffff:10.0.0.1',
      zone: 'UTC',
      requestId: headers['x-request-id'],
      principal: { email: 'developer@test.com' },
    });
    fake.contexts[0]?.log.info('said by a service');
    expect(fake.logged.at(-1)).toMatchObject({ requestId: headers['x-request-id'], user: '0'.repeat(24) });
  });

  test('request ids differ', async () => {
    const ids = await Promise.all(
      Array.from({ length: 50 }, async () => (await send('GET', '/api/nope')).headers['x-request-id']),
    );
    expect(new Set(ids).size).toBe(50);
  });
});

test('logout and the current user', async () => {
  expect(await send('POST', '/api/auth/logout', { headers: JSON_TYPE, payload: '{"broken' })).toMatchObject({
    status: 200,
    body: {},
  });
  expect(await send('GET', '/api/users/current')).toMatchObject({ status: 200, body: { id: '0'.repeat(24) } });
  for (const [method, url] of [
    ['POST', '/api/auth/logout'],
    ['GET', '/api/users/current'],
  ] as const) {
    expect(await send(method, url, { headers: { token: 'x' } })).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
  }
});

test('OAuth is closed, whatever is sent', async () => {
  for (const more of [
    {},
    { headers: JSON_TYPE, payload: '{"broken' },
    { payload: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  ]) {
    const response = await send('POST', '/api/oauth/token?grant_type=refresh_token', {
      ...more,
      headers: { token: '', ...more.headers },
    });
    expect(response).toMatchObject({ status: 400, body: { code: 'badRequest', message: 'OAuth is not enabled' } });
  }
});

test('health is at the root, without a token, and says when it is not well', async () => {
  expect(await send('GET', '/health/live', { headers: { token: '' } })).toMatchObject({ status: 200 });
  expect(await send('GET', '/health/ready', { headers: { token: '' } })).toMatchObject({
    status: 200,
    body: { status: 'ready' },
  });
  const ill = fakeServices();
  Object.assign(ill.services, {
    health: { report: async () => ({ status: 'unavailable', checks: { mongodb: 'down' } }) },
  });
  const other = await buildApp(ill.services);
  const response = await other.inject('/health/ready');
  expect([response.statusCode, response.json()]).toEqual([503, { status: 'unavailable', checks: { mongodb: 'down' } }]);
  await other.close();
});
