// Replays what the API documentation prints about jobs and deletes; jobs of types that are not made yet are replayed as stored ones.
import { readFileSync } from 'node:fs';
import { ObjectId } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { JobStatus } from '../../src/jobs/job.ts';
import { jobDocument, startJobApp } from '../support/job-app.ts';

// biome-ignore lint/suspicious/noExplicitAny: documented bodies are what they are
type Body = any;

interface Sample {
  readonly n: number;
  readonly request: { readonly method: 'GET' | 'PUT' | 'DELETE'; readonly path: string };
  readonly response: { readonly body: Body };
}

interface Documented {
  readonly samples: readonly Sample[];
  readonly bodies: readonly { readonly section: string; readonly title: string; readonly body: Body }[];
}

const file = new URL('../fixtures/contract/documented-samples.json', import.meta.url);
const documented = JSON.parse(readFileSync(file, 'utf8')) as Documented;
const sample = (n: number): Sample => documented.samples.find((one) => one.n === n) as Sample;
const printed = (title: string): Body => documented.bodies.find((one) => one.title === title)?.body;

const { app, db, jobs, store, finished } = startJobApp();
const replay = ({ request }: Sample) => app.send(request.method, request.path);
const companies = () => db().collection('data.companies');

beforeEach(() => Promise.all([jobs().deleteMany({}), companies().deleteMany({})]));

/** Puts a documented company into the database under its documented id and version. */
async function seed({ entity: _entity, ...record }: Body): Promise<void> {
  const { id, version, label: _label, lastUpdate: _lastUpdate, ...fields } = record;
  const { body } = await app.post('/data/companies', fields);
  const stored = await companies().findOneAndDelete({ _id: new ObjectId(body.id) });
  await companies().insertOne({ ...stored, _id: new ObjectId(id), version });
}

/** Every documented key with a value of the documented kind, as deep as the documented body goes. */
function expectShape(actual: Body, wanted: Body, at = 'body'): void {
  if (Array.isArray(wanted)) {
    expect(Array.isArray(actual), at).toBe(true);
    wanted.forEach((item, index) => {
      expectShape(actual[index], item, `${at}[${index}]`);
    });
  } else if (wanted !== null && typeof wanted === 'object') {
    expect(Object.keys(actual), at).toEqual(expect.arrayContaining(Object.keys(wanted)));
    for (const key of Object.keys(wanted)) expectShape(actual[key], wanted[key], `${at}.${key}`);
  } else expect(typeof actual, at).toBe(typeof wanted);
}

describe('documented samples of deletes', () => {
  it.each([6, 8, 10])('%i: answers with a job, which deletes', async (n) => {
    const one = sample(n);
    await seed({ id: '588775f63b063a0007604f4c', version: 1, name: 'First', type: 'a' });
    await seed({ id: '588775f63b063a0007604f8b', version: 1, name: 'Second', type: n === 6 ? 'b' : 'a' });
    const { status, body } = await replay(one);
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(Object.keys(one.response.body).sort());
    expect(body.jobLink).toBe(`/api/status/jobs/${body.jobId}`);
    const job = await finished(body);
    expect(job).toMatchObject({
      type: 'DELETE_RECORDS',
      label: 'Delete records from entity companies',
      data: { entityName: 'companies' },
      hasErrors: false,
      recordsProcessed: n === 6 ? 1 : 2,
    });
    expect(job.results['588775f63b063a0007604f4c']).toEqual({ status: 'ok' });
    expect(await companies().countDocuments()).toBe(n === 6 ? 1 : 0);
  });

  it.each([7, 9])('%i: answers with what became of each record', async (n) => {
    const one = sample(n);
    for (const { response } of Object.values(one.response.body) as Body[]) await seed(response);
    const { status, body } = await replay(one);
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(Object.keys(one.response.body).sort());
    expectShape(body, one.response.body);
    for (const [id, { response }] of Object.entries<Body>(body)) {
      const {
        lastUpdate: _a,
        entity: _b,
        contactInformation: _c,
        addresses: _d,
        ...exact
      } = one.response.body[id].response;
      expect(response).toMatchObject(exact);
      expect(response.entity).toEqual({ id: expect.stringMatching(/^[0-9a-f]{24}$/), name: 'Companies' });
    }
    expect(await companies().countDocuments()).toBe(0);
  });
});

