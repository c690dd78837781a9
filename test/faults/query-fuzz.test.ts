// 100,000 random query strings over HTTP on an entity with every field type: each answers 200, 400 or 403, and none is slow.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunConfig, readConfig } from '../../src/config.ts';
import type { Field } from '../../src/definitions/model.ts';
import { buildApp } from '../../src/http/app.ts';
import { createServices, type Services } from '../../src/services.ts';
import { type OwnServices, startOwnServices } from '../support/own-services.ts';
import { everything, queryPairs } from '../support/query-fuzz.ts';
import { scratchFolder } from '../support/scratch.ts';

const RUNS = Number(process.env.QUERY_FUZZ_RUNS ?? 100_000);
const SEED = Number(process.env.QUERY_FUZZ_SEED ?? Date.now() % 1_000_000);
/** The aim is 100 ms; a pause of the machine is no slow query, so only what is far beyond fails. */
const SLOW_MS = 1_000;
const ADMIN = { email: 'fuzz@example.com', password: 'a password of fuzz' };

let own: OwnServices;
let services: Services;
let app: Awaited<ReturnType<typeof buildApp>>;
let token: string;

/** The definition of a field of the model, as a file would have it. */
function sketch(field: Field): object {
  const rules: Record<string, object> = {
    choice: { possibleValues: [{ name: 'one' }, { name: 'Two' }] },
    maskedText: { mask: '999-aaa' },
    relationship: { entity: 'companies', copiedFields: ['name', 'numberOfEmployees'] },
  };
  return {
    name: field.name,
    type: field.type.name,
    ...(field.many ? { multiplicity: 'many' } : {}),
    ...(rules[field.type.name] ? { typeRules: rules[field.type.name] } : {}),
    ...(field.fields.length ? { nestedFields: field.fields.map(sketch) } : {}),
  };
}

beforeAll(async () => {
  own = await startOwnServices();
  const folder = join(scratchFolder(), 'app');
  mkdirSync(folder);
  const write = (name: string, fields: object[]): void =>
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ name, fields }));
  write('everything', everything.fields.map(sketch));
  write('companies', [
    { name: 'name', type: 'text' },
    { name: 'numberOfEmployees', type: 'integer' },
  ]);
  const config = readConfig({
    MONGODB_URI: own.mongodbUri,
    REDIS_URL: own.redisUrl,
    ENTITIES_DIR: folder,
    DATA_DIR: own.dataDir,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    ENCRYPTION_KEY: 'ab'.repeat(32),
    SCRIPT_HOSTS: '1',
  }) as RunConfig;
  services = await createServices(config, pino({ level: 'silent' }));
  app = await buildApp(services);
  token = (await app.inject({ method: 'POST', url: '/api/auth/login', payload: ADMIN })).json().token;
  for (let index = 0; index < 50; index++) {
    const body = { textOne: `x${index}`, integerOne: index, textMany: ['a', `b${index}`] };
    const answer = await app.inject({ method: 'POST', url: '/api/data/everything', headers: { token }, payload: body });
    expect(answer.statusCode, answer.body).toBe(200);
  }
});
afterAll(async () => {
  await app.close();
  await services.close();
  await own.stop();
});

test(`${RUNS} random query strings (seed ${SEED})`, async () => {
  const statuses = new Map<number, number>();
  const times: number[] = [];
  await fc.assert(
    fc.asyncProperty(queryPairs, async (pairs) => {
      const query = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
      const begin = performance.now();
      const answer = await app.inject({ method: 'GET', url: `/api/data/everything?${query}`, headers: { token } });
      times.push(performance.now() - begin);
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
      expect([200, 400, 403], `${query}: ${answer.body}`).toContain(answer.statusCode);
      expect(times.at(-1), query).toBeLessThan(SLOW_MS);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  times.sort((a, b) => a - b);
  const at = (part: number): string => (times[Math.floor(part * (times.length - 1))] ?? 0).toFixed(1);
  console.info({ statuses: Object.fromEntries(statuses), p50: at(0.5), p999: at(0.999), max: at(1) });
  expect(statuses.get(200) ?? 0).toBeGreaterThan(RUNS / 50);
});

/** Lone surrogates have no encoding in a URL. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
