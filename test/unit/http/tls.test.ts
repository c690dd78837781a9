// Our own TLS: the same application behind HTTPS.
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { type AddressInfo, connect as connectPlain } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildApp } from '../../../src/http/app.ts';
import { fakeServices, TOKEN } from './fake-services.ts';
import { collect } from './raw-client.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url));
const CERT = fixture('test-only-cert.pem');

let app: FastifyInstance;
let port: number;
beforeAll(async () => {
  const settings = { tlsCert: CERT, tlsKey: fixture('test-only-key.pem'), requireHttps: true };
  app = await buildApp(fakeServices(settings).services);
  await app.listen({ port: 0, host: '127.0.0.1' });
  port = (app.server.address() as AddressInfo).port;
});
afterAll(() => app.close());

function get(path: string, headers: Record<string, string> = {}): Promise<{ status: number; hsts: unknown }> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', path, ca: readFileSync(CERT), headers: { token: TOKEN, ...headers } };
    request(options, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, hsts: response.headers['strict-transport-security'] });
    })
      .on('error', reject)
      .end();
  });
}

test('requests are served and count as HTTPS, whatever a client claims', async () => {
  const served = { status: 200, hsts: expect.stringMatching(/^max-age=/) };
  expect(await get('/api/data/companies')).toEqual(served);
  expect(await get('/api/data/companies', { 'x-forwarded-proto': 'http' })).toEqual(served);
});

test('the limits are those of plain HTTP', async () => {
  expect((await get(`/api/data/companies/${'1'.repeat(25_000)}`)).status).toBe(200);
  expect((await get('/', { x: 'x'.repeat(66_000) })).status).toBe(431);
});

test('plain HTTP on the port gets nothing, and the server goes on', async () => {
  const socket = connectPlain(port, '127.0.0.1');
  const answers = collect(socket);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(await answers).toEqual([]);
  expect((await get('/health/live')).status).toBe(200);
});
