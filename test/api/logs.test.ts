// What gets into the app's log by itself: requests, logins, saves, scripts; and what is in no line.
import { describe, expect, it } from 'vitest';
import { ADMIN } from '../support/app.ts';
import { type Body, startLogApp } from '../support/log-app.ts';
import { ok } from '../support/small-app.ts';

const { app, log, lines } = startLogApp();

const messages = async (): Promise<string[]> => (await lines()).map(({ message }) => message);
/** Those that scripts and saves wrote, not the requests themselves. */
const others = async (): Promise<Body[]> => (await lines()).filter(({ message }) => !/^[A-Z]+ \/api\//.test(message));

let serial = 0;
const create = async (fields: object = {}): Promise<Body> => {
  serial += 1;
  return ok(await app.post('/data/things', { name: `T${serial}`, ...fields }));
};

describe('requests', () => {
  it.each<[method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, subType: string | null]>([
    ['POST', '/data/things', 'REST_API_RECORD_CREATED'],
    ['GET', '/data/things', 'REST_API_RECORD_READ'],
    ['GET', '/data/things?name=like(a)&_size=2', 'REST_API_RECORD_READ'],
    ['GET', '/data/things/57fd2d65e4b0ce322b0c8665', 'REST_API_RECORD_READ'],
    ['PUT', '/data/things/57fd2d65e4b0ce322b0c8665', 'REST_API_RECORD_UPDATED'],
    ['DELETE', '/data/things/57fd2d65e4b0ce322b0c8665', 'REST_API_RECORD_DELETED'],
    ['DELETE', '/data/things?name=nobody', 'REST_API_RECORD_DELETED'],
    ['PUT', '/data/things/greet', 'REST_API_ACTION_EXECUTED'],
    ['PUT', '/data/things/aggregate', null],
    ['GET', '/data/things/auditLogs', null],
    ['GET', '/data/things/57fd2d65e4b0ce322b0c8665/auditLogs', null],
    ['GET', '/data/unicorns', null],
    ['GET', '/users/current?appsVersion=true', null],
  ])('%s %s is a line of subtype %s', async (method, path, subType) => {
    await app.send(method, path, method === 'POST' || method === 'PUT' ? {} : undefined);
    const line = (await lines()).find(({ message }) => message === `${method} /api${path}`);
    expect(line).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      type: 'APP',
      subType,
      level: 'INFO',
      message: `${method} /api${path}`,
      userEmail: ADMIN.email,
      adminUserEmail: null,
      timestamp: expect.any(Number),
      ip: '::ffff:127.0.0.1',
    });
  });

  it('are named from /api on, under both base paths', async () => {
    await app.fastify().inject({ url: '/api/users/current', headers: { token: await token() } });
    await app.get('/users/current');
    expect((await messages()).filter((text) => text === 'GET /api/users/current')).toHaveLength(2);
  });

  it('that poll jobs or the log, or write to it, are none', async () => {
    await app.get('/status/jobs');
    await app.get('/status/jobs/57fd2d65e4b0ce322b0c8665');
    await app.get('/status/logs');
    await app.post('/status/logs', { message: 'the line itself' });
    expect(await messages()).toEqual(['the line itself']);
  });

  it('that steer jobs are', async () => {
    await app.put('/status/jobs/57fd2d65e4b0ce322b0c8665/stop');
    expect(await messages()).toEqual(['PUT /api/status/jobs/57fd2d65e4b0ce322b0c8665/stop']);
  });

  it('of strangers, probes and unknown routes are none', async () => {
    await app.send('GET', '/data/things', undefined, { token: 'x'.repeat(32) });
    await app.fastify().inject({ url: '/health/live' });
    await app.get('/nonsense');
    await app.send('OPTIONS', '/data/things');
    expect(await messages()).toEqual([]);
  });

  it('that fail on our side are errors that say how', async () => {
    const { status } = await app.post('/data/things', { name: 'Broken', note: 'throw', key: 'k-4711' });
    expect(status).toBe(500);
    const line = (await lines()).find(({ message }) => message === 'POST /api/data/things');
    expect(line).toMatchObject({ level: 'ERROR', subType: 'REST_API_RECORD_CREATED' });
    expect(line.additionalInfo).toEqual({ requestId: expect.any(String), status: 500, code: 'javascriptException' });
  });
});

async function token(): Promise<string> {
  return (await app.post('/auth/login', ADMIN)).body.token;
}

it('a login is a line, a failed one is none', async () => {
  await app.post('/auth/login', ADMIN);
  await app.post('/auth/login', { ...ADMIN, password: 'wrong' });
  expect(await lines()).toMatchObject([
    { type: 'APP', subType: 'LOGIN', level: 'INFO', message: 'POST /login', userEmail: ADMIN.email },
  ]);
});

