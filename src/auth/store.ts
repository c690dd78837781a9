// Sessions and failed logins in MongoDB; both go by themselves when their time is over.
import { Binary, type Db, type ObjectId } from 'mongodb';
import { guarded } from '../db/errors.ts';
import { type SessionUser, USERS } from '../users/user.ts';

/** A session; its key is the hash of its token. */
export interface SessionDocument {
  readonly _id: Binary;
  /** The user whose rights count and, while impersonating, the person behind. */
  readonly users: readonly ObjectId[];
  /** `auth.sessionEpoch` of each of them when the session was opened. */
  readonly epochs: readonly number[];
  readonly created: Date;
  /** Last request, at most about a minute late. */
  readonly seen: Date;
  readonly expires: Date;
  readonly ip: string | null;
}

/** A session and the people of it, read in one round trip; unordered, and fewer when one is gone. */
export type SessionRead = SessionDocument & { readonly people: readonly SessionUser[] };

export interface SessionStamp {
  readonly key: Buffer;
  readonly seen: Date;
  readonly expires: Date;
}

export interface SessionStore {
  ensureIndexes(): Promise<void>;
  insert(key: Buffer, session: Omit<SessionDocument, '_id'>): Promise<void>;
  read(key: Buffer): Promise<SessionRead | null>;
  remove(key: Buffer): Promise<void>;
  removeOfUser(user: ObjectId): Promise<void>;
  stamp(stamps: readonly SessionStamp[]): Promise<void>;
}

export function createSessionStore(db: Db): SessionStore {
  const sessions = db.collection<SessionDocument>('sessions');
  return {
    ensureIndexes: async () => {
      await sessions.createIndexes([
        { key: { expires: 1 }, name: 'expires', expireAfterSeconds: 0 },
        { key: { users: 1 }, name: 'users' },
      ]);
    },
    insert: async (key, session) => {
      await guarded(() => sessions.insertOne({ _id: new Binary(key), ...session }));
    },
    read: (key) => {
      const found = sessions.aggregate<SessionRead>([
        { $match: { _id: new Binary(key) } },
        // without a pipeline of its own: measured at twice the speed of one that projects
        { $lookup: { from: USERS, localField: 'users', foreignField: '_id', as: 'people' } },
        { $unset: 'people.auth.passwordHash' },
      ]);
      return guarded(() => found.next());
    },
    remove: async (key) => {
      await guarded(() => sessions.deleteOne({ _id: new Binary(key) }));
    },
    removeOfUser: async (user) => {
      await guarded(() => sessions.deleteMany({ users: user }));
    },
    stamp: async (stamps) => {
      const updates = stamps.map(({ key, seen, expires }) => ({
        updateOne: { filter: { _id: new Binary(key) }, update: { $max: { seen, expires } } },
      }));
      await guarded(() => sessions.bulkWrite(updates, { ordered: false }));
    },
  };
}

/** Failures of one source (an address, an e-mail nobody has) within one window. */
interface FailureDocument {
  readonly _id: string;
  readonly count: number;
  readonly until: Date;
}

export interface FailureStore {
  ensureIndexes(): Promise<void>;
  /** Failures of a source in its running window and the end of that, or null. */
  read(source: string, now: Date): Promise<{ count: number; until: Date } | null>;
  /** Counts one more; a window begins with its first failure. */
  add(source: string, now: Date, windowMs: number): Promise<{ count: number; until: Date }>;
}

export function createFailureStore(db: Db): FailureStore {
  const failures = db.collection<FailureDocument>('loginFailures');
  return {
    ensureIndexes: async () => {
      await failures.createIndex({ until: 1 }, { name: 'until', expireAfterSeconds: 0 });
    },
    read: (source, now) => guarded(() => failures.findOne({ _id: source, until: { $gt: now } })),
    add: async (source, now, windowMs) => {
      const runs = { $gt: ['$until', now] };
      const end = new Date(now.getTime() + windowMs);
      const set = {
        count: { $cond: [runs, { $add: ['$count', 1] }, 1] },
        until: { $cond: [runs, '$until', end] },
      };
      const counted = await guarded(() =>
        failures.findOneAndUpdate({ _id: source }, [{ $set: set }], { upsert: true, returnDocument: 'after' }),
      );
      return counted ?? { count: 1, until: end };
    },
  };
}
