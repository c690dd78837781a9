// By how much MongoDB's own count of a collection is off, measured beside running writers and kept for the other processes.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, MongoServerError } from 'mongodb';
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
 * @returns null when it is not wanted any more
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
      log.debug({ err: error, collection }, 'the count of a collection could not be measured yet');
      await sleep(LONGEST_PAUSE_MS, undefined, { ref: false });
    }
  }
  return null;
}

/**
 * Compares the two counts at one moment. MongoDB's own moves when a document is written, the other one when that commits: only a
 * moment without writers in between tells the drift.
 * @returns null when there were writers
 */
async function measureOnce(db: Db, name: string): Promise<number | null> {
  const collection = db.collection(name);
  const session = db.client.startSession({ causalConsistency: false });
  try {
    // `local`: all that is committed. `snapshot` may leave the newest out.
    session.startTransaction({ readConcern: { level: 'local' } });
    const own = await collection.estimatedDocumentCount();
    if (await isBeingWritten(db)) return null;
    // from here on the session sees this moment, however long the count takes
    await collection.findOne({}, { session, projection: { _id: 1 } });
    if ((await collection.estimatedDocumentCount()) !== own) return null;
    const [row] = await collection.aggregate<{ total: number }>([{ $count: 'total' }], { session }).toArray();
    return (row?.total ?? 0) - own;
  } finally {
    await session.endSession(); // with it the transaction
  }
}

/**
 * Whether a write is under way, to whatever collection: those hold a lock from their first change to their commit. Waiting for the
 * majority comes later and does not count.
 */
async function isBeingWritten(db: Db): Promise<boolean> {
  const ours = { $currentOp: { allUsers: false, idleSessions: true } }; // those of our own user need no right
  const pipeline = [ours, { $match: { 'locks.Collection': { $in: ['w', 'W'] } } }, { $limit: 1 }];
  try {
    return (await db.client.db('admin').aggregate(pipeline).toArray()).length > 0;
  } catch (error) {
    // not to be known here: two attempts that agree must do
    if (error instanceof MongoServerError && error.code === UNAUTHORIZED) return false;
    throw error;
  }
}
