// How many documents a whole collection has: exact, at the price of MongoDB's own count, which is off after an unclean stop.
import type { Db } from 'mongodb';
import type { Logger } from 'pino';
import { measureDrift } from './drift.ts';
import { guarded } from './errors.ts';
import type { PrimaryWatch } from './primary.ts';

export interface Counts {
  /**
   * The exact number of documents; writes that are about to commit may be in it.
   * @param collection its name
   */
  all(collection: string): Promise<number>;
  close(): Promise<void>;
}

export interface CountDeps {
  readonly db: Db;
  readonly primary: Pick<PrimaryWatch, 'identity'>;
  readonly queryTimeoutMs: number;
  readonly log: Logger;
}

/** What MongoDB's own count of a collection is off by, under one primary. */
interface Correction {
  readonly identity: string;
  /** Null until it is measured. */
  drift: number | null;
}

/**
 * MongoDB's own count moves with every write, so what it is off by stays the same as long as a primary is in office. That is
 * measured once for each, in the background; until it is known, and for sharded clusters, documents are counted one by one.
 */
export function createCounts({ db, primary, queryTimeoutMs, log }: CountDeps): Counts {
  const corrections = new Map<string, Correction>();
  const exactCounts = new Map<string, () => Promise<number>>();
  const closing = new AbortController();
  let measuring: Promise<void> = Promise.resolve();

  const countExactly = (collection: string): Promise<number> => {
    let count = exactCounts.get(collection);
    if (!count) {
      count = shared(() => guarded(() => db.collection(collection).countDocuments({}, { maxTimeMS: queryTimeoutMs })));
      exactCounts.set(collection, count);
    }
    return count();
  };

  /** The first to ask under a primary starts the measuring; one collection after the other, since each reads a whole index. */
  const correctionOf = (collection: string, identity: string): Correction => {
    const found = corrections.get(collection);
    if (found?.identity === identity) return found;
    const fresh: Correction = { identity, drift: null };
    corrections.set(collection, fresh);
    const isWanted = (): boolean =>
      !closing.signal.aborted && primary.identity() === identity && corrections.get(collection) === fresh;
    measuring = measuring.then(async () => {
      fresh.drift = await measureDrift({ db, collection, identity, isWanted, signal: closing.signal, log });
    });
    return fresh;
  };

  return {
    all: async (collection) => {
      const identity = primary.identity();
      const drift = identity === null ? null : correctionOf(collection, identity).drift;
      if (drift === null) return countExactly(collection);
      const total = drift + (await guarded(() => db.collection(collection).estimatedDocumentCount()));
      if (total >= 0 && primary.identity() === identity) return total;
      // another primary has answered, or the collection is another one
      corrections.delete(collection);
      return countExactly(collection);
    },
    close: async () => {
      closing.abort();
      await measuring;
    },
  };
}

/** Those who ask while an answer is being made share the next one, since that one began before they asked. */
function shared<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null;
  let next: Promise<T> | null = null;
  const start = (): Promise<T> => {
    next = null;
    const run = work().finally(() => {
      if (running === run) running = null;
    });
    running = run;
    return run;
  };
  return () => {
    if (next) return next;
    if (!running) return start();
    next = running.then(start, start);
    return next;
  };
}
