// New definitions in a running server: reloaded by a call, watched, followed by the other processes, refused when they are wrong.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { systemContext } from '../../src/context.ts';
import { buildApp } from '../../src/http/app.ts';
import { createServices, type Services } from '../../src/services.ts';
import { startTestApp, testConfig } from '../support/app.ts';

const DEMO = fileURLToPath(new URL('../../entities', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'trebuchet-reload-'));
cpSync(DEMO, folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const app = startTestApp({ ENTITIES_DIR: folder });

const TICKETS = (more = ''): string => `name: tickets
fields:
  - { name: title, label: Title, type: text }
${more}recordLabel: js/label
`;
const LABEL = (text: string): string => `function label(record) { return '${text} ' + record.field('title').val(); }\n`;

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

/** Further processes on the same database and folder. */
const others: { services: Services; fastify: FastifyInstance }[] = [];
async function startOther(settings: Record<string, string> = {}): Promise<Services> {
  const config = testConfig(app.database, { ENTITIES_DIR: folder, ...settings });
  const services = await createServices(config, pino({ level: 'silent' }));
  others.push({ services, fastify: await buildApp(services) });
  return services;
}
afterEach(async () => {
  for (const { services, fastify } of others.splice(0)) {
    await fastify.close();
    await services.close();
  }
});

describe('PUT /system/clearCache', () => {
  it('puts a new entity, its functions and its fields in force', async () => {
    expect((await app.get('/data/tickets')).status).toBe(404);
    write({ 'tickets.yaml': TICKETS(), 'tickets.js': LABEL('one') });
    expect(await app.put('/system/clearCache')).toMatchObject({ status: 200, body: {} });
    const made = await app.post('/data/tickets', { title: 'a' });
    expect(made).toMatchObject({ status: 200, body: { label: 'one a', title: 'a' } });

    write({ 'tickets.yaml': TICKETS('  - { name: state, type: text, unique: true }\n'), 'tickets.js': LABEL('two') });
    expect((await app.put('/metadata/clearCache')).body).toEqual({});
    expect((await app.get(`/data/tickets/${made.body.id}`)).body).toMatchObject({ label: 'one a', state: null });
    expect((await app.post('/data/tickets', { title: 'b', state: 'x' })).body).toMatchObject({ label: 'two b' });
    // the index of the new rule was made before it came into force
    const twice = await app.post('/data/tickets', { title: 'c', state: 'x' });
    expect(twice.body.errors).toMatchObject([{ field: 'state', code: 'notUnique' }]);
  });

  it('refuses mistakes with all of them in the answer, and serves the old ones on', async () => {
    write({ 'tickets.yaml': TICKETS('  - { name: bad, type: nonsense }\n  - { name: worse, type: relationship }\n') });
    const { status, body } = await app.put('/system/clearCache');
    expect(status).toBe(400);
    expect(body.code).toBe('badRequest');
    expect(body.message).toMatch(/^The definitions have 2 mistakes, the ones before stay in force:\n/);
    expect(body.message).toMatch(/tickets\.yaml:4 .*nonsense/);
    expect(body.message).toMatch(/tickets\.yaml:5 .*entity/);
    expect((await app.post('/data/tickets', { title: 'd' })).body).toMatchObject({ label: 'two d' });
    write({ 'tickets.yaml': TICKETS() });
    expect((await app.put('/system/clearCache')).status).toBe(200);
  });

  it('is for developers', async () => {
    const services = app.services();
    const ctx = systemContext('test', { log: services.log, zone: 'UTC' });
    const group = services.definitions().groups.all[0];
    await services.users.create(ctx, {
      email: 'n@example.com',
      password: 'a password of tests',
      firstName: 'N',
      lastName: 'N',
      developer: false,
      groups: [group?.name ?? ''],
    });
    const { body } = await app.send('POST', '/auth/login', { email: 'n@example.com', password: 'a password of tests' });
    const answer = await app.send('PUT', '/system/clearCache', undefined, { token: body.token });
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await app.send('PUT', '/system/clearCache', undefined, { token: 'x' })).status).toBe(401);
  });

  it('takes new variables of the folder', async () => {
    write({ 'tickets.js': LABEL('$' + '{WORD}'), '.env': 'APP_VAR_WORD=green\n' });
    await app.put('/system/clearCache');
    expect((await app.post('/data/tickets', { title: 'e' })).body.label).toBe('green e');
    write({ '.env': 'APP_VAR_WORD=red\n' });
    await app.put('/system/clearCache');
    expect((await app.post('/data/tickets', { title: 'f' })).body.label).toBe('red f');
  });
});

it('what is under way goes on with what it began with', async () => {
  write({
    'tickets.yaml': TICKETS('  - { name: slow, type: text, defaultValue: js/slowly }\n'),
    'tickets.js': `${LABEL('old')}function slowly(record) { var end = Date.now() + 1800; while (Date.now() < end); return 'old'; }\n`,
  });
  await app.put('/system/clearCache');
  const before = app.post('/data/tickets', { title: 'g' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  write({ 'tickets.yaml': TICKETS(), 'tickets.js': LABEL('new') });
  await app.put('/system/clearCache');
  expect((await app.post('/data/tickets', { title: 'h' })).body.label).toBe('new h');
  expect((await before).body).toMatchObject({ label: 'old g', slow: 'old' });
});

describe('other processes', () => {
  it('follow within seconds', async () => {
    const other = await startOther();
    write({ 'tickets.yaml': TICKETS('  - { name: followed, type: text }\n') });
    await app.put('/system/clearCache');
    await vi.waitFor(() => expect(other.definitions().hash).toBe(app.services().definitions().hash), 10_000);
    expect(other.definitions().entities.get('tickets')?.fieldByName.has('followed')).toBe(true);
    const versions = [app.services(), other].map(({ definitions }) => definitions().entities.get('tickets')?.version);
    expect(versions[0]).toBe(versions[1]);
  });

  it('that watch the folder put changes in force by themselves, mistakes never', async () => {
    const watching = await startOther({ WATCH: 'true' });
    const has = (name: string) => watching.definitions().entities.get('tickets')?.fieldByName.has(name);
    write({ 'tickets.yaml': TICKETS('  - { name: broken, type: nonsense }\n') });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(has('title')).toBe(true);
    write({ 'tickets.yaml': TICKETS('  - { name: watched, type: text }\n') });
    await vi.waitFor(() => expect(has('watched')).toBe(true), 10_000);
    // and the process that watches nothing hears of it
    const heard = () => app.services().definitions().entities.get('tickets')?.fieldByName.has('watched');
    await vi.waitFor(() => expect(heard()).toBe(true), 10_000);
  });
});
