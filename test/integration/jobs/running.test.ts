// Jobs from the call to their end, with a real queue, database and runner.
import { Binary, ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Runner } from '../../../src/jobs/runner.ts';
import { callerOf, DEVELOPER } from '../../support/callers.ts';
import { jobDocument } from '../../support/job-app.ts';
import type { CountInput } from '../../support/job-handlers.ts';
import { openEngine, reaches, SHORT, type TestEngine, until } from '../../support/jobs.ts';
import { testDatabase } from '../../support/services.ts';

const place = testDatabase();
let engine: TestEngine;
let runner: Runner;
let time = Date.now();

beforeAll(async () => {
  engine = await openEngine(place, {
    timings: SHORT,
    queues: 'reports:1,pair:2,trees:2',
    now: () => Math.max(time, Date.now()),
  });
  runner = await engine.startRunner();
});

afterAll(async () => {
  await runner?.stop(1_000);
  await engine?.close();
});

const submit = async (type: string, input: object, over: object = {}, ctx = DEVELOPER): Promise<string> => {
  const { jobId } = await engine.jobs.submit(ctx, { type, label: `a ${type}`, input: { ...input }, ...over });
  return jobId;
};
const count = (input: CountInput, over: object = {}): Promise<string> => submit('TEST_COUNT', input, over);
const read = (id: string) => engine.jobs.read(DEVELOPER, id);
const control = (id: string, what: 'stop' | 'forceStop' | 'cancel' | 'resume' | 'kill') =>
  engine.jobs.control(DEVELOPER, id, what);
const timesOf = async (id: string): Promise<number[]> => {
  const effects = await engine.effects.find({ _id: { $regex: `^${id}:` } }).toArray();
  return effects.map(({ n }) => n);
};
const messagesOf = async (id: string): Promise<string[]> =>
  (await engine.jobs.readLogs(DEVELOPER, id, [])).items.map(({ level, message }) => `${level} ${message}`);

describe('a job', () => {
  it('runs every unit once and is finished', async () => {
    const { jobId, jobLink } = await engine.jobs.submit(DEVELOPER, {
      type: 'TEST_COUNT',
      label: 'l',
      input: { units: 25, batch: 10 },
    });
    expect(jobLink).toBe(`/api/status/jobs/${jobId}`);
    const job = await reaches(engine, jobId, 'FINISHED');
    expect(job).toMatchObject({
      label: 'l',
      runBy: { fullName: 'Dev Eloper' },
      parentJob: null,
      rootJob: null,
      hasErrors: false,
      progress: 100,
      recordsCount: 25,
      recordsProcessed: 25,
      childrenJobsCount: 0,
      stoppable: true,
      lowPriority: false,
      data: {},
      results: { 0: { status: 'ok' }, 24: { status: 'ok' } },
    });
    expect(Object.keys(job.results)).toHaveLength(25);
    expect(job.createDate).toBeLessThanOrEqual(job.startDate ?? 0);
    expect(job.startDate).toBeLessThanOrEqual(job.endDate ?? 0);
    expect(await timesOf(jobId)).toEqual(Array(25).fill(1));
    expect(await messagesOf(jobId)).toEqual(['INFO Starting processing', 'INFO Process completed']);
  });

  it('with an error of its own is finished with errors, says so, and lets others run', async () => {
    const id = await submit('TEST_FAIL', {});
    const job = await reaches(engine, id, 'FINISHED');
    expect(job).toMatchObject({ hasErrors: true, progress: 100 });
    expect(job.results).toEqual({ errorMessage: 'An unexpected error happened; the server log has it' });
    expect((await messagesOf(id)).at(-1)).toMatch(/^ERROR An unexpected error/);
  });

  it('whose user is gone is finished with errors', async () => {
    const id = await submit('TEST_COUNT', { units: 1 }, {}, callerOf({ fullName: 'Gone' }));
    const job = await reaches(engine, id, 'FINISHED');
    expect(job).toMatchObject({
      hasErrors: true,
      results: { errorMessage: 'User [Gone] does not exist or is not active' },
    });
    expect(await timesOf(id)).toEqual([]);
  });

  it('of an unknown queue runs in mix', async () => {
    const id = await count({ units: 1 }, { queue: 'nowhere' });
    await reaches(engine, id, 'FINISHED');
    expect(await engine.jobDocuments.findOne({ _id: new ObjectId(id) })).toMatchObject({ queue: 'mix' });
  });
});

