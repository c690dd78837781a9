// A bound on work that runs at the same time, with a bounded queue in front of it.
import { AppError } from '../errors.ts';

/** Runs at most `limit` tasks at once, in the order they came. */
export interface Gate {
  /**
   * Runs the task when its turn comes.
   * @throws AppError `tooManyRequests` (429, with `Retry-After`) at once when the queue is full
   */
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Tasks that run or wait now. */
  readonly load: () => number;
}

/** @param queue how many tasks may wait; one more is refused. */
export function createGate(limit: number, queue: number, what: string): Gate {
  const waiting: (() => void)[] = [];
  let running = 0;

  const enter = async (): Promise<void> => {
    if (running < limit) {
      running += 1;
      return;
    }
    if (waiting.length >= queue) throw overloaded(what);
    // the one who leaves hands its place over, so `running` stays as it is
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };

  return {
    run: async (task) => {
      await enter();
      try {
        return await task();
      } finally {
        leave();
      }
    },
    load: () => running + waiting.length,
  };
}

function overloaded(what: string): AppError {
  return new AppError('tooManyRequests', `Too many ${what} at the same time, try again in a moment`, {
    headers: { 'retry-after': '2' },
  });
}