describe('documented samples of jobs', () => {
  it('35: reads a job', async () => {
    const { response, request } = sample(35);
    const { runBy } = response.body;
    await store({
      _id: new ObjectId(response.body.id),
      runBy: { _id: new ObjectId(runBy.id), fullName: runBy.fullName },
    });
    const { status, body } = await app.get(request.path);
    expect({ status, body }).toEqual({ status: 200, body: { ...response.body, data: {}, results: {} } });
    expect(Object.keys(body)).toEqual(Object.keys(printed('structure of a job')));
  });

  it('36: lists jobs', async () => {
    const { response, request } = sample(36);
    const { items, total } = response.body;
    const created = (n: number): Date => new Date(1_485_900_000_000 - n * 1_000);
    await jobs().insertMany(
      Array.from({ length: total }, (_, n) => jobDocument({ _id: new ObjectId(items[n]?.id), created: created(n) })),
    );
    await store({ status: 'STOPPED', created: created(0) });
    const { body } = await app.get(request.path);
    expect(body).toMatchObject({ total, offset: response.body.offset });
    expect(body.items.map(({ id }: Body) => id)).toEqual(items.map(({ id }: Body) => id));
  });

  it('37: reads the logs of a job', async () => {
    const { response, request } = sample(37);
    const id = new ObjectId('5890d8deb45fc9000bc1c2d3');
    await store({ _id: id });
    const lines = response.body.items as { timestamp: number; level: string; message: string }[];
    const stored = lines.map(({ timestamp, ...line }) => ({ job: id, timestamp: new Date(timestamp), ...line }));
    await db().collection('jobLogs').insertMany(stored);
    expect((await app.get(request.path)).body).toEqual(response.body);
    expect((await app.get(request.path.replace('/job/', '/jobs/'))).body).toEqual(response.body);
  });

  it.each<[number, JobStatus]>([
    [38, 'RUNNING'],
    [39, 'STOPPING'],
    [40, 'STOPPED'],
    [41, 'STOPPED'],
  ])('%i: steers a job that is %s', async (n, before) => {
    const { response, request } = sample(n);
    const held =
      before === 'RUNNING' || before === 'STOPPING'
        ? { claim: { worker: 'of the documentation', session: SESSION } }
        : {};
    await store({ _id: new ObjectId(response.body.id), status: before, ...held });
    const { status, body } = await replay({ ...sample(n), request });
    expect(status).toBe(200);
    expect(body).toMatchObject(response.body);
    expect(Object.keys(body)).toEqual(Object.keys(printed('structure of a job')));
  });
});

const { Binary } = await import('mongodb');
const SESSION = new Binary(Buffer.alloc(16, 7), Binary.SUBTYPE_UUID);

describe('documented bodies of jobs', () => {
  const withResults = async (type: string, results: Record<string, unknown>): Promise<Body> => {
    const entries = Object.entries(results).map(([name, value]) => [name, JSON.stringify(value)]);
    const id = await store({ type, resultCount: entries.length, resultBytes: 100 });
    await db()
      .collection('jobResults')
      .insertOne({ job: new ObjectId(id), n: 0, entries });
    return (await app.get(`/status/jobs/${id}`)).body;
  };

  it.each([
    ['the job of a finished export, in part', 'EXPORT_RECORDS'],
    ['results of deleting records, and of an action of type one record', 'EXECUTE_ACTION'],
    ['results of an action of type many records', 'EXECUTE_ACTION'],
  ])('%s', async (title, type) => {
    const body = printed(title);
    expect(await withResults(type, body.results)).toMatchObject({ ...body, results: body.results });
  });
});
