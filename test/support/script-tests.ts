// Pools of script hosts that live as long as a test or a file of tests, and what tests expect of failures.
import { afterAll, afterEach, beforeAll } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { type TestPool, testPool } from './scripts.ts';

/** Pools that are closed after each test. */
export function poolsOfTest(): (source: string, options?: Parameters<typeof testPool>[1]) => TestPool {
  const open: TestPool[] = [];
  afterEach(async () => void (await Promise.all(open.splice(0).map((pool) => pool.close()))));
  return (source, options) => {
    const pool = testPool(source, options);
    open.push(pool);
    return pool;
  };
}

/** One pool for a whole table of tests: every body becomes a function `row<index>(record)`. */
export function poolOfTable(bodies: readonly string[], options?: Parameters<typeof testPool>[1]): () => TestPool {
  let pool: TestPool;
  beforeAll(async () => {
    const functions = bodies.map((body, index) => `function row${index}(record) { ${body}; }`);
    pool = testPool(functions.join('\n'), options);
    await pool.ready();
  });
  afterAll(() => pool.close());
  return () => pool;
}

/** The contract error that work ends in. */
export async function failureOf(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => new Error('the work succeeded'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof AppError) return error;
  throw error;
}
