// The API's description: valid under a strict linter, complete for the entities, true for every example of a create.
import { createConfig, lintFromString } from '@redocly/openapi-core';
import createClient from 'openapi-fetch';
import { beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, startTestApp } from '../support/app.ts';
import { startSmallApp } from '../support/small-app.ts';

const app = startTestApp();

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly example?: unknown;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly example: object } } };
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly parameters: Readonly<Record<string, Parameter>> };
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

function component(parameter: Parameter | { readonly $ref: string }): Parameter {
  if (!('$ref' in parameter)) return parameter;
  const name = parameter.$ref.split('/').at(-1) ?? '';
  return document.components.parameters[name] as Parameter;
}

it('passes the strict rules of a linter', async () => {
  expect(await lint(document)).toEqual([]);
});

/** A localhost is what tests have. */
async function lint(source: object): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended-strict'], rules: { 'no-server-example.com': 'off' } });
  const problems = await lintFromString({ source: JSON.stringify(source), config });
  return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer}`);
}

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

describe('every operation', () => {
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    for (const entity of ['companies', 'contacts', 'skills']) {
      const { body } = await app.get(`/data/${entity}?_size=1`);
      ids[entity] = body.items[0].id;
    }
    const { body } = await app.delete('/data/skills?name=nobody%20has%20this&_async=true');
    ids.jobs = body.jobId;
  });

  /** The path with something that exists in place of the example's id. */
  const resolved = (path: string): string => {
    const of = path.startsWith('/status/jobs') ? 'jobs' : (/^\/data\/([^/]+)/.exec(path)?.[1] ?? '');
    return path.replace('{id}', ids[of] ?? 'missing');
  };

  it('that reads takes the examples of all its parameters', async () => {
    const reading = operations().filter(
      ([path, method]) => method === 'get' && !path.startsWith('/files') && !path.includes('{fileId}'),
    );
    expect(reading.length).toBeGreaterThan(12);
    for (const [path, , { parameters = [] }] of reading) {
      const known = parameters.map(component).filter((each) => each.in === 'query' && each.example !== undefined);
      for (const parameter of [null, ...known]) {
        const query = parameter ? `?${parameter.name}=${encodeURIComponent(String(parameter.example))}` : '';
        const answer = await app.get(resolved(path) + query);
        expect(answer.status, `${path}${query}: ${JSON.stringify(answer.body)}`).toBe(200);
      }
    }
  });

  it('with a body takes its example', async () => {
    const writing = operations().filter(([, method, { requestBody }]) => method === 'put' && requestBody);
    expect(writing.map(([, , { operationId }]) => operationId)).toContain('companiesUpdate');
    expect(writing.map(([, , { operationId }]) => operationId)).toContain('contactsAggregate');
    for (const [path, , { requestBody }] of writing) {
      const answer = await app.put(resolved(path), requestBody?.content['application/json'].example);
      expect(answer.status, `${path}: ${JSON.stringify(answer.body)}`).toBe(200);
    }
    const line = document.paths['/status/logs']?.post?.requestBody?.content['application/json'].example;
    expect((await app.post('/status/logs', line)).status).toBe(200);
    expect((await app.put('/system/clearCache')).body).toEqual({});
  });

  it('that is described exists', () => {
    for (const [path, method] of operations()) {
      const url = `/api${path.replace(/^\/data\/[^/]+/, '/data/:entity').replaceAll(/\{(\w+)\}/g, ':$1')}`;
      expect(app.fastify().hasRoute({ method: method.toUpperCase() as 'GET', url }), `${method} ${url}`).toBe(true);
    }
  });
});

it('is for developers', async () => {
  expect((await app.send('GET', '/docs/full', undefined, { token: 'x'.repeat(32) })).status).toBe(401);
  expect((await app.send('GET', '/files/public/doc-files/full.json', undefined, { token: '' })).status).toBe(401);
});

describe('an API of apis.yaml', () => {
  const apis = [
    { name: 'inside' },
    { name: 'team', label: 'Team', groups: ['team'] },
    { name: 'all', label: 'Everything', description: 'For everybody', license: 'Apache-2.0', published: true },
    { name: 'open', groups: ['team'], published: true },
  ];
  const small = startSmallApp(
    { notes: { fields: [{ name: 'text', type: 'text' }] } },
    {},
    { 'apis.json': apis, 'groups/team.json': { name: 'team' } },
  );
  const fetchWithout = (path: string) => small.send('GET', path, undefined, { token: '' });

  it('that is published needs no token, also at /openapi.json', async () => {
    const { status, body } = await fetchWithout('/files/public/doc-files/all.json');
    expect(status).toBe(200);
    expect(body.info).toMatchObject({
      title: 'Everything',
      description: 'For everybody',
      license: { name: 'Apache-2.0' },
    });
    expect(body.paths['/data/notes'].get.operationId).toBe('notesFindMany');
    expect((await fetchWithout('/openapi.json')).body).toEqual(body);
    expect((await fetchWithout('/docs/all')).body).toEqual(body);
  });

  it('describes what its groups may do, whoever asks', async () => {
    const { body } = await fetchWithout('/docs/open');
    expect(Object.keys(body.paths)).toContain('/auth/login');
    expect(Object.keys(body.paths)).not.toContain('/status/logs');
    expect(Object.keys(body.paths)).not.toContain('/data/notes');
    expect((await small.get('/docs/open')).body).toEqual(body);
  });

  it('that is not published is for members and developers; nobody else learns of names', async () => {
    for (const name of ['inside', 'team', 'full', 'nonsense']) {
      expect(await fetchWithout(`/docs/${name}`)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    }
    for (const name of ['inside', 'team', 'full']) expect((await small.get(`/docs/${name}`)).status).toBe(200);
    expect((await small.get('/docs/nonsense')).status).toBe(404);
  });

  it.each(['all', 'open', 'full'])('%s passes the strict rules of a linter', async (name) => {
    expect(await lint((await small.get(`/docs/${name}`)).body)).toEqual([]);
  });
});
