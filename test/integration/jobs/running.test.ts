// Jobs from the call to their end, with a real queue, database and runner.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Runner } from '../../../src/jobs/runner.ts';
import { callerOf, DEVELOPER, openEngine, reaches, SHORT, type TestEngine, until } from '../../support/jobs.ts';
import { testDatabase } from '../../support/services.ts';

const place = testDatabase();
let engine: TestEngine;
let runner: Runner;

beforeAll(async () => {
  engine = await openEngine(place, { timings: SHORT, queues: 'reports:1' });
  runner = await engine.startRunner();
});

afterAll(async () => {
  await runner?.stop(2_000);
  await engine?.close();
});

const submit = (type: string, input: object, over: object = {}) =>
  engine.jobs.submit(DEVELOPER, { type, label: `a ${type}`, input: { ...input }, ...over });

describe('a job', () => {
  it('runs every unit once and is finished', async () => {
    const { jobId, jobLink } = await submit('TEST_COUNT', { units: 25, batch: 10 });
    expect(jobLink).toBe(`/api/status/jobs/${jobId}`);
    const job = await reaches(engine, jobId, 'FINISHED');
    expect(job).toMatchObject({
      label: 'a TEST_COUNT',
      runBy: { fullName: 'Dev Eloper' },
      hasErrors: false,
      progress: 100,
      recordsCount: 25,
      recordsProcessed: 25,
      results: { 0: { status: 'ok' }, 24: { status: 'ok' } },
    });
    expect(Object.keys(job.results)).toHaveLength(25);
    expect(await engine.effects.countDocuments({ _id: { $regex: `^${jobId}` }, n: 1 })).toBe(25);
  });
});
