// Readiness: what each kind of failure says, and that it is asked at most once a second.
import { describe, expect, test, vi } from 'vitest';
import { createHealth, type HealthCheck } from '../../src/health.ts';

const check = (name: string, essential: boolean, works: boolean): HealthCheck => ({
  name,
  essential,
  check: () => works,
});

describe('status', () => {
  test.each<[boolean, boolean, string]>([
    [true, true, 'ready'],
    [true, false, 'degraded'],
    [false, true, 'unavailable'],
    [false, false, 'unavailable'],
  ])('database %s, redis %s: %s', async (database, redis, status) => {
    const health = createHealth([check('mongodb', true, database), check('redis', false, redis)]);
    expect(await health.report()).toEqual({
      status,
      checks: { mongodb: database ? 'up' : 'down', redis: redis ? 'up' : 'down' },
    });
  });

  test('a check that throws or rejects is down', async () => {
    const throws = () => {
      throw new Error('no');
    };
    const health = createHealth([
      { name: 'a', essential: false, check: throws },
      { name: 'b', essential: false, check: () => Promise.reject(new Error('no')) },
    ]);
    expect((await health.report()).checks).toEqual({ a: 'down', b: 'down' });
  });

  test('a check that hangs is down after two seconds', async () => {
    vi.useFakeTimers();
    try {
      const health = createHealth([{ name: 'a', essential: true, check: () => new Promise(() => undefined) }]);
      const report = health.report();
      await vi.advanceTimersByTimeAsync(2_000);
      expect(await report).toEqual({ status: 'unavailable', checks: { a: 'down' } });
    } finally {
      vi.useRealTimers();
    }
  });
});

test('reports are kept for a second, also while one is being made', async () => {
  let now = 0;
  let asked = 0;
  const health = createHealth([{ name: 'a', essential: true, check: () => ++asked > 0 }], () => now);
  await Promise.all([health.report(), health.report()]);
  now = 999;
  await health.report();
  expect(asked).toBe(1);
  now = 1_000;
  await health.report();
  expect(asked).toBe(2);
});
