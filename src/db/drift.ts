// By how much MongoDB's own count of a collection is off, measured beside running writers and kept for the other processes.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, MongoServerError, type Timestamp } from 'mongodb';
import type { Logger } from 'pino';

/** What was measured last, by whichever process; it holds for one term of one primary. */
interface DriftDocument {
  /** Name of the collection. */
  readonly _id: string;
  readonly primary: string;
  readonly drift: number;
}

export interface Measuring {
  readonly db: Db;
  readonly collection: string;
  /** The primary that it is for. */
  readonly identity: string;
  /** False when nobody needs the result any more. */
  readonly isWanted: () => boolean;
  /** Ends the pauses. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 350;
const UNAUTHORIZED = 13;

/**
 * Exact number of documents minus MongoDB's own count. Tried again and again until two attempts agree.
 * @returns null when it is not wanted any more, or can't be measured here
 */
export async function measureDrift({ db, collection, identity, isWanted, signal, log }: Measuring) {
  const saved = db.collection<DriftDocument>('counts');
  let last: number | null = null;
  while (isWanted()) {
    try {
      const known = await saved.findOne({ _id: collection, primary: identity });
      if (known) return known.drift;
      const drift = await measureOnce(db, collection);
      if (drift !== null && drift === last && isWanted()) {
        if (drift !== 0) log.warn({ collection, drift }, 'the count of a collection was off, as after an unclean stop');
        await saved.updateOne({ _id: collection }, { $set: { primary: identity, drift } }, { upsert: true });
        return drift;
      }
      last = drift ?? last;
      const pauseMs = SHORTEST_PAUSE_MS + Math.random() * (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS);
      await sleep(pauseMs, undefined, { signal, ref: false });
    } catch (error) {
      if (!isWanted()) break;
      log.debug({ err: error, collection }, 'the count of a collection could not be measured');
      if (error instanceof MongoServerError && error.code === UNAUTHORIZED) break;
      await sleep(LONGEST_PAUSE_MS, undefined, { ref: false });
    }
  }
  return null;
}

/**
 * Compares the two counts at one moment. MongoDB's own moves when a document is written, the other one when that commits: only a
 * moment that nobody writes in tells the drift. The documents are counted afterwards, as they were at that moment.
 * @returns null when there were writers
 */
async function measureOnce(db: Db, name: string): Promise<number | null> {
  const before = await lookForWriters(db);
  if (before.busy) return null;
  const own = await db.collection(name).estimatedDocumentCount();
  const after = await lookForWriters(db);
  if (after.busy || !after.lastCommit.equals(before.lastCommit)) return null;
  const exact = await db.command({
    aggregate: name,
    pipeline: [{ $count: 'total' }],
    cursor: {},
    readConcern: { level: 'snapshot', atClusterTime: before.lastCommit },
  });
  return (exact.cursor.firstBatch[0]?.total ?? 0) - own;
}

/**
 * Whether a write is under way, to whatever collection: those hold a lock from their first change to their commit, but not while
 * they wait for the majority. Those that came and went between two looks moved the time of the last commit.
 */
async function lookForWriters(db: Db): Promise<{ busy: boolean; lastCommit: Timestamp }> {
  const answer = await db.client.db('admin').command({
    aggregate: 1,
    pipeline: [
      { $currentOp: { allUsers: false, idleSessions: true } }, // our own user's: those need no right
      { $match: { 'locks.Collection': { $in: ['w', 'W'] } } },
      { $limit: 1 },
    ],
    cursor: {},
  });
  return { busy: answer.cursor.firstBatch.length > 0, lastCommit: answer.operationTime };
}
