// Random calls on jobs whose workers keep dying, against the state table; a thousand sequences are in test/faults.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ALLOWED, playAll } from '../../support/job-model.ts';
import { killWorkers, openEngine, SHORT, type TestEngine } from '../../support/jobs.ts';
import { testDatabase } from '../../support/services.ts';

const place = testDatabase();
const options = { timings: SHORT, queues: 'light:16' };
let engine: TestEngine;

beforeAll(async () => {
  engine = await openEngine(place, options);
});

afterAll(async () => {
  killWorkers();
  await engine?.close();
});

it('the table has the moves of the contract and no others', () => {
  expect([...ALLOWED].sort()).toEqual(
    [
      'CANCELED->PENDING',
      'CANCELED->RUNNING',
      'PENDING->RUNNING',
      'PENDING->STOPPED',
      'RUNNING->FINISHED',
      'RUNNING->STOPPING',
      'STOPPED->CANCELED',
      'STOPPED->PENDING',
      'STOPPED->RUNNING',
      'STOPPING->FINISHED',
      'STOPPING->STOPPED',
    ].sort(),
  );
});

it('no sequence of calls leaves the table', async () => {
  const { kills, pairs } = await playAll(engine, place, options, {
    sequences: 100,
    seed: 20,
    atOnce: 12,
    killEveryMs: 1_200,
  });
  expect(kills).toBeGreaterThan(0);
  expect(pairs.size).toBeGreaterThan(7);
}, 120_000);