describe('saves', () => {
  it('that fields refuse are lines with every error', async () => {
    await app.post('/data/quiet', {});
    const { id } = ok(await app.post('/data/quiet', { name: 'Named' }));
    await app.put(`/data/quiet/${id}`, { name: null, nonsense: 1 });
    const [created, updated] = await others();
    expect(created).toMatchObject({ type: 'APP', subType: null, level: 'INFO', userEmail: ADMIN.email });
    expect(created.message).toBe('Validation exceptions on record []. Error: [name: This field is required]');
    expect(updated.message).toMatch(
      /^Validation exceptions on record \[Named\]\. Error: \[name: This field is required, nonsense: /,
    );
    expect(updated.additionalInfo).toEqual({
      recordLabel: 'Named',
      errors: [
        { code: 'REQUIRED', field: 'name', message: 'This field is required' },
        { code: 'INVALIDSTRUCTURE', field: 'nonsense', message: expect.stringContaining('nonsense') },
      ],
    });
  });

  it('that a unique index refuses are too', async () => {
    const { name } = await create();
    await app.post('/data/things', { name });
    expect((await others()).at(-1)?.additionalInfo.errors).toMatchObject([{ code: 'NOTUNIQUE', field: 'name' }]);
  });

  it('of entities with detailed logging are told, each deed', async () => {
    const told = ({ name }: Body, deed: string): string =>
      `Data record of type [things] with label [${name}] was ${deed} successfully`;
    const record = await create();
    ok(await app.put(`/data/things/${record.id}`, { age: 1 }));
    ok(await app.delete(`/data/things/${record.id}`));
    const found = await others();
    expect(found.map(({ message }) => message)).toEqual(
      ['created', 'changed', 'deleted'].map((deed) => told(record, deed)),
    );
    for (const line of found) expect(line).toMatchObject({ type: 'APP', subType: null, level: 'INFO' });
    const several = [await create({ age: 77 }), await create({ age: 77 })];
    ok(await app.delete('/data/things?age=77'));
    const deleted = (await others()).slice(-2).map(({ message }) => message);
    expect(deleted.toSorted()).toEqual(several.map((one) => told(one, 'deleted')).toSorted());
  });

  it('of other entities are not', async () => {
    ok(await app.post('/data/quiet', { name: 'Quiet' }));
    expect(await others()).toEqual([]);
  });

  it('whose calculated value is of no use are errors', async () => {
    const { sum } = await create({ note: 'uncountable' });
    expect(sum).toBeNull();
    expect((await others())[0]).toMatchObject({
      level: 'ERROR',
      message: expect.stringMatching(/calculated value of field \[sum\] in entity \[things\] was refused/),
    });
  });
});

describe('scripts', () => {
  it('write lines with their level and what they give along', async () => {
    await create({ note: 'talk', key: 'nothing' });
    await create({ note: 'warn' });
    const [talk, , warn] = await others();
    expect(talk).toMatchObject({ type: 'APP', subType: 'SCRIPT', level: 'INFO', additionalInfo: { n: 1 } });
    expect(warn).toMatchObject({ subType: 'SCRIPT', level: 'WARN', message: 'careful', userEmail: ADMIN.email });
  });

  it('write lines for debugging elsewhere', async () => {
    await create({ note: 'debug' });
    expect(JSON.stringify(await lines())).not.toContain('for developers');
  });

  it('that fail are errors that say where', async () => {
    await app.post('/data/things', { name: 'Failing', note: 'throw' });
    const line = (await others()).find(({ subType }) => subType === 'SCRIPT');
    expect(line).toMatchObject({ level: 'ERROR', message: expect.stringMatching(/broken with.*noteValidation/) });
    expect(line.additionalInfo.stack).toContain('things.js');
  });
});

it('values of sensitive fields are in no line', async () => {
  const key = 'open-sesame-4711';
  const { id } = await create({ key, note: 'talk' });
  await app.post('/data/things', { name: 'Refused', key, note: 'refuse' });
  await app.post('/data/things', { name: 'Thrown', key, note: 'throw' });
  ok(await app.put(`/data/things/${id}`, { name: key }));
  await app.get(`/data/things?key=${key}`);
  await app.get(`/data/things?_query=key=${key}`);
  await app.get(`/data/things/${key}`);
  await app.put(`/data/things/${key}`, { key, age: 'x' });
  ok(await app.delete(`/data/things/${id}`));
  const found = await lines();
  expect(found.length).toBeGreaterThan(14);
  expect(JSON.stringify(found)).not.toContain(key);
  expect(JSON.stringify(await log().find().toArray())).not.toContain(key);
  expect(JSON.stringify(found)).toContain('key is ****');
});
