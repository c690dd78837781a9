// Replays what the API documentation prints about records and login: requests as documented, answers of the documented shape.
import { readFileSync } from 'node:fs';
import { MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, startTestApp } from '../support/app.ts';

type Body = Record<string, unknown> & { id: string; version: number };

interface Sample {
  readonly n: number;
  readonly title: string;
  readonly request: {
    readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
    readonly path: string;
    readonly body: unknown;
  };
  readonly response: { readonly body: Body };
}

interface Documented {
  readonly samples: readonly Sample[];
  readonly bodies: readonly { readonly title: string; readonly status: number; readonly body: Body }[];
}

const file = new URL('../fixtures/contract/documented-samples.json', import.meta.url);
const documented = JSON.parse(readFileSync(file, 'utf8')) as Documented;
const sample = (n: number): Sample => documented.samples.find((one) => one.n === n) as Sample;

const app = startTestApp();
let client: MongoClient;

beforeAll(async () => {
  client = await new MongoClient(app.database.uri).connect();
});
afterAll(() => client.close());

const companies = () => client.db(app.database.dbName).collection('data.companies');

/** Puts a documented company into the database under its documented id and version. */
async function seed(record: Body): Promise<void> {
  const { id, version: _version, label: _label, lastUpdate: _lastUpdate, ...fields } = record;
  await companies().deleteMany({ $or: [{ _id: new ObjectId(id) }, { 'data.name': fields.name }] });
  const { body } = await app.post('/data/companies', fields);
  const stored = await companies().findOneAndDelete({ _id: new ObjectId(body.id) });
  await companies().insertOne({ ...stored, _id: new ObjectId(id), version: record.version });
}

/** The same keys with the same kinds of values, as deep as the documented body goes; ids look like ids. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (value === null || typeof value !== 'object') return value === null ? null : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

const replay = ({ request }: Sample) => app.send(request.method, request.path, request.body ?? undefined);

describe('documented samples of records', () => {
  it('1: reads one record', async () => {
    const one = sample(1);
    await seed(one.response.body);
    const { status, body } = await replay(one);
    expect(status).toBe(200);
    expect(shapeOf(body)).toEqual(shapeOf(one.response.body));
    const { lastUpdate: _a, contactInformation: _b, addresses: _c, ...exact } = one.response.body;
    expect(body).toMatchObject(exact);
  });

  it('2: lists with a filter, fields and a size', async () => {
    const two = sample(2);
    await companies().deleteMany({});
    for (const item of two.response.body.items as Body[]) await seed({ ...item, state: 'pending' });
    await app.post('/data/companies', { name: 'Not pending', state: 'active' });
    const { body } = await replay(two);
    // newest first: the ids of the sample are its order
    expect(body).toEqual({ ...two.response.body, total: 2 });
  });

  it('3: creates a record', async () => {
    const three = sample(3);
    await companies().deleteMany({});
    const { body } = await replay(three);
    expect(shapeOf(body)).toEqual(shapeOf(three.response.body));
    expect(body).toMatchObject({ ...(three.request.body as object), version: 0, label: 'Test 1' });
    expect(body.addresses[0].label).toBe('NV - 89145');
  });

  it('4: updates a few fields of the version that was read', async () => {
    const four = sample(4);
    const { state: _state, type: _type, ...before } = four.response.body;
    await seed({ ...before, numberOfEmployees: 95, version: 1 });
    const { body } = await replay(four);
    expect(shapeOf(body)).toEqual(shapeOf(four.response.body));
    expect(body).toMatchObject({ version: 2, state: 'active', type: 'b', numberOfEmployees: 100, notes: 'test notes' });
  });

  it('5: deletes one record', async () => {
    const five = sample(5);
    await seed(five.response.body);
    const { body } = await replay(five);
    expect(shapeOf(body)).toEqual(shapeOf(five.response.body));
    expect(body).toMatchObject({ id: five.response.body.id, version: 10 });
    expect(await companies().countDocuments({ _id: new ObjectId(five.response.body.id) })).toBe(0);
  });

  it('11: counts skills per company', async () => {
    const eleven = sample(11);
    const rows = eleven.response.body.items as { company: string; totalSkills: number }[];
    const skills = await Promise.all(
      Array.from(
        { length: 4 },
        async (_, index) => (await app.post('/data/skills', { name: `Skill ${index}` })).body.id,
      ),
    );
    for (const { company, totalSkills } of rows) {
      await app.post('/data/companies', { name: company });
      const contact = { firstName: 'A', lastName: 'B', company, skills: skills.slice(0, totalSkills) };
      expect((await app.post('/data/contacts', contact)).status).toBe(200);
    }
    const { status, body } = await replay(eleven);
    expect(status).toBe(200);
    expect(body.total).toBe(6);
    const byName = (list: typeof rows) => list.toSorted((a, b) => a.company.localeCompare(b.company));
    expect(byName(body.items)).toEqual(byName(rows));
  });

  it('42: logs in', async () => {
    const { request, response } = sample(42);
    const { body } = await app.send(request.method, request.path, ADMIN);
    expect(shapeOf(body)).toEqual(shapeOf(response.body));
    expect(Object.keys(body)).toEqual(Object.keys(response.body));
    expect(body.token).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(body.ip).toMatch(/^::ffff:/);
  });

  it('validation errors of create and update', async () => {
    const printed = documented.bodies.find(({ title }) => title === 'validation errors');
    const created = await app.post('/data/companies', { state: 'sdfsdfsd' });
    expect({ status: created.status, body: created.body }).toEqual({ status: printed?.status, body: printed?.body });
    const { body } = await app.post('/data/companies', { name: 'To be changed' });
    const changed = await app.put(`/data/companies/${body.id}`, { name: null, state: 'sdfsdfsd' });
    expect(changed.body).toEqual(printed?.body);
  });
});
