// Deletes of several records, over a query and in the background: limits, rights, maps, and what stays (spec auth-jobs-logs-files §9.6).
import { ObjectId } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { startJobApp } from '../support/job-app.ts';

const { app, db, asOther, finished, jobs } = startJobApp();
const companies = () => db().collection('data.companies');

const seed = async (count: number, over: (n: number) => object = () => ({})): Promise<string[]> => {
  const documents = Array.from({ length: count }, (_, n) => {
    const name = `Company ${n}`;
    return {
      _id: new ObjectId(),
      version: 0,
      label: name,
      __label_lower_case__: name.toLowerCase(),
      data: { name, type: n % 2 ? 'b' : 'a', numberOfEmployees: n, ...over(n) },
    };
  });
  await companies().insertMany(documents);
  return documents.map(({ _id }) => _id.toHexString());
};
const left = (): Promise<number> => companies().countDocuments();

beforeEach(() => companies().deleteMany({}));

describe('several ids', () => {
  it('each has its own entry; unknown and malformed ones are errors, repeated ones count once', async () => {
    const [first = '', second = ''] = await seed(3);
    const unknown = new ObjectId().toHexString();
    const { status, body } = await app.delete(`/data/companies/${first},${unknown}, ${second},nonsense,${first}`);
    expect(status).toBe(200);
    expect(Object.keys(body)).toHaveLength(4);
    expect(body[first]).toMatchObject({
      status: 'ok',
      response: { id: first, name: 'Company 0', entity: { name: 'Companies' } },
    });
    expect(body[second]).toMatchObject({ status: 'ok' });
    expect(body[unknown]).toEqual({
      status: 'error',
      errorMessage: `Record [${unknown}] was not found in entity [companies]`,
    });
    expect(body.nonsense).toEqual({
      status: 'error',
      errorMessage: 'Record [nonsense] was not found in entity [companies]',
    });
    expect(await left()).toBe(1);
  });

  it('one id answers with the record, one of a list of one too', async () => {
    const [id = ''] = await seed(1);
    const { body } = await app.delete(`/data/companies/${id},`);
    expect(body).toMatchObject({ id, name: 'Company 0' });
    expect(body.entity).toBeUndefined();
  });

  it('a thousand are as many as a call may have; more are refused before anything is deleted', async () => {
    const many = await seed(1_001);
    const refused = await app.delete(`/data/companies/${many.join(',')}`);
    expect(refused).toMatchObject({ status: 400, body: { code: 'badRequest' } });
    expect(await left()).toBe(1_001);
    const { status, body } = await app.delete(`/data/companies/${many.slice(1).join(',')}`);
    expect(status).toBe(200);
    expect(Object.values(body).every((entry) => (entry as { status: string }).status === 'ok')).toBe(true);
    expect(await left()).toBe(1);
  });

  it('in the background: a job with the same entries, without records', async () => {
    const [first = '', second = ''] = await seed(2);
    const unknown = new ObjectId().toHexString();
    const { body } = await app.delete(`/data/companies/${first},${unknown},${second}?_async=true`);
    const job = await finished(body);
    expect(job).toMatchObject({
      hasErrors: true,
      recordsCount: 3,
      recordsProcessed: 3,
      progress: 100,
      lowPriority: false,
    });
    expect(job.results).toEqual({
      [first]: { status: 'ok' },
      [second]: { status: 'ok' },
      [unknown]: { status: 'error', errorMessage: `Record [${unknown}] was not found in entity [companies]` },
    });
    const { body: logs } = await app.get(`/status/jobs/${body.jobId}/logs?level=ERROR`);
    expect(logs.items).toHaveLength(1);
    expect(await left()).toBe(0);
  });
});

