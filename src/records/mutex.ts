// A mutex per key inside this process: writers of one record queue up here instead of losing races against each other in MongoDB.
import { AppError } from '../errors.ts';

/**
 * Runs `work` alone among all that use the same key, in order of arrival. When the database is away, those that wait fail together
 * with the one before them: one by one they would wait for longer and longer, and write long after their callers were told no.
 */
export type KeyedMutex = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Makes a mutex; it keeps nothing for keys that nobody waits for. Other processes are kept apart by the versions in the database. */
export function createKeyedMutex(): KeyedMutex {
  const tails = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = tails.get(key);
    const run = before ? before.then(work, (error: unknown) => afterFailure(error, work)) : work();
    tails.set(key, run);
    try {
      return await run;
    } finally {
      if (tails.get(key) === run) tails.delete(key);
    }
  };
}

function afterFailure<T>(error: unknown, work: () => Promise<T>): Promise<T> {
  if (error instanceof AppError && error.code === 'applicationUnavailable') throw error;
  return work();
}
