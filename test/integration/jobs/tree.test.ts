// Calls on a root and the jobs below it: they stop, go on and end together (spec auth-jobs-logs-files §9.4, hierarchy).
import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Control } from '../../../src/jobs/control.ts';
import type { Runner } from '../../../src/jobs/runner.ts';
import { callerOf, DEVELOPER } from '../../support/callers.ts';
import type { ParentInput } from '../../support/job-handlers.ts';
import { openEngine, reaches, SHORT, type TestEngine, until } from '../../support/jobs.ts';
import { testDatabase } from '../../support/services.ts';

const CHILDREN = 6;
const UNITS = 16;

const place = testDatabase();
let engine: TestEngine;
let runner: Runner;

beforeAll(async () => {
  engine = await openEngine(place, { timings: SHORT, queues: 'roots:4' });
  runner = await engine.startRunner();
});

afterAll(async () => {
  await runner?.stop(1_000);
  await engine?.close();
});

const control = (id: string, what: Control) => engine.jobs.control(DEVELOPER, id, what);
const statusesBelow = async (root: string): Promise<string[]> => {
  const below = await engine.jobDocuments.find({ tree: new ObjectId(root), parent: { $ne: null } }).toArray();
  return below.map(({ status }) => status).sort();
};
const areAll = (count: number, status: string) => (seen: string[]) =>
  seen.length === count && seen.every((one) => one === status);

/** A root that goes on for a while, with some children at work and some still waiting: the queue has four places. */
async function busyTree(over: Partial<ParentInput> = {}): Promise<string> {
  const input = { children: CHILDREN, child: { units: UNITS, pause: 25 }, linger: 60_000, ...over };
  const { jobId } = await engine.jobs.submit(DEVELOPER, { type: 'TEST_PARENT', label: 'root', queue: 'roots', input });
  await until(
    'some children run and some wait',
    () => statusesBelow(jobId),
    (seen) => seen.length === CHILDREN && seen.includes('RUNNING') && seen.includes('PENDING'),
  );
  return jobId;
}

describe('stop of a root', () => {
  it('stops all below it; resumed, all go on and every unit took effect once', async () => {
    const root = await busyTree();
    expect((await control(root, 'stop')).status).toBe('STOPPING');
    await reaches(engine, root, 'STOPPED');
    expect(await statusesBelow(root)).toEqual(Array(CHILDREN).fill('STOPPED'));

    await engine.jobDocuments.updateOne({ _id: new ObjectId(root) }, { $set: { 'input.linger': 0 } });
    expect((await control(root, 'resume')).status).toBe('RUNNING');
    await until('all are through', () => statusesBelow(root), areAll(CHILDREN, 'FINISHED'));
    expect(await reaches(engine, root, 'FINISHED')).toMatchObject({
      childrenJobsCount: CHILDREN,
      childrenJobsProcessed: CHILDREN,
    });
    const children = await engine.jobDocuments.find({ tree: new ObjectId(root), parent: { $ne: null } }).toArray();
    const pattern = `^(${children.map(({ _id }) => _id.toHexString()).join('|')}):`;
    expect(await engine.effects.countDocuments({ _id: { $regex: pattern } })).toBe(CHILDREN * UNITS);
    expect(await engine.effects.countDocuments({ _id: { $regex: pattern }, n: { $ne: 1 } })).toBe(0);
  });

  it('reaches children of children', async () => {
    const { jobId } = await engine.jobs.submit(DEVELOPER, {
      type: 'TEST_PARENT',
      label: 'root',
      queue: 'roots',
      input: { children: 2, depth: 2, child: { units: 200, pause: 20 }, linger: 60_000 },
    });
    await until(
      'grandchildren are there',
      () => statusesBelow(jobId),
      (seen) => seen.length === 6,
    );
    await control(jobId, 'stop');
    await reaches(engine, jobId, 'STOPPED');
    expect((await statusesBelow(jobId)).filter((status) => status !== 'FINISHED' && status !== 'STOPPED')).toEqual([]);
    expect(await control(jobId, 'cancel')).toMatchObject({ status: 'CANCELED' });
    expect(await statusesBelow(jobId)).not.toContain('STOPPED');
  });

  it('whose own work ends meanwhile leaves it resumable, as long as something below it waits for that', async () => {
    const root = await busyTree({ linger: 1_000, deaf: true });
    await control(root, 'stop');
    await reaches(engine, root, 'STOPPED');
    expect(await statusesBelow(root)).toEqual(Array(CHILDREN).fill('STOPPED'));
    await control(root, 'resume');
    await reaches(engine, root, 'FINISHED');
    await until('all are through', () => statusesBelow(root), areAll(CHILDREN, 'FINISHED'));
  });
});

