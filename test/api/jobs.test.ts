// Jobs over HTTP: who sees and steers what, filters, pages, logs, and calls as real clients make them.
import { ObjectId } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { jobDocument, startJobApp } from '../support/job-app.ts';

const { app, jobs, db, ids, asOther, store } = startJobApp();
const other = () => ({ _id: new ObjectId(ids.other), fullName: 'Ann Other' });
const idsOf = ({ body }: { body: { items: { id: string }[] } }): string[] => body.items.map(({ id }) => id);

beforeEach(() => Promise.all([jobs().deleteMany({}), db().collection('jobLogs').deleteMany({})]));

describe('reading', () => {
  it('a developer reads every job; others their own, and what is below them', async () => {
    const own = await store({ runBy: other() });
    const parent = { _id: new ObjectId(own), label: 'l' };
    const below = await store({
      runBy: null,
      owners: [new ObjectId(ids.other)],
      parent,
      root: parent,
      tree: parent._id,
    });
    const foreign = await store();
    for (const id of [own, below, foreign]) expect((await app.get(`/status/jobs/${id}`)).status).toBe(200);
    for (const id of [own, below]) expect((await asOther('GET', `/status/jobs/${id}`)).status).toBe(200);
    for (const path of [`/status/jobs/${foreign}`, `/status/jobs/${foreign}/logs`]) {
      expect(await asOther('GET', path)).toMatchObject({ status: 404, body: { code: 'notFound' } });
    }
    expect(idsOf(await asOther('GET', '/status/jobs')).sort()).toEqual([own, below].sort());
    expect(idsOf(await app.get('/status/jobs'))).toHaveLength(3);
  });

  it.each(['000000000000000000000000', 'nonsense', '588A02C13B063A0007605032'])('there is no job %s', async (id) => {
    for (const path of [`/status/jobs/${id}`, `/status/job/${id}`, `/status/jobs/${id}/logs`]) {
      expect(await app.get(path)).toMatchObject({ status: 404, body: { code: 'notFound' } });
    }
    expect(await app.put(`/status/jobs/${id}/stop`)).toMatchObject({ status: 404, body: { code: 'notFound' } });
  });

  it('needs a token', async () => {
    expect((await app.send('GET', '/status/jobs', undefined, { token: '' })).status).toBe(401);
  });
});

describe('lists', () => {
  const at = (n: number): Date => new Date(1_000_000_000_000 + n * 1_000);

  it('visit every job once, newest first, a page at a time', async () => {
    const stored = Array.from({ length: 7 }, (_, n) => jobDocument({ created: at(Math.floor(n / 2)) }));
    await jobs().insertMany(stored);
    const order = stored.toSorted((a, b) => b.created.getTime() - a.created.getTime() || (a._id < b._id ? 1 : -1));
    const seen: string[] = [];
    for (let offset = ''; ; ) {
      const { body } = await app.get(`/status/jobs?_size=1${offset && `&_offset=${offset}`}`);
      expect(body.total).toBe(7);
      if (body.items.length === 0) break;
      expect(body.offset).toBe(body.items[0].id);
      seen.push(body.items[0].id);
      offset = body.offset;
    }
    expect(seen).toEqual(order.map(({ _id }) => _id.toHexString()));
    expect(idsOf(await app.get('/status/jobs?_size=2&_offset=3'))).toEqual(seen.slice(3, 5));
    expect((await app.get('/status/jobs?_size=0')).body).toEqual({ total: 7, items: [] });
  });

  it('go on where a job that is gone was', async () => {
    const stored = Array.from({ length: 4 }, (_, n) =>
      jobDocument({ _id: ObjectId.createFromTime(1_000_000_000 + n), created: at(n) }),
    );
    await jobs().insertMany(stored);
    const gone = stored[2]?._id ?? new ObjectId();
    await jobs().deleteOne({ _id: gone });
    expect(idsOf(await app.get(`/status/jobs?_offset=${gone.toHexString()}`))).toEqual(
      [1, 0].map((n) => stored[n]?._id.toHexString()),
    );
  });

  it.each<[string, number]>([
    ['status=STOPPED', 1],
    ['status=STOPPED, FINISHED', 3],
    ['hasErrors=true', 1],
    ['hasErrors=false', 2],
    ['type=DELETE_RECORDS', 1],
    ['type=DELETE_RECORDS,EXECUTE_ACTION', 3],
    ['type=START_APP', 0],
    [`createFrom=${at(20).getTime()}`, 2],
    [`createTo=${at(20).getTime()}`, 2],
    [`createFrom=${at(20).getTime()}&createTo=${at(20).getTime()}`, 1],
    [`startFrom=${at(12).getTime()}`, 2],
    [`startTo=${at(11).getTime()}`, 1],
    [`endFrom=${at(0).getTime()}`, 2],
    [`endTo=${at(12).getTime()}`, 1],
    ['unknown=1', 3],
  ])('%s', async (query, total) => {
    await jobs().insertMany([
      jobDocument({ created: at(10), started: at(11), ended: at(12) }),
      jobDocument({ created: at(20), started: at(21), ended: at(22), hasErrors: true, type: 'DELETE_RECORDS' }),
      jobDocument({ created: at(30), started: at(31), ended: null, status: 'STOPPED' }),
    ]);
    expect((await app.get(`/status/jobs?${query}`)).body).toMatchObject({ total });
  });

  it.each(['status=finished', 'status=DONE', 'type=NOTHING', 'hasErrors=1', 'createFrom=now', '_size=-1', '_offset=x'])(
    '%s is refused',
    async (query) => {
      const { status, body } = await app.get(`/status/jobs?${query}`);
      expect({ status, code: body.code }).toEqual({ status: 400, code: 'badRequest' });
      expect(body.message).toContain(query.split('=')[0]);
    },
  );

  it('show jobs of the system to nobody who does not ask for them by name, and to no person without rights', async () => {
    await store({ type: 'SYSTEM_CASCADE', runBy: other() });
    expect((await app.get('/status/jobs')).body.total).toBe(0);
    expect((await asOther('GET', '/status/jobs?type=SYSTEM_CASCADE')).status).toBe(400);
  });
});

