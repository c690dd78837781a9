// `/metrics` of an API process that also runs jobs, read as Prometheus reads it.
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningServer, startServer } from '../../src/server.ts';
import { startWorker } from '../../src/worker.ts';
import { ADMIN, testConfig } from '../support/app.ts';
import { testDatabase } from '../support/services.ts';

const database = testDatabase();
const log = pino({ level: 'silent' });
let server: RunningServer;
let token = '';

beforeAll(async () => {
  server = await startServer(testConfig(database, { PORT: '0', METRICS_PORT: '0' }), log);
  token = (await send('POST', '/auth/login', ADMIN)).token ?? '';
});
afterAll(() => server.close());

async function send(method: string, path: string, body?: object): Promise<Record<string, string>> {
  const headers = { 'content-type': 'application/json', ...(token && { token }) };
  const answer = await fetch(server.apiUrl + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return (await answer.json()) as Record<string, string>;
}

/** Series by name and labels, as they are written. */
async function scrape(url = server.metricsUrl ?? ''): Promise<Map<string, number>> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await answer.text()).split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

const duration = (method: string, route: string, status: number | string): string =>
  `trebuchet_http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"}`;

describe('requests', () => {
  it('are counted by the template of their route and their status, under either base path', async () => {
    await send('GET', '/data/companies');
    await send('GET', '/data/companies/000000000000000000000000');
    await fetch(`${new URL(server.apiUrl).origin}/api/data/skills`, { headers: { token } });
    await send('GET', '/data/skills', undefined);
    await fetch(`${server.apiUrl}/nowhere/at/all`);
    await fetch(`${server.apiUrl}/data/companies`);
    await vi.waitFor(async () => {
      const series = await scrape();
      expect(series.get(duration('GET', '/data/:entity', 200))).toBe(3);
      expect(series.get(duration('GET', '/data/:entity', 401))).toBe(1);
      expect(series.get(duration('GET', '/data/:entity/:id', 404))).toBe(1);
      expect(series.get(duration('GET', 'none', 404))).toBe(1);
      expect(series.get('trebuchet_http_requests_in_flight')).toBe(0);
    });
    expect([...(await scrape()).keys()].filter((key) => key.includes('companies'))).toEqual([]);
  });
});

it('knows MongoDB, the process, the scripts and the definitions', async () => {
  await send('POST', '/data/contacts', { firstName: 'Ann', lastName: 'Lee' });
  const series = await scrape();
  const value = (name: string): number => series.get(name) ?? Number.NaN;
  expect(value('trebuchet_mongo_connections')).toBeGreaterThan(0);
  expect(value('trebuchet_mongo_connections_in_use')).toBeGreaterThanOrEqual(0);
  expect(value('trebuchet_mongo_connections_in_use')).toBeLessThanOrEqual(value('trebuchet_mongo_connections'));
  expect(value('trebuchet_mongo_command_seconds_count{command="find",outcome="ok"}')).toBeGreaterThan(0);
  expect(value('trebuchet_mongo_command_seconds_sum{command="find",outcome="ok"}')).toBeGreaterThan(0);
  expect(value('trebuchet_mongo_checkout_seconds_count')).toBeGreaterThan(0);
  expect(value('trebuchet_script_calls_total{result="all"}')).toBeGreaterThan(0);
  expect(value('trebuchet_script_hosts{state="serving"}')).toBe(1);
  const hash = server.services.definitions().hash.slice(0, 12);
  expect(value(`trebuchet_definitions_info{hash="${hash}"}`)).toBe(1);
  expect(value('nodejs_heap_size_used_bytes')).toBeGreaterThan(1_000_000);
  expect(series.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
});

it('knows jobs: those that wait, and those that are done', async () => {
  const { id } = await send('POST', '/data/skills', { name: 'Python' });
  const { jobId } = await send('DELETE', `/data/skills/${id}?_async=true`);
  await vi.waitFor(
    async () => expect(await send('GET', `/status/jobs/${jobId}`)).toMatchObject({ status: 'FINISHED' }),
    10_000,
  );
  await vi.waitFor(async () => {
    const series = await scrape();
    expect(series.get('trebuchet_job_duration_seconds_count{type="DELETE_RECORDS",queue="mix",end="finished"}')).toBe(
      1,
    );
    expect(series.get('trebuchet_job_records_total{type="DELETE_RECORDS"}')).toBe(1);
    expect([...series.keys()].filter((key) => key.startsWith('trebuchet_jobs{'))).toEqual([]);
  });
});

it('has nothing else on its port, and nothing on that of the API', async () => {
  const elsewhere = await fetch(new URL('/health/live', server.metricsUrl ?? ''));
  expect([elsewhere.status, await elsewhere.json()]).toMatchObject([404, { code: 'notFound' }]);
  expect((await fetch(new URL('/metrics', server.apiUrl))).status).toBe(404);
});

it('workers have theirs; without the setting there are none', async () => {
  const worker = await startWorker(testConfig(database, { WORKER_PORT: '0', METRICS_PORT: '0' }), log);
  expect((await scrape(worker.metricsUrl ?? '')).has('nodejs_eventloop_lag_seconds')).toBe(true);
  await worker.close();
  await expect(fetch(worker.metricsUrl ?? '')).rejects.toThrow();
  const plain = await startServer(testConfig(database, { PORT: '0', RUN_WORKER: 'false' }), log);
  expect(plain.metricsUrl).toBeNull();
  expect(plain.services.metrics).toBeNull();
  await plain.close();
});