describe('over a query', () => {
  it('deletes every match, beyond the size of a page', async () => {
    await seed(120);
    const { status, body } = await app.delete('/data/companies?type=a');
    expect(status).toBe(200);
    expect(Object.keys(body)).toHaveLength(60);
    expect(await left()).toBe(60);
  });

  it('without a filter it means all', async () => {
    await seed(5);
    expect(Object.keys((await app.delete('/data/companies')).body)).toHaveLength(5);
    expect(await left()).toBe(0);
  });

  it('with nothing after the slash it means nothing', async () => {
    await seed(2);
    expect(await app.delete('/data/companies/')).toMatchObject({ status: 400, body: { code: 'badRequest' } });
    expect(await left()).toBe(2);
  });

  it('_size limits it, in the order of the list', async () => {
    await seed(5);
    const { body } = await app.delete('/data/companies?_sortField=numberOfEmployees&_sortType=desc&_size=2');
    expect(Object.values(body).map((entry) => (entry as { response: { name: string } }).response.name)).toEqual([
      'Company 4',
      'Company 3',
    ]);
    const job = await finished(
      (await app.delete('/data/companies?_sortField=numberOfEmployees&_size=2&_async=true')).body,
    );
    expect(job.recordsProcessed).toBe(2);
    expect(await companies().distinct('data.numberOfEmployees')).toEqual([2]);
  });

  it('more than a thousand matches are refused before anything is deleted', async () => {
    await seed(1_001);
    const { status, body } = await app.delete('/data/companies');
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'badRequest' });
    expect(body.message).toContain('_async=true');
    expect(await left()).toBe(1_001);
  });

  it('in the background there is no limit: a thousand entries are kept, all are counted', async () => {
    await seed(1_500);
    const { body } = await app.delete('/data/companies?_async=true&_lowPriority=true');
    const job = await finished(body);
    expect(job).toMatchObject({ recordsCount: 1_500, recordsProcessed: 1_500, hasErrors: false, lowPriority: true });
    expect(Object.keys(job.results)).toHaveLength(1_000);
    expect(await left()).toBe(0);
    expect(await db().collection('jobItems').countDocuments()).toBe(0);
    const { body: logs } = await app.get(`/status/jobs/${body.jobId}/logs`);
    expect(logs.items.map(({ message }: { message: string }) => message)).toEqual([
      'Starting processing',
      'Cleaning up',
      'Process completed',
    ]);
  });

  it('that matches nothing is finished with nothing', async () => {
    expect((await app.delete('/data/companies?type=c')).body).toEqual({});
    const job = await finished((await app.delete('/data/companies?type=c&_async=true')).body);
    expect(job).toMatchObject({ recordsCount: 0, recordsProcessed: 0, hasErrors: false, results: {} });
  });

  it.each(['unknown=1', 'numberOfEmployees=many', '_async=yes', '_lowPriority=1&_async=true', '_size=x'])(
    '%s is refused at the call, in the background too',
    async (query) => {
      await seed(1);
      const before = await jobs().countDocuments();
      for (const more of query.includes('_async') ? [''] : ['', '&_async=true']) {
        expect((await app.delete(`/data/companies?${query}${more}`)).status).toBe(400);
      }
      expect(await left()).toBe(1);
      expect(await jobs().countDocuments()).toBe(before);
    },
  );
});

it('nothing of it without the right to delete, and no job is made', async () => {
  const [first, second] = await seed(2);
  const before = await jobs().countDocuments();
  for (const path of [`${first},${second}`, `${first}?_async=true`]) {
    expect(await asOther('DELETE', `/data/companies/${path}`)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
  }
  for (const query of ['', '?_async=true', '?type=a']) {
    expect(await asOther('DELETE', `/data/companies${query}`)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
  }
  expect(await asOther('DELETE', '/data/nowhere?_async=true')).toMatchObject({
    status: 404,
    body: { code: 'notFound' },
  });
  expect(await jobs().countDocuments()).toBe(before);
  expect(await left()).toBe(2);
});

it('records made after the call are left alone', async () => {
  await seed(800);
  const { body } = await app.delete('/data/companies?_async=true');
  await app.post('/data/companies', { name: 'A later one' });
  await finished(body);
  expect(await left()).toBeLessThanOrEqual(1);
});
