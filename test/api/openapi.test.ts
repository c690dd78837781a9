// The API's description: valid under a strict linter, complete for the entities, true for every example of a create.
import { createConfig, lintFromString } from '@redocly/openapi-core';
import createClient from 'openapi-fetch';
import { beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, startTestApp } from '../support/app.ts';

const app = startTestApp();

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly example: object } } };
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
let document: Document;

beforeAll(async () => {
  const { status, body } = await app.get('/openapi.json');
  expect(status, JSON.stringify(body)).toBe(200);
  document = body;
});

const operations = (): [path: string, method: string, operation: Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, Operation] => [path, method, operation]),
  );

it('passes the strict rules of a linter', async () => {
  const config = await createConfig({ extends: ['recommended-strict'], rules: { 'no-server-example.com': 'off' } });
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  expect(problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer}`)).toEqual(
    [],
  );
});

it('is the same under its three paths', async () => {
  expect((await app.get('/docs/full')).body).toEqual(document);
  expect((await app.get('/files/public/doc-files/full.json')).body).toEqual(document);
  expect((await app.get('/docs/other')).status).toBe(404);
});

describe('each served entity', () => {
  it.each(['companies', 'contacts', 'skills'])('%s has its operations', (entity) => {
    const ids = operations().map(([, , { operationId }]) => operationId);
    for (const suffix of ['FindMany', 'FindOne', 'Create', 'Update']) expect(ids).toContain(entity + suffix);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('accepts the example of its create', async () => {
    const creates = operations().filter(([, , { operationId }]) => operationId.endsWith('Create'));
    expect(creates.length).toBeGreaterThanOrEqual(3);
    for (const [path, method, { requestBody }] of creates) {
      const answer = await app.send(
        method.toUpperCase() as 'POST',
        path,
        requestBody?.content['application/json'].example,
      );
      expect(answer.status, `${path}: ${JSON.stringify(answer.body)}`).toBe(200);
    }
  });
});

it('serves a client made from such documents', async () => {
  await app.fastify().listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.fastify().server.address() as { port: number };
  const client = createClient<Record<string, never>>({
    baseUrl: `http://127.0.0.1:${port}/prod/runtime/api`,
  }) as unknown as {
    POST(path: string, init: object): Promise<{ data?: { token?: string } }>;
    GET(path: string, init: object): Promise<{ data?: { total?: number }; response: Response }>;
  };
  const login = await client.POST('/auth/login', { body: ADMIN });
  const found = await client.GET('/data/companies', {
    headers: { token: login.data?.token ?? '' },
    params: { query: { _size: 1 } },
  });
  expect(found.response.status).toBe(200);
  expect(found.data?.total).toBeGreaterThanOrEqual(1);
});

it('is for those who may do all that it describes', async () => {
  expect((await app.send('GET', '/openapi.json', undefined, { token: 'x'.repeat(32) })).status).toBe(401);
});