it('a canceled root counts its canceled children as processed, and resumed takes them along', async () => {
  const root = await busyTree();
  await control(root, 'stop');
  await reaches(engine, root, 'STOPPED');
  expect(await control(root, 'cancel')).toMatchObject({ status: 'CANCELED', childrenJobsProcessed: CHILDREN });
  expect(await statusesBelow(root)).toEqual(Array(CHILDREN).fill('CANCELED'));
  await engine.jobDocuments.updateOne({ _id: new ObjectId(root) }, { $set: { 'input.linger': 0 } });
  await control(root, 'resume');
  await until('all are through', () => statusesBelow(root), areAll(CHILDREN, 'FINISHED'));
});

it('forced to stop, nothing below a root goes on', async () => {
  const root = await busyTree({ deaf: true, child: { units: UNITS, pause: 25, dwell: 100 } });
  await control(root, 'stop');
  const start = performance.now();
  expect((await control(root, 'forceStop')).status).toBe('STOPPED');
  expect(performance.now() - start).toBeLessThan(2_000);
  expect(await statusesBelow(root)).toEqual(Array(CHILDREN).fill('STOPPED'));
  const done = await engine.effects.countDocuments();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await engine.effects.countDocuments()).toBe(done);
  await control(root, 'cancel');
});

describe('kill', () => {
  it('of a running root leaves its children alone', async () => {
    const root = await busyTree();
    expect((await control(root, 'kill')).status).toBe('FINISHED');
    await until('all are through', () => statusesBelow(root), areAll(CHILDREN, 'FINISHED'));
  });

  it('of a root that is being stopped leaves nothing behind that nobody could resume', async () => {
    const root = await busyTree({ deaf: true });
    await control(root, 'stop');
    expect((await control(root, 'kill')).status).toBe('FINISHED');
    const seen = await statusesBelow(root);
    expect(seen.filter((status) => status !== 'CANCELED' && status !== 'FINISHED')).toEqual([]);
  });

  it('of a child ends that child only', async () => {
    const root = await busyTree();
    const child = await engine.jobDocuments.findOne({
      tree: new ObjectId(root),
      status: 'RUNNING',
      parent: { $ne: null },
    });
    expect((await control(child?._id.toHexString() ?? '', 'kill')).status).toBe('FINISHED');
    expect((await engine.jobs.read(DEVELOPER, root)).status).toBe('RUNNING');
    await control(root, 'stop');
    await reaches(engine, root, 'STOPPED');
    await control(root, 'cancel');
  });
});

it('only the owner and developers may steer a root; children refuse everybody', async () => {
  const root = await busyTree();
  await expect(engine.jobs.control(callerOf(), root, 'stop')).rejects.toMatchObject({ code: 'forbidden', status: 403 });
  const child = await engine.jobDocuments.findOne({ tree: new ObjectId(root), parent: { $ne: null } });
  const id = child?._id.toHexString() ?? '';
  await expect(engine.jobs.control(callerOf(), id, 'stop')).rejects.toMatchObject({ status: 403 });
  for (const what of ['stop', 'forceStop', 'cancel', 'resume'] as const) {
    await expect(control(id, what)).rejects.toMatchObject({ code: 'badRequest', status: 404 });
  }
  await control(root, 'stop');
  await reaches(engine, root, 'STOPPED');
  await control(root, 'cancel');
});
