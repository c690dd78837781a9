// The app's log never holds a request up, and a stop loses no line of it.
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildApp } from '../../../src/http/app.ts';
import { logDocument } from '../../../src/logs/log.ts';
import { createLogService } from '../../../src/logs/service.ts';
import { createLogStore } from '../../../src/logs/store.ts';
import { createWriter } from '../../../src/logs/writer.ts';
import { ADMIN, startTestApp } from '../../support/app.ts';
import { recordingLog } from '../../support/log.ts';
import { settingsOn, startApi } from '../../support/process.ts';
import { testDatabase } from '../../support/services.ts';

const database = testDatabase();
const app = startTestApp();
let client: MongoClient;

beforeAll(async () => {
  client = await new MongoClient(database.uri).connect();
});
afterAll(() => client.close());

it.each<[string, () => Promise<void>]>([
  ['hangs', () => new Promise(() => undefined)],
  ['fails', () => Promise.reject(new Error('full'))],
])('requests are answered as ever while the store %s, and memory has its bound', async (_what, store) => {
  const services = app.services();
  const { log, messages } = recordingLog();
  const actor = { userEmail: 'system', adminUserEmail: null, ip: null };
  const writer = createWriter({
    store,
    lossOf: (count) => logDocument('APP', actor, { level: 'WARN', message: `${count}` }, 0),
    log,
    limits: { lines: 50, batch: 10, closeMs: 200 },
  });
  const logStore = createLogStore(client.db(database.dbName), { ...services.config, counts: { all: async () => 0 } });
  const fastify = await buildApp({ ...services, logs: createLogService({ store: logStore, writer, now: Date.now }) });
  const { token } = (await fastify.inject({ method: 'POST', url: '/api/auth/login', payload: ADMIN })).json();
  const begin = performance.now();
  for (let round = 0; round < 20; round += 1) {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => fastify.inject({ url: '/api/users/current', headers: { token } })),
    );
    expect(answers.every(({ statusCode }) => statusCode === 200)).toBe(true);
  }
  expect(performance.now() - begin).toBeLessThan(5_000);
  expect(writer.waiting()).toBe(50);
  // the login is a line too
  expect(writer.lost()).toBe(201 - 50);
  expect(messages()).toContain('lines of the app log are lost: they come faster than they can be stored');
  // reading waits for a moment only
  const read = await fastify.inject({ url: '/api/status/logs', headers: { token } });
  expect(read.json()).toEqual({ total: 0, items: [] });
  await Promise.all([writer.close(), fastify.close()]);
});

it.each([['SIGTERM'], ['SIGINT']] as const)('%s right after many requests loses no line', async (signal) => {
  const logs = client.db(database.dbName).collection('appLog');
  const api = await startApi({
    ...settingsOn(database),
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    SCRIPT_HOSTS: '1',
    ENCRYPTION_KEY: '5e'.repeat(32),
  });
  await logs.deleteMany({});
  const headers = { 'content-type': 'application/json' };
  const login = await fetch(`${api.apiUrl}/auth/login`, { method: 'POST', headers, body: JSON.stringify(ADMIN) });
  const { token } = (await login.json()) as { token: string };
  const paths = Array.from({ length: 300 }, (_, index) => `/users/current?n=${index}`);
  await Promise.all(paths.map((path) => fetch(`${api.apiUrl}${path}`, { headers: { token } })));
  api.signal(signal);
  expect(await api.ended).toEqual({ code: 0, signal: null });
  const messages = await logs.distinct('message');
  expect(messages.toSorted()).toEqual(['POST /login', ...paths.map((path) => `GET /api${path}`)].toSorted());
});