describe('stopping', () => {
  it('a running job keeps its position, and resumed it does the rest, each unit once', async () => {
    const id = await count({ units: 40, pause: 20 });
    await until(
      'some units are done',
      () => read(id),
      (job) => job.recordsProcessed > 3,
    );
    expect((await control(id, 'stop')).status).toBe('STOPPING');
    const stopped = await reaches(engine, id, 'STOPPED');
    expect(stopped.recordsProcessed).toBeLessThan(40);
    expect(stopped.progress).toBeLessThan(100);
    expect(stopped.endDate).not.toBeNull();
    const resumed = await control(id, 'resume');
    expect(resumed).toMatchObject({ status: 'RUNNING', endDate: null, startDate: stopped.startDate });
    expect(await reaches(engine, id, 'FINISHED')).toMatchObject({ recordsProcessed: 40, hasErrors: false });
    expect(await timesOf(id)).toEqual(Array(40).fill(1));
  });

  it('a job that cannot stop midway is refused, and by force too', async () => {
    const id = await submit('TEST_WHOLE', { ms: 400 });
    await reaches(engine, id, 'RUNNING');
    await expect(control(id, 'stop')).rejects.toMatchObject({ code: 'badRequest', status: 404 });
    await expect(control(id, 'forceStop')).rejects.toMatchObject({ code: 'badRequest', status: 404 });
    expect(await reaches(engine, id, 'FINISHED')).toMatchObject({ results: { status: 'ok' } });
  });

  it('by force answers at once, frees the place within 2 s, and what the run still does is for nothing', async () => {
    const id = await submit('TEST_HANG', {}, { queue: 'reports' });
    const next = await count({ units: 1 }, { queue: 'reports' });
    await reaches(engine, id, 'RUNNING');
    await control(id, 'stop');
    expect((await read(next)).status).toBe('PENDING');
    const start = performance.now();
    expect(await control(id, 'forceStop')).toMatchObject({ status: 'STOPPED' });
    expect(performance.now() - start).toBeLessThan(1_000);
    await reaches(engine, next, 'FINISHED', 2_000);
    expect((await control(id, 'cancel')).status).toBe('CANCELED');
  });

  it('by force does not wait for a transaction that the run has open', async () => {
    const id = await count({ units: 2, dwell: 1_500 });
    await reaches(engine, id, 'RUNNING');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await control(id, 'stop');
    const start = performance.now();
    expect(await control(id, 'forceStop')).toMatchObject({ status: 'STOPPED', recordsProcessed: 0 });
    expect(performance.now() - start).toBeLessThan(1_000);
    await new Promise((resolve) => setTimeout(resolve, 1_700));
    expect(await timesOf(id)).toEqual([]);
    expect(await read(id)).toMatchObject({ status: 'STOPPED', recordsProcessed: 0 });
  });

  it('two calls at the same time both succeed', async () => {
    const id = await count({ units: 100, pause: 20 });
    await reaches(engine, id, 'RUNNING');
    const answers = await Promise.all([control(id, 'stop'), control(id, 'stop'), control(id, 'stop')]);
    for (const { status } of answers) expect(['STOPPING', 'STOPPED']).toContain(status);
    await reaches(engine, id, 'STOPPED');
    await control(id, 'cancel');
  });

  it('killing ends a job with errors, now and for good', async () => {
    const id = await submit('TEST_HANG', {});
    await reaches(engine, id, 'RUNNING');
    expect(await control(id, 'kill')).toMatchObject({ status: 'FINISHED', hasErrors: true, progress: 100 });
    expect(await messagesOf(id)).toContain('ERROR Killed by Dev Eloper');
    for (const what of ['stop', 'forceStop', 'cancel', 'resume'] as const) {
      await expect(control(id, what)).rejects.toMatchObject({ code: 'badRequest', status: 404 });
    }
    await expect(control(id, 'kill')).rejects.toMatchObject({ code: 'badRequest', status: 400 });
  });
});

describe('places', () => {
  it('of a custom queue are as many as the setting says', async () => {
    const ids = await Promise.all(
      Array.from({ length: 4 }, () => count({ units: 5, pause: 50 }, { queue: 'reports' })),
    );
    let most = 0;
    await until(
      'all are finished',
      async () => {
        const jobs = await Promise.all(ids.map(read));
        most = Math.max(most, jobs.filter(({ status }) => status === 'RUNNING').length);
        return jobs;
      },
      (jobs) => jobs.every(({ status }) => status === 'FINISHED'),
    );
    expect(most).toBe(1);
  });

  it('go to low priority only beside enough free ones', async () => {
    const [first, second] = await Promise.all([
      count({ units: 15, pause: 50 }, { queue: 'pair' }),
      count({ units: 15, pause: 50 }, { queue: 'pair' }),
    ]);
    await Promise.all([first, second].map((id) => reaches(engine, id, 'RUNNING')));
    const low = await count({ units: 1 }, { queue: 'pair', lowPriority: true });
    const normal = await count({ units: 1 }, { queue: 'pair' });
    const job = await reaches(engine, low, 'FINISHED');
    expect(job.lowPriority).toBe(true);
    expect(job.startDate).toBeGreaterThanOrEqual((await reaches(engine, normal, 'FINISHED')).startDate ?? Infinity);
  });

  it('are shared between roots: many children of one do not keep another waiting', async () => {
    const parent = await submit('TEST_PARENT', { children: 12, child: { units: 4, pause: 40 } }, { queue: 'trees' });
    await reaches(engine, parent, 'FINISHED');
    // its children are in mix: fill that queue, then come later with a root of one's own
    const single = await count({ units: 1 });
    const job = await reaches(engine, single, 'FINISHED');
    const left = await engine.jobDocuments.countDocuments({ tree: new ObjectId(parent), status: 'PENDING' });
    expect(job.status).toBe('FINISHED');
    expect(left).toBeGreaterThan(0);
    await until(
      'the children are through',
      () => read(parent),
      ({ childrenJobsProcessed }) => childrenJobsProcessed === 12,
    );
  });
});