describe('logs', () => {
  const seedLogs = async (count: number): Promise<string> => {
    const id = await store();
    const lines = Array.from({ length: count }, (_, n) => ({
      job: new ObjectId(id),
      timestamp: new Date(1_000_000_000_000 + Math.floor(n / 3) * 1_000),
      level: ['INFO', 'WARN', 'ERROR'][n % 3],
      message: `Line ${n} (50% of it)`,
    }));
    await db().collection('jobLogs').insertMany(lines);
    return id;
  };

  it('are oldest first; the offset is there while lines remain', async () => {
    const id = await seedLogs(10);
    const seen: string[] = [];
    for (let offset = ''; ; ) {
      const { body } = await app.get(`/status/jobs/${id}/logs?_size=3${offset && `&_offset=${offset}`}`);
      expect(body.total).toBe(10);
      for (const line of body.items) expect(Object.keys(line)).toEqual(['timestamp', 'level', 'message']);
      seen.push(...body.items.map(({ message }: { message: string }) => message));
      if (!body.offset) break;
      offset = body.offset;
    }
    expect(seen).toEqual(Array.from({ length: 10 }, (_, n) => `Line ${n} (50% of it)`));
  });

  it.each<[string, number]>([
    ['level=ERROR', 3],
    ['level=ERROR,WARN', 6],
    ['message=LINE 7', 1],
    ['message=(50%25 of', 9],
    ['message=nothing', 0],
    ['from=1000000001000', 6],
    ['to=1000000001000', 6],
    ['from=1000000001000&to=1000000001000', 3],
    ['from=2&to=1', 0],
    ['period=1h', 0],
    ['period=1h&from=0', 0],
  ])('%s', async (query, total) => {
    const id = await seedLogs(9);
    expect((await app.get(`/status/jobs/${id}/logs?${query}`)).body.total).toBe(total);
  });

  it.each(['level=DEBUG', 'period=soon', 'from=x', '_size=x', '_offset=-1'])('%s is refused', async (query) => {
    const { status, body } = await app.get(`/status/jobs/${await seedLogs(1)}/logs?${query}`);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'badRequest' });
  });
});

describe('steering', () => {
  const PLACES = ['stop', 'forceStop', 'cancel', 'resume', 'kill'] as const;

  it.each(PLACES)('%s of a job of somebody else is forbidden, of one that is not there 404', async (what) => {
    const id = await store();
    expect(await asOther('PUT', `/status/jobs/${id}/${what}`)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    const none = await asOther('PUT', `/status/jobs/${new ObjectId().toHexString()}/${what}`);
    expect(none).toMatchObject({ status: 404, body: { code: 'notFound' } });
  });

  it.each(PLACES)('%s of a finished job', async (what) => {
    const id = await store();
    const { status, body } = await app.put(`/status/jobs/${id}/${what}`);
    expect({ status, code: body.code }).toEqual({ status: what === 'kill' ? 400 : 404, code: 'badRequest' });
    expect(body.message).toContain('FINISHED');
  });

  it('a pending job stops and waits again, for its owner too', async () => {
    const id = await store({
      status: 'PENDING',
      runBy: other(),
      started: null,
      ended: null,
      progress: 0,
      queue: 'nobody',
    });
    expect(await asOther('PUT', `/status/jobs/${id}/stop`)).toMatchObject({
      status: 200,
      body: { status: 'STOPPED', startDate: null },
    });
    expect((await asOther('PUT', `/status/jobs/${id}/stop`)).status).toBe(200);
    expect((await asOther('PUT', `/status/jobs/${id}/cancel`)).body).toMatchObject({ status: 'CANCELED' });
    expect((await asOther('PUT', `/status/jobs/${id}/resume`)).body).toMatchObject({
      status: 'PENDING',
      endDate: null,
    });
  });

  it('takes bodies that mean nothing, a slash at the end, and the other name', async () => {
    const id = await store({ status: 'STOPPED' });
    const cancel = await app.send('PUT', `/status/job/${id}/cancel/`, { anything: 1 });
    expect(cancel).toMatchObject({ status: 200, body: { status: 'CANCELED' } });
    const empty = await app.send('PUT', `/status/job/${id}/resume`, undefined, { 'content-type': 'application/json' });
    expect(empty).toMatchObject({ status: 200, body: { status: 'RUNNING' } });
  });

  it('of an unknown kind is no route', async () => {
    expect(await app.put(`/status/jobs/${await store()}/restart`)).toMatchObject({
      status: 404,
      body: { code: 'notFound' },
    });
  });
});
