// Random choices that a printed seed repeats. Timing stays what it is: a seed repeats what was tried, not how it ended.
import { randomInt } from 'node:crypto';

export interface Seeded {
  readonly seed: number;
  /** From 0 up to 1. */
  next(): number;
  /** A whole number from `low` to `high`, both possible. */
  between(low: number, high: number): number;
  pick<T>(list: readonly T[]): T;
  /** A further source that depends on this one's seed alone. */
  fork(name: number): Seeded;
}

/** Says its seed; `CRASH_SEED` gives one. */
export function announcedSeed(): Seeded {
  const seed = Number(process.env.CRASH_SEED ?? randomInt(2 ** 31));
  console.info(`CRASH_SEED=${seed}`);
  return seeded(seed);
}

/** mulberry32: small, and good enough to choose with. */
export function seeded(seed: number): Seeded {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    seed,
    next,
    between,
    pick: <T>(list: readonly T[]): T => list[between(0, list.length - 1)] as T,
    fork: (name) => seeded(Math.imul(seed ^ (name + 1), 0x9e3779b1)),
  };
}
