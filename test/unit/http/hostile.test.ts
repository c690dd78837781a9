// Hostile bodies, queries, paths and headers on every route: always the contract's body, never a 500.
import type { FastifyInstance, InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../../../src/http/app.ts';
import { type FakeServices, fakeServices, TOKEN } from './fake-services.ts';

let fake: FakeServices;
let app: FastifyInstance;
beforeAll(async () => {
  fake = fakeServices({ bodyLimit: 100_000 });
  app = await buildApp(fake.services);
});
afterAll(() => app.close());

const WITH_BODY: [string, string][] = [
  ['POST', '/api/data/companies'],
  ['PUT', '/api/data/companies/57fd2d65e4b0ce322b0c8665'],
  ['PUT', '/api/data/companies/aggregate'],
  ['POST', '/prod/runtime/api/data/companies/'],
];
const ALL: [string, string][] = [
  ...WITH_BODY,
  ['GET', '/api/data/companies'],
  ['GET', '/api/data/companies/57fd2d65e4b0ce322b0c8665'],
  ['DELETE', '/api/data/companies/57fd2d65e4b0ce322b0c8665'],
  ['DELETE', '/api/data/companies'],
  ['POST', '/api/auth/login'],
  ['POST', '/api/auth/logout'],
  ['GET', '/api/users/current'],
  ['GET', '/health/live'],
  ['GET', '/api/nope'],
];

const deep = (levels: number, open = '[', close = ']') => open.repeat(levels) + close.repeat(levels);

async function send(method: string, url: string, more: InjectOptions) {
  const headers = { token: TOKEN, 'content-type': 'application/json', ...more.headers };
  const response = await app.inject({ ...more, method: method as 'GET', url, headers });
  return { status: response.statusCode, body: response.body === '' ? null : response.json() };
}

/** Bodies that must be refused, each with words of its message. */
const REFUSED: [string, string | Buffer, string][] = [
  ['half an object', '{"a"', 'not valid JSON'],
  ['no JSON', 'hello', 'not valid JSON'],
  ['single quotes', "{'a':1}", 'not valid JSON'],
  ['a trailing comma', '{"a":1,}', 'not valid JSON'],
  ['NaN', '{"a":NaN}', 'not valid JSON'],
  ['two values', '{}{}', 'not valid JSON'],
  ['a control character in a text', '{"a":"\u0001"}', 'not valid JSON'],
  ['a NUL byte', '\u0000', 'not valid JSON'],
  ['a byte order mark', '\ufeff{"a":1}', 'byte order mark'],
  ['UTF-16', Buffer.from('{"a":1}', 'utf16le'), ''],
  ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 'UTF-8'],
  ['half a character', Buffer.from([0x22, 0xc3, 0x22]), 'UTF-8'],
  ['an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'UTF-8'],
  ['65 levels of lists', deep(65), '64 levels'],
  ['40,000 levels of lists', deep(40_000), '64 levels'],
  ['10,000 levels of objects', deep(10_000, '{"a":', '}').replace('}', '1}'), '64 levels'],
  ['40,000 brackets that nothing closes', '['.repeat(40_000), '64 levels'],
  ['__proto__', '{"__proto__":{"admin":true}}', '__proto__'],
  ['__proto__ deep inside', '{"a":[{"b":{"__proto__":1}}]}', '__proto__'],
  ['__proto__ in escapes', '{"a":{"\\u005f_proto\\u005F_":1}}', '__proto__'],
  ['a body over the limit', JSON.stringify({ a: 'x'.repeat(100_000) }), 'too large'],
];

describe.each(WITH_BODY)('%s %s', (method, url) => {
  test.each(REFUSED)('refuses %s', async (_name, payload, words) => {
    expect(await send(method, url, { payload })).toEqual({
      status: 400,
      body: { code: 'badRequest', message: expect.stringContaining(words) },
    });
  });

  test.each<[string, string, unknown]>([
    ['the last of doubled keys', '{"a":1,"a":2}', { a: 2 }],
    ['64 levels', deep(64), JSON.parse(deep(64))],
    ['brackets in texts', JSON.stringify({ a: '['.repeat(500), b: '\\"[{' }), { a: '['.repeat(500), b: '\\"[{' }],
    ['__proto__ as a text', '{"a":"__proto__"}', { a: '__proto__' }],
    ['constructor and prototype', '{"constructor":{"prototype":1}}', { constructor: { prototype: 1 } }],
    ['a lone surrogate in escapes', '{"a":"\\ud800"}', { a: '\ud800' }],
    ['a huge number', '{"a":1e999}', { a: Number.POSITIVE_INFINITY }],
    ['null', 'null', null],
    ['a number', '1', 1],
    ['blanks around', ' \r\n\t{"a":1} ', { a: 1 }],
  ])('passes %s on', async (_name, payload, value) => {
    fake.calls.length = 0;
    expect((await send(method, url, { payload })).status).toBe(200);
    expect(fake.calls[0]).toContainEqual(value);
  });

  test.each<[string, number]>([
    ['application/json; charset=utf-8', 200],
    ['application/json;charset=UTF-8', 200],
    ['APPLICATION/JSON', 200],
    ['text/plain', 400],
    ['application/x-www-form-urlencoded', 400],
    ['multipart/form-data; boundary=x', 400],
    ['application/jsonp', 400],
    ['json', 400],
    [';;;', 400],
    ['x'.repeat(5_000), 400],
  ])('Content-Type %s: %d', async (type, status) => {
    const response = await send(method, url, { payload: '{}', headers: { 'content-type': type } });
    expect(response.status).toBe(status);
    if (status === 400) expect(response.body).toMatchObject({ code: 'badRequest' });
  });
});

test('a login needs no large body', async () => {
  const payload = JSON.stringify({ email: 'a@b.co', password: 'x'.repeat(70_000) });
  expect(await send('POST', '/api/auth/login', { payload })).toMatchObject({
    status: 400,
    body: { code: 'badRequest' },
  });
});

describe('paths', () => {
  test.each<[string, number]>([
    ['/api/data/%', 400],
    ['/api/data/%zz/1', 400],
    ['/api/data/companies/%E0%A4%A', 400],
    ['/api/data/companies/%C0%AF', 400],
    ['/%', 400],
    [`/api/data/companies/${'1'.repeat(100_001)}`, 400],
    [`/api/data/companies/${'a'.repeat(24_000)}`, 200],
    ['/api/data/companies/%00', 200],
    ['/api/data/companies/..%2f..%2fetc%2fpasswd', 200],
    ['/api/data/companies/../../etc/passwd', 404],
    ['/api//data/companies', 404],
    ['/api/data/', 404],
    ['/api/data/companies/1//', 404],
    ['/api/data/companies/<script>', 200],
    ['/api/data/companies/%F0%9F%98%80', 200],
    ['/api/data/companies/1#x', 200],
    ['/api/data/companies/1;v=1', 200],
  ])('%s: %d', async (url, status) => {
    const response = await send('GET', url, {});
    expect(response.status).toBe(status);
    if (status !== 200) expect(response.body).toEqual({ code: expect.any(String), message: expect.any(String) });
  });

  test('1,000 ids arrive whole', async () => {
    fake.calls.length = 0;
    const ids = Array.from({ length: 1_000 }, (_, index) => index.toString(16).padStart(24, '0')).join(',');
    expect((await send('GET', `/api/data/companies/${ids}`, {})).status).toBe(200);
    expect(fake.calls[0]?.[2]).toBe(ids);
  });
});

describe.each(ALL)('%s %s never answers 500 and always in the shape of the contract', (method, url) => {
  const QUERIES = [
    '%',
    '%ff',
    '=',
    '&&&',
    'a[b]=c',
    '__proto__=1',
    'constructor=1',
    'a=%00',
    '_size=__proto__',
    '?'.repeat(50),
    `${'a&'.repeat(9_000)}`,
  ];
  const HEADERS: Record<string, string>[] = [
    { token: '__proto__' },
    { token: 'constructor' },
    { token: 'x'.repeat(10_000) },
    { authorization: 'Bearer', token: '' },
    { authorization: `Bearer ${'x'.repeat(10_000)}`, token: '' },
    { cookie: 'token', token: '' },
    { cookie: 'token=;;==;token="', token: '' },
    { accept: 'text/plain, application/json, */*' },
    { accept: 'image/png' },
    { 'accept-encoding': 'br;q=x' },
    { 'content-length': 'abc' },
    { 'x-http-method-override': 'DELETE' },
    { 'x-forwarded-for': `${'1.1.1.1,'.repeat(1_000)}` },
    { 'accept-version': '9.9.9' },
    { origin: 'null' },
    { connection: 'upgrade', upgrade: 'h2c' },
  ];
  const cases: [string, InjectOptions][] = [
    ...QUERIES.map((query): [string, InjectOptions] => [`?${query.slice(0, 30)}`, { url: `${url}?${query}` }]),
    ...HEADERS.map((headers): [string, InjectOptions] => [JSON.stringify(headers).slice(0, 60), { headers }]),
    ...REFUSED.map(([name, payload]): [string, InjectOptions] => [name, { payload }]),
  ];

  test.each(cases)('%s', async (_name, more) => {
    if (method === 'GET' && more.payload) return; // a GET's body is not read
    const { status, body } = await send(method, more.url?.toString() ?? url, more);
    expect([200, 400, 401, 404, 429]).toContain(status);
    if (status !== 200) {
      expect(Object.keys(body)).toEqual(['code', 'message']);
      expect(body.message).not.toBe('');
    }
  });
});
