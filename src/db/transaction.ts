// Units of writes that happen whole or not at all: transactions, tried again where MongoDB says that it helps.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Binary, type ClientSession, type MongoClient, MongoError } from 'mongodb';
import { AppError } from '../errors.ts';
import { guarded, translateMongoError } from './errors.ts';
import { SAFE_WRITES } from './mongo.ts';

/** What the calls of one unit are made with. One call at a time: MongoDB does not allow more in a transaction. */
export type Session = ClientSession;

/** The id under which the server knows a session. */
export type SessionId = Binary;

export interface Sessions {
  /** A session for units that run one after the other; to be given to {@link Sessions.close}. */
  open(): Session;
  close(session: Session): Promise<void>;
  /** One unit on a session of its own. */
  run<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /**
   * Ends what a process that may be dead or frozen has left open on a session. Without this its locks hold for up to the server's
   * `transactionLifetimeLimitSeconds` (60 s). The session stays usable: a unit that was under way is refused and may be tried again.
   */
  kill(ids: readonly SessionId[]): Promise<void>;
}

export function createSessions(client: MongoClient): Sessions {
  const close = (session: Session): Promise<void> => session.endSession();
  return {
    open: () => client.startSession({ causalConsistency: false }),
    close,
    run: async (work) => {
      const session = client.startSession({ causalConsistency: false });
      try {
        return await inTransaction(session, () => work(session));
      } finally {
        await close(session);
      }
    },
    kill: async (ids) => {
      if (ids.length === 0) return;
      try {
        await client.db('admin').command({ killSessions: ids.map((id) => ({ id })) });
      } catch (error) {
        // A provider may forbid it: then what is open ends by the server's own limit, only later.
        if (!(error instanceof MongoError && error.code === UNAUTHORIZED)) throw translateMongoError(error);
      }
    },
  };
}

/** The id of an open session. */
export function sessionId(session: Session): SessionId {
  const id = session.id?.id;
  if (!id) throw new Error('the session has ended');
  return id;
}

const OPTIONS = {
  readConcern: { level: 'snapshot' },
  writeConcern: SAFE_WRITES,
  readPreference: 'primary',
} as const;

const UNAUTHORIZED = 13;
const INTERRUPTED = 11_601;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 500;

/**
 * Runs `work` in a transaction on `session`. It may be run several times, so it must not keep anything between its calls.
 * @param patienceMs how long conflicts with others and changes of the primary are waited out
 * @throws AppError `applicationUnavailable` when it could not be done in that time, or when nobody knows whether it was; what `work`
 *   throws otherwise
 */
export async function inTransaction<T>(session: Session, work: () => Promise<T>, patienceMs = 20_000): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let tries = 0; ; tries += 1) {
    try {
      session.startTransaction(OPTIONS);
      const result = await work();
      await commit(session, deadline);
      return result;
    } catch (error) {
      if (session.inTransaction()) await abort(session);
      if (!mayHelp(error, 'TransientTransactionError') || performance.now() > deadline)
        throw translateMongoError(error);
    }
    await pause(tries);
  }
}

/** A commit whose answer got lost may be sent again: it happens once. */
async function commit(session: Session, deadline: number): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await guarded(() => session.commitTransaction());
    } catch (error) {
      if (!mayHelp(error, 'UnknownTransactionCommitResult') || performance.now() > deadline) throw error;
    }
    await pause(tries);
  }
}

async function abort(session: Session): Promise<void> {
  try {
    await guarded(() => session.abortTransaction());
  } catch (error) {
    // Nothing is committed then either; the server forgets it by itself.
    if (!(error instanceof MongoError || error instanceof AppError)) throw error;
  }
}

async function pause(tries: number): Promise<void> {
  await sleep(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(tries, 10), LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2));
}

/**
 * Whether another try may help. The driver's labels survive as the cause of what the stores make of its errors. A call that
 * `killSessions` has interrupted bears none; sent again, a commit says what became of it.
 */
function mayHelp(error: unknown, label: string): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof MongoError && (at.hasErrorLabel(label) || at.code === INTERRUPTED)) return true;
  }
  return false;
}
