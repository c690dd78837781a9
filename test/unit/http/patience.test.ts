// Requests that hang while MongoDB is away: answered in time, each once, and only those that wait for it.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Outage } from '../../../src/db/primary.ts';
import { buildApp } from '../../../src/http/app.ts';
import { fakeServices, TOKEN } from './fake-services.ts';

let outage: Outage | null;
let finish: (answer: object) => void;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  outage = null;
});
afterEach(() => {
  vi.useRealTimers();
});

/** An app whose answers hang until {@link finish}, and a request to it. */
async function hang() {
  const fake = fakeServices();
  Object.assign(fake.services, { database: { outage: () => outage } });
  fake.answer = () =>
    new Promise<object>((resolve) => {
      finish = resolve;
    });
  const app = await buildApp(fake.services);
  const answer = app.inject({ method: 'GET', url: '/api/data/companies/1', headers: { token: TOKEN } });
  await vi.waitFor(() => expect(fake.calls).toHaveLength(1));
  return { answer, fake };
}

const pass = (ms: number): void => void vi.advanceTimersByTime(ms);

it('one that came in an outage gets its 503, while that goes on and when it is over', async () => {
  for (const until of [null, 3_000]) {
    outage = { from: performance.now(), until: until && performance.now() + until };
    const { answer, fake } = await hang();
    expect(fake.contexts[0]?.isGivenUp?.()).toBe(false);
    pass(4_000);
    expect((await answer).statusCode).toBe(503);
    expect((await answer).json()).toMatchObject({ code: 'applicationUnavailable' });
    expect(fake.contexts[0]?.isGivenUp?.()).toBe(true);
    finish({ late: true });
  }
});

it.each([
  ['no outage', null],
  ['an outage long ago', { from: 0, until: 1 }],
])('a slow one is left alone: %s', async (_, before) => {
  pass(10_000);
  outage = before;
  const { answer } = await hang();
  pass(60_000);
  finish({ fine: true });
  expect((await answer).json()).toEqual({ fine: true });
});

it('one that came shortly before an outage may wait since then already', async () => {
  const { answer } = await hang();
  pass(3_000);
  outage = { from: performance.now(), until: null };
  pass(1_000);
  expect((await answer).statusCode).toBe(503);
});

it('one that came long before an outage is given up when that lasts, not when it ends', async () => {
  const short = await hang();
  pass(5_000);
  outage = { from: performance.now(), until: null };
  pass(3_000);
  outage = { ...outage, until: performance.now() };
  pass(60_000);
  finish({ fine: true });
  expect((await short.answer).statusCode).toBe(200);

  const long = await hang();
  pass(5_000);
  outage = { from: performance.now(), until: null };
  pass(4_000);
  expect((await long.answer).statusCode).toBe(503);
});
