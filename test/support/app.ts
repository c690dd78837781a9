// The application as production builds it, on the services of the run and a database of its own, with an administrator logged in.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { type RunConfig, readConfig } from '../../src/config.ts';
import { buildApp } from '../../src/http/app.ts';
import { createServices, type Services } from '../../src/services.ts';
import { type TestDatabase, testDatabase } from './services.ts';

export interface TestAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are read by tests that say what they expect
  readonly body: any;
  readonly headers: Record<string, unknown>;
}

type Method = NonNullable<InjectOptions['method']>;

export interface TestApp {
  readonly database: TestDatabase;
  readonly services: () => Services;
  readonly fastify: () => FastifyInstance;
  /** Sends a request as the administrator; the path is below the base path of the API. */
  send(method: Method, path: string, body?: unknown, headers?: Record<string, string>): Promise<TestAnswer>;
  get(path: string): Promise<TestAnswer>;
  post(path: string, body?: unknown): Promise<TestAnswer>;
  put(path: string, body?: unknown): Promise<TestAnswer>;
  delete(path: string): Promise<TestAnswer>;
}

export const ADMIN = { email: 'admin@example.com', password: 'a password of tests' };
const BASE = '/prod/runtime/api';

/** Settings of a process of tests, on the services of the run. */
export function testConfig(database: TestDatabase, settings: Record<string, string> = {}): RunConfig {
  const config = readConfig({
    MONGODB_URI: database.uri,
    MONGODB_DB: database.dbName,
    REDIS_URL: database.redisUrl,
    REDIS_PREFIX: database.redisPrefix,
    // only embedded services and generated keys live there, and both are given here
    DATA_DIR: join(tmpdir(), 'trebuchet-none'),
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    ENCRYPTION_KEY: '5e'.repeat(32),
    SCRIPT_HOSTS: '1',
    LOG_LEVEL: 'silent',
    ...settings,
  });
  return config as RunConfig;
}

/** Call it at the top of a test file: the app lives from before its first test to after its last. */
export function startTestApp(settings: Record<string, string> = {}): TestApp {
  const database = testDatabase();
  let services: Services | undefined;
  let fastify: FastifyInstance | undefined;
  let token = '';
  beforeAll(async () => {
    services = await createServices(testConfig(database, settings), pino({ level: 'silent' }));
    fastify = await buildApp(services);
    const answer = await send('POST', '/auth/login', ADMIN);
    token = answer.body.token;
  });
  afterAll(async () => {
    await fastify?.close();
    await services?.close();
  });

  async function send(
    method: Method,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<TestAnswer> {
    if (!fastify) throw new Error('the app has not started');
    const answer = await fastify.inject({
      method,
      url: `${BASE}${path}`,
      headers: {
        ...(token ? { token } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
  }

  return {
    database,
    services: () => services as Services,
    fastify: () => fastify as FastifyInstance,
    send,
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
    put: (path, body) => send('PUT', path, body),
    delete: (path) => send('DELETE', path),
  };
}
