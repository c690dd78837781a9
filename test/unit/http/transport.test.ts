// Headers, CORS, HTTPS, proxies and the log line.
import type { FastifyInstance, InjectOptions } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config.ts';
import { buildApp } from '../../../src/http/app.ts';
import { type FakeServices, fakeServices, TOKEN } from './fake-services.ts';

let app: FastifyInstance;
let fake: FakeServices;
afterEach(() => app.close());

async function send(settings: Partial<Config>, request: InjectOptions) {
  fake = fakeServices(settings);
  app = await buildApp(fake.services);
  return app.inject(request);
}

const URL_ = '/api/data/companies';
const ORIGIN = 'https://app.example.com';

describe('CORS', () => {
  const answers: [string, InjectOptions][] = [
    ['200', { url: URL_, headers: { token: TOKEN } }],
    ['400', { url: `${URL_}?a=%`, headers: { token: TOKEN } }],
    ['400', { url: '/api/data/%E0', headers: { token: TOKEN } }],
    ['401', { url: URL_ }],
    ['404', { url: '/api/nope' }],
    ['429', { url: '/api/auth/login', method: 'POST' }],
  ];

  test.each(answers)('any origin may read a %s answer, without credentials', async (status, request) => {
    const response = await send({}, { ...request, headers: { ...request.headers, origin: ORIGIN } });
    expect(String(response.statusCode)).toBe(status);
    expect(response.headers['access-control-allow-origin']).toBe('*');
    expect(response.headers['access-control-expose-headers']).toContain('x-request-id');
    expect(response.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  test.each(answers)('only listed origins may read a %s answer', async (_status, request) => {
    const settings = { corsOrigins: [ORIGIN] };
    const known = await send(settings, { ...request, headers: { ...request.headers, origin: ORIGIN } });
    expect(known.headers).toMatchObject({ 'access-control-allow-origin': ORIGIN, vary: 'Origin' });
    await app.close();
    const unknown = await send(settings, {
      ...request,
      headers: { ...request.headers, origin: 'https://evil.example' },
    });
    expect(unknown.headers).not.toHaveProperty('access-control-allow-origin');
    expect(unknown.headers).toMatchObject({ vary: 'Origin' });
  });

  test.each([URL_, '/prod/runtime/api/auth/login', '/api/nope'])('a preflight for %s needs no token', async (url) => {
    const headers = {
      origin: ORIGIN,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'token',
    };
    const response = await send({ requireHttps: true }, { method: 'OPTIONS', url, headers });
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'token, content-type, accept, authorization',
    });
  });
});

test('security headers', async () => {
  const { headers } = await send({}, { url: URL_ });
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
  });
  expect(headers).not.toHaveProperty('strict-transport-security');
  await app.close();
  const encrypted = await send({}, { url: URL_, headers: { 'x-forwarded-proto': 'https' } });
  expect(encrypted.headers['strict-transport-security']).toMatch(/^max-age=\d+/);
});

describe('REQUIRE_HTTPS', () => {
  test.each<[string | undefined, number]>([
    [undefined, 400],
    ['http', 400],
    ['https', 200],
    ['https, http', 200],
  ])('X-Forwarded-Proto %s: %d', async (proto, status) => {
    const headers = { token: TOKEN, ...(proto ? { 'x-forwarded-proto': proto } : {}) };
    const response = await send({ requireHttps: true }, { url: URL_, headers });
    expect(response.statusCode).toBe(status);
    if (status === 400) expect(response.json()).toMatchObject({ code: 'badRequest' });
  });

  test('probes may come over plain HTTP', async () => {
    expect((await send({ requireHttps: true }, { url: '/health/live' })).statusCode).toBe(200);
  });
});

describe("the caller's address", () => {
  test.each<[Config['trustProxy'], string, string, string]>([
    [false, '10.0.0.1', '1.2.3.4', '::ffff:10.0.0.1'],
    [true, '10.0.0.1', '1.2.3.4', '::ffff:1.2.3.4'],
    [true, '10.0.0.1', '2001:DB8::1', '2001:db8::1'],
    [true, '10.0.0.1', '1.2.3.4:5678', '::ffff:1.2.3.4'],
    [true, '10.0.0.1', 'unknown', '::ffff:10.0.0.1'],
    ['10.0.0.0/8', '10.0.0.1', '9.9.9.9, 1.2.3.4', '::ffff:1.2.3.4'],
    ['10.0.0.0/8', '11.0.0.1', '1.2.3.4', '::ffff:11.0.0.1'],
    [1, '10.0.0.1', '9.9.9.9, 1.2.3.4', '::ffff:1.2.3.4'],
    [2, '10.0.0.1', '9.9.9.9, 1.2.3.4', '::ffff:9.9.9.9'],
    [false, '::1', '1.2.3.4', '::1'],
    [false, '::ffff:10.0.0.1', '1.2.3.4', '::ffff:10.0.0.1'],
  ])('TRUST_PROXY %s, from %s, forwarded for %s: %s', async (trustProxy, remoteAddress, forwarded, shown) => {
    const headers = { token: TOKEN, 'x-forwarded-for': forwarded };
    await send({ trustProxy }, { url: URL_, headers, remoteAddress });
    expect(fake.contexts[0]?.ip).toBe(shown);
  });
});

describe('the request id', () => {
  test.each<[Config['trustProxy'], string, boolean]>([
    [true, 'abc-123', true],
    [true, 'a b\u0000', false],
    [true, 'x'.repeat(65), false],
    [false, 'abc-123', false],
  ])('TRUST_PROXY %s, X-Request-Id %j: kept %s', async (trustProxy, id, kept) => {
    const response = await send({ trustProxy }, { url: URL_, headers: { 'x-request-id': id } });
    expect(response.headers['x-request-id'] === id).toBe(kept);
  });
});

describe('the log', () => {
  const lines = () => fake.logged.filter(({ msg }) => msg === 'request');

  test('has one line a request, without secrets and without values of the query', async () => {
    await send(
      {},
      {
        method: 'GET',
        url: `${URL_}?taxId=123-45-6789&_size=5`,
        headers: { token: TOKEN, authorization: 'Bearer secret', cookie: 'token=secret' },
        remoteAddress: '10.0.0.1',
      },
    );
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toMatchObject({
      level: 30,
      method: 'GET',
      path: URL_,
      query: 'taxId,_size',
      status: 200,
      ms: expect.any(Number),
      user: '0'.repeat(24),
      ip: '::ffff:10.0.0.1',
      requestId: expect.any(String),
    });
    expect(JSON.stringify(fake.logged)).not.toMatch(/secret|6789|AAAA/);
  });

  test('shortens long paths and leaves probes out of the usual level', async () => {
    await send({}, { url: `${URL_}/${'1'.repeat(20_000)}`, headers: { token: TOKEN } });
    expect(String(lines()[0]?.path).length).toBeLessThan(310);
    await app.close();
    await send({}, { url: '/health/live' });
    expect(lines()).toMatchObject([{ level: 20 }]);
  });

  test('has a line for what has no route or no proper path too', async () => {
    for (const [url, status] of [
      ['/api/nope', 404],
      ['/api/data/%E0', 400],
    ] as const) {
      await send({}, { url });
      expect(lines()).toMatchObject([{ status, path: url }]);
      await app.close();
    }
  });
});