describe('jobs below another', () => {
  it('are counted, name their parent and root, and belong to the same people', async () => {
    const owner = callerOf({ fullName: 'Owner' });
    const id = await submit('TEST_PARENT', { children: 2, depth: 2, child: { units: 1 } }, {}, owner);
    const root = await until(
      'all are through',
      () => engine.jobs.read(owner, id),
      ({ childrenJobsProcessed }) => childrenJobsProcessed === 2,
    );
    expect(root).toMatchObject({ childrenJobsCount: 2, status: 'FINISHED' });
    const { items } = await engine.jobs.list(owner, []);
    const child = items.find(({ parentJob }) => parentJob?.id === id);
    const grandchild = items.find(({ parentJob }) => parentJob?.id === child?.id);
    expect(child?.rootJob).toEqual({ id, label: 'a TEST_PARENT' });
    expect(grandchild?.rootJob).toEqual({ id, label: 'a TEST_PARENT' });
    expect(grandchild?.runBy).toEqual(root.runBy);
    await expect(engine.jobs.read(callerOf(), grandchild?.id ?? '')).rejects.toMatchObject({ code: 'notFound' });
  });
});

it('jobs over which processes have ended run one at a time, others beside them, and all of them run', async () => {
  const input = { units: 4, pause: 40, dwell: 60 };
  const waiting = { status: 'PENDING', waiting: true, started: null, ended: null, progress: 0, attempt: 0 } as const;
  const stored = [1, 1, 0, 2, 0, 1].map((crashes) =>
    jobDocument({ ...waiting, type: 'TEST_COUNT', queue: 'light', crashes, input }),
  );
  const all = { _id: { $in: stored.map(({ _id }) => _id) } };
  await engine.jobDocuments.insertMany(stored);
  let together = 0;
  await until(
    'all are finished',
    async () => {
      const running = { ...all, claim: { $exists: true }, crashes: { $gt: 0 } };
      together = Math.max(together, await engine.jobDocuments.countDocuments(running));
      return engine.jobDocuments.countDocuments({ ...all, status: 'FINISHED' });
    },
    (finished) => finished === stored.length,
  );
  expect(together).toBe(1);
  for (const { _id } of stored) expect(await timesOf(_id.toHexString())).toEqual([1, 1, 1, 1]);
});

it('a job claimed by a worker that never heard of it is taken again', async () => {
  const db = engine.jobDocuments.db;
  const worker = await db.collection<{ _id: string }>('jobWorkers').findOne({});
  const id = await count({ units: 1 }, { queue: 'reports' });
  await reaches(engine, id, 'FINISHED');
  // as if the answer to its claim had been lost
  const { claim } = {
    claim: { worker: worker?._id ?? '', session: new Binary(Buffer.alloc(16, 1), Binary.SUBTYPE_UUID) },
  };
  await engine.jobDocuments.updateOne(
    { _id: new ObjectId(id) },
    { $set: { status: 'RUNNING', claim, position: null, ended: null }, $unset: { expires: '' } },
  );
  await reaches(engine, id, 'FINISHED');
  expect(await timesOf(id)).toEqual([2]);
});

describe('expired jobs', () => {
  it('go with their logs and results; resumed ones stay', async () => {
    const [gone, kept] = await Promise.all([count({ units: 3 }), count({ units: 50, pause: 20 })]);
    await reaches(engine, gone, 'FINISHED');
    await reaches(engine, kept, 'RUNNING');
    await control(kept, 'stop');
    await reaches(engine, kept, 'STOPPED');
    await control(kept, 'resume');
    time = Date.now() + 91 * 86_400_000;
    const other = await openEngine(place, { timings: { ...SHORT, cleanup: 100 }, now: () => time });
    const sweeper = await other.startRunner();
    try {
      await until(
        'the job is gone',
        () => engine.jobDocuments.countDocuments({ _id: new ObjectId(gone) }),
        (left) => left === 0,
      );
      const db = engine.jobDocuments.db;
      expect(await db.collection('jobLogs').countDocuments({ job: new ObjectId(gone) })).toBe(0);
      expect(await db.collection('jobResults').countDocuments({ job: new ObjectId(gone) })).toBe(0);
      expect((await read(kept)).status).not.toBe('STOPPED');
    } finally {
      await sweeper.stop(1_000);
      await other.close();
    }
  });
});
