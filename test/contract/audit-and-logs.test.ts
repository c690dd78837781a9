// Replays what the API documentation prints about audit logs and app logs.
import { readFileSync } from 'node:fs';
import { type Document, MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, startTestApp } from '../support/app.ts';

// biome-ignore lint/suspicious/noExplicitAny: documented bodies are what they are
type Body = any;

interface Sample {
  readonly n: number;
  readonly request: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body: unknown };
  readonly response: { readonly body: Body };
}

interface Documented {
  readonly samples: readonly Sample[];
  readonly bodies: readonly {
    readonly section: string;
    readonly title: string;
    readonly status: number;
    readonly body: Body;
  }[];
}

const file = new URL('../fixtures/contract/documented-samples.json', import.meta.url);
const documented = JSON.parse(readFileSync(file, 'utf8')) as Documented;
const sample = (n: number): Sample => documented.samples.find((one) => one.n === n) as Sample;
const printed = (section: string) => documented.bodies.find((one) => one.section === section);

const app = startTestApp({ APP_LOG_REQUESTS: 'all' });
let client: MongoClient;

beforeAll(async () => {
  client = await new MongoClient(app.database.uri).connect();
});
afterAll(() => client.close());

const collection = (name: string) => client.db(app.database.dbName).collection<Document>(name);
const replay = ({ request }: Sample) => app.send(request.method, request.path, request.body ?? undefined);

/** Every documented key, with a value of the documented kind, as deep as the documented body goes; null stands for any. */
function expectShape(actual: Body, wanted: Body, at = 'body'): void {
  if (Array.isArray(wanted)) {
    expect(actual, at).toHaveLength(wanted.length);
    wanted.forEach((item, index) => {
      expectShape(actual[index], item, `${at}[${index}]`);
    });
  } else if (wanted !== null && typeof wanted === 'object') {
    expect(Object.keys(actual).sort(), at).toEqual(Object.keys(wanted).sort());
    for (const key of Object.keys(wanted)) expectShape(actual[key], wanted[key], `${at}.${key}`);
  } else if (wanted !== null && actual !== null) expect(typeof actual, at).toBe(typeof wanted);
}

/** Makes the documented company and moves it, with its entries, to the documented ids. */
async function companyOf(name: string, fields: object, id: string, entries: readonly string[]): Promise<void> {
  const { body } = await app.post('/data/companies', { name, ...fields });
  if (entries.length === 2) expect((await app.put(`/data/companies/${body.id}`, { type: 'b' })).status).toBe(200);
  const made = await collection('audit.companies')
    .find({ record: new ObjectId(body.id) })
    .sort({ timestamp: 1, _id: 1 })
    .toArray();
  expect(made).toHaveLength(entries.length);
  await collection('audit.companies').deleteMany({ record: new ObjectId(body.id) });
  const moved = made.map((entry, index) => ({ ...entry, _id: new ObjectId(entries[index]), record: new ObjectId(id) }));
  await collection('audit.companies').insertMany(moved);
}

/** The documented update also lists a field that was empty before and after. */
const withoutSlip = (body: Body): Body =>
  JSON.parse(JSON.stringify(body, (key, value) => (key === 'addresses' ? undefined : value)));

