// When the sweep of files runs, and how it ends.
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startSweep } from '../../../src/files/sweep.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const log = pino({ level: 'silent' });
const EVERY = 900_000;

it('comes soon after a start, then every quarter of an hour, and only when it has the turn', async () => {
  let hasTurn = false;
  const sweep = vi.fn(async () => 0);
  const running = startSweep({ sweep, takeTurn: async () => hasTurn, everyMs: EVERY, log });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(sweep).toHaveBeenCalledTimes(0);
  hasTurn = true;
  await vi.advanceTimersByTimeAsync(EVERY);
  expect(sweep).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(EVERY * 3);
  expect(sweep).toHaveBeenCalledTimes(4);
  await running.close();
  await vi.advanceTimersByTimeAsync(EVERY * 3);
  expect(sweep).toHaveBeenCalledTimes(4);
});

it('tries again after a failure', async () => {
  const sweep = vi.fn(async () => {
    throw new Error('the database is away');
  });
  const running = startSweep({ sweep, takeTurn: async () => true, everyMs: EVERY, log });
  await vi.advanceTimersByTimeAsync(10_000 + EVERY);
  expect(sweep).toHaveBeenCalledTimes(2);
  await running.close();
});

it('is waited for when the process ends, and told to', async () => {
  let stopped = false;
  const sweep = (signal: AbortSignal) =>
    new Promise<number>((resolve) => {
      signal.addEventListener('abort', () => {
        setTimeout(() => {
          stopped = true;
          resolve(0);
        }, 100);
      });
    });
  const running = startSweep({ sweep, takeTurn: async () => true, everyMs: 1_000, log });
  await vi.advanceTimersByTimeAsync(1_000);
  const closing = running.close();
  await vi.advanceTimersByTimeAsync(100);
  await closing;
  expect(stopped).toBe(true);
  await vi.advanceTimersByTimeAsync(10_000);
});