describe('audit logs', () => {
  const [TEST1, TEST2] = ['588f8b99b45fc9000bc1bfc4', '588f9757b45fc9000bc1bfe0'];

  beforeAll(async () => {
    await companyOf('test1', { state: 'active', type: 'a' }, TEST1, [
      '588f8b99b45fc9000bc1bfc5',
      '588f8ba7b45fc9000bc1bfce',
    ]);
    await companyOf('test2', { state: 'active', type: 'c' }, TEST2, ['588f9757b45fc9000bc1bfe1']);
  });

  it('26: of one company', async () => {
    const { status, body } = await replay(sample(26));
    const wanted = withoutSlip(sample(26).response.body);
    expect(status).toBe(200);
    expectShape(body, wanted);
    expect(body).toMatchObject({ total: 2, offset: wanted.offset });
    expect(
      body.items.map(({ id, recordId, eventType, contextPath, recordName }: Body) => [
        id,
        recordId,
        eventType,
        contextPath,
        recordName,
      ]),
    ).toEqual(
      wanted.items.map(({ id, recordId, eventType, contextPath, recordName }: Body) => [
        id,
        recordId,
        eventType,
        contextPath,
        recordName,
      ]),
    );
    expect(body.items[0]).toMatchObject({
      oldRecord: wanted.items[0].oldRecord,
      newRecord: wanted.items[0].newRecord,
      eventCategory: 'USER',
      recordDeleted: null,
      deletionDate: null,
      user: ADMIN.email,
      ip: expect.stringMatching(/^::ffff:/),
    });
    const { contactInformation: _a, lastUpdate: _b, ...plain } = wanted.items[1].newRecord;
    expect(body.items[1]).toMatchObject({ oldRecord: {}, newRecord: plain });
  });

  it('27: the last two of all companies', async () => {
    const { status, body } = await replay(sample(27));
    const wanted = withoutSlip(sample(27).response.body);
    // the documented entity has a field more
    delete wanted.items[0].newRecord.color;
    expect(status).toBe(200);
    expectShape(body, wanted);
    expect(body).toMatchObject({ total: 3, offset: wanted.offset });
    expect(body.items.map(({ id }: Body) => id)).toEqual(wanted.items.map(({ id }: Body) => id));
  });

  it('of a record that never was', async () => {
    const { status, body } = await app.get('/data/companies/588f8b99b45fc9000bc1b000/auditLogs');
    expect({ status, body }).toEqual({ status: 200, body: { total: 0, items: [] } });
  });
});

describe('app logs', () => {
  const stored = ({ id, timestamp, ip, adminUserEmail, additionalInfo, subType, ...rest }: Body): Document => ({
    ...rest,
    _id: new ObjectId(id),
    timestamp: new Date(timestamp),
    ...(subType && { subType }),
    ...(ip && { ip }),
    ...(additionalInfo && { info: JSON.stringify(additionalInfo) }),
  });

  /** The documented lines among the 151 that the documentation speaks of. */
  async function fill(lines: readonly Body[]): Promise<void> {
    const last = lines.at(-1);
    const more = Array.from({ length: 151 - lines.length }, (_, index) => ({
      ...last,
      id: new ObjectId().toHexString(),
      timestamp: last.timestamp + 1 + index,
    }));
    await collection('appLog').deleteMany({});
    await collection('appLog').insertMany([...lines, ...more].map(stored));
  }

  it('33: two of yesterday and of one user', async () => {
    const wanted = sample(33).response.body;
    const yesterday = Date.now() - 86_400_000;
    // at noon there is as much room on both sides
    const noon = yesterday - (yesterday % 86_400_000) + 43_200_000;
    const moved = wanted.items.map((line: Body, index: number) => ({ ...line, timestamp: noon + index }));
    await fill(moved);
    await collection('appLog').insertOne(stored({ ...moved[0], id: new ObjectId().toHexString(), userEmail: 'x@y.z' }));
    const { status, body } = await replay(sample(33));
    expect(status).toBe(200);
    // an offset, since more remain
    expect(body).toEqual({ ...wanted, items: moved, offset: moved[1].id });
  });

  it('44: the list', async () => {
    const wanted = sample(44).response.body;
    await fill(wanted.items);
    const { status, body } = await app.get('/status/logs?_size=5');
    expect(status).toBe(200);
    expect(body).toEqual({ ...wanted, offset: wanted.items.at(-1).id });
    const whole = await replay(sample(44));
    // neither of the two requests is in the log itself
    expect(whole.body.total).toBe(151);
    expect(whole.body.items).toHaveLength(151);
    expect(whole.body.items.slice(0, 5)).toEqual(wanted.items);
    expect(whole.body.offset).toBeUndefined();
  });

  it('34: creates one', async () => {
    const { status, body } = await replay(sample(34));
    const wanted = sample(34).response.body;
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(Object.keys(wanted));
    expectShape(body, wanted);
    const { id: _id, timestamp: _timestamp, ip: _ip, ...exact } = wanted;
    expect(body).toMatchObject({ ...exact, userEmail: ADMIN.email, ip: expect.stringMatching(/^::ffff:/) });
  });

  it('the structure of one without further information', async () => {
    const { body } = await app.post('/status/logs', { message: 'plain', level: 'WARN' });
    expect(Object.keys(body)).toEqual(Object.keys(printed('Logs')?.body));
    expect(body.additionalInfo).toEqual({});
  });

  it('validation errors', async () => {
    const { status, body } = await app.post('/status/logs', { level: 'INFO' });
    expect({ status, body }).toEqual({ status: 400, body: printed('Post logs')?.body });
  });
});
