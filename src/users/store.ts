// Users in MongoDB: every change of rights is one conditional write that also ends the sessions it must end.
import type { Collection, Db, Document, Filter, ObjectId } from 'mongodb';
import { DuplicateKeyError, guarded } from '../db/errors.ts';
import {
  type SessionUser,
  standardizeEmail,
  USERS,
  type UserDocument,
  type UserRecord,
  type UserStatus,
} from './user.ts';

const WITHOUT_SECRETS = { projection: { auth: 0 } } as const;

/** Why an insert was refused. */
export type Refusal = 'email' | 'id';

export interface UserStore {
  ensureIndexes(): Promise<void>;
  /** Null when stored, else what is taken already. */
  insert(user: UserDocument): Promise<Refusal | null>;
  /** Inserts unless the id is there: for built-in users. */
  insertIfMissing(user: UserDocument): Promise<void>;
  /** The one reader of password hashes. */
  findForLogin(email: string): Promise<UserDocument | null>;
  findByEmail(email: string): Promise<SessionUser | null>;
  findById(id: ObjectId): Promise<UserRecord | null>;
  /** Newest first, built-in users too. */
  list(): Promise<UserRecord[]>;
  /** Is there anybody but this user? */
  existsOther(than: ObjectId): Promise<boolean>;
  /** Counts one failure and blocks an active user whose count reaches the limit; true when this one did. */
  countFailure(id: ObjectId, limit: number): Promise<boolean>;
  /** Forgets failures; false when the user's rights have changed since `sessionEpoch` was read. */
  confirmLogin(id: ObjectId, sessionEpoch: number, now: Date): Promise<boolean>;
  /** Sets a password, frees a blocked user, ends all sessions; null when the user is gone. */
  setPassword(id: ObjectId, hash: string, now: Date): Promise<UserRecord | null>;
  /** Moves a user between statuses and ends all sessions; null when the user's status is none of `from`. */
  changeStatus(id: ObjectId, from: readonly UserStatus[], to: UserStatus): Promise<UserRecord | null>;
}

export function createUserStore(db: Db): UserStore {
  const users = db.collection<UserDocument>(USERS);
  return {
    ensureIndexes: async () => {
      await users.createIndex(
        { 'data.emailStandardized': 1 },
        {
          name: 'system.users.email',
          unique: true,
          partialFilterExpression: { 'data.emailStandardized': { $type: 'string' } },
        },
      );
    },
    insert: (user) => refusalOf(() => users.insertOne(user)),
    insertIfMissing: async (user) => {
      await refusalOf(() => users.insertOne(user));
    },
    findForLogin: (email) => guarded(() => users.findOne(byEmail(email))),
    findByEmail: (email) =>
      guarded(() => users.findOne<SessionUser>(byEmail(email), { projection: { 'auth.passwordHash': 0 } })),
    findById: (id) => guarded(() => users.findOne<UserRecord>({ _id: id }, WITHOUT_SECRETS)),
    list: () => guarded(() => users.find<UserRecord>({}, WITHOUT_SECRETS).sort({ _id: -1 }).toArray()),
    existsOther: async (than) => {
      const other = await guarded(() => users.findOne({ _id: { $ne: than } }, { projection: { _id: 1 } }));
      return other !== null;
    },
    countFailure: (id, limit) => countFailure(users, id, limit),
    confirmLogin: async (id, sessionEpoch, now) => {
      const unchanged = { _id: id, 'data.status': 'ACTIVE' as const, 'auth.sessionEpoch': sessionEpoch };
      const set = { 'auth.failedLoginAttempts': 0, 'auth.lastLogin': now };
      const written = await guarded(() => users.updateOne(unchanged, { $set: set }));
      return written.matchedCount === 1;
    },
    setPassword: (id, hash, now) =>
      changed(users, { _id: id }, [
        {
          $set: {
            // PHC texts begin with a dollar sign, which would make them a path
            'auth.passwordHash': { $literal: hash },
            'auth.passwordChangedAt': now,
            'auth.failedLoginAttempts': 0,
            'data.status': { $cond: [{ $eq: ['$data.status', 'BLOCKED'] }, 'ACTIVE', '$data.status'] },
            ...ENDS_SESSIONS,
          },
        },
      ]),
    changeStatus: (id, from, to) =>
      changed(users, { _id: id, 'data.status': { $in: [...from] } }, [
        { $set: { 'data.status': to, 'auth.failedLoginAttempts': 0, ...ENDS_SESSIONS } },
      ]),
  };
}

const byEmail = (email: string) => ({ 'data.emailStandardized': standardizeEmail(email) });

/** Part of an update pipeline; each effective change of a user also counts as a version. */
const ENDS_SESSIONS = {
  version: { $add: ['$version', 1] },
  'auth.sessionEpoch': { $add: [{ $ifNull: ['$auth.sessionEpoch', 0] }, 1] },
};

function changed(
  users: Collection<UserDocument>,
  filter: Filter<UserDocument>,
  pipeline: Document[],
): Promise<UserRecord | null> {
  return guarded(() => users.findOneAndUpdate(filter, pipeline, { ...WITHOUT_SECRETS, returnDocument: 'after' }));
}

/** One write for counting and blocking, so that failures at the same time are all counted. */
async function countFailure(users: Collection<UserDocument>, id: ObjectId, limit: number): Promise<boolean> {
  const counted = { $add: [{ $ifNull: ['$auth.failedLoginAttempts', 0] }, 1] };
  const blocks = { $and: [{ $eq: ['$data.status', 'ACTIVE'] }, { $gte: [counted, limit] }] };
  const set = {
    'auth.failedLoginAttempts': counted,
    'data.status': { $cond: [blocks, 'BLOCKED', '$data.status'] },
    version: { $cond: [blocks, ENDS_SESSIONS.version, '$version'] },
    'auth.sessionEpoch': { $cond: [blocks, ENDS_SESSIONS['auth.sessionEpoch'], '$auth.sessionEpoch'] },
  };
  const projection = { 'data.status': 1, 'auth.failedLoginAttempts': 1 };
  const before = await guarded(() =>
    users.findOneAndUpdate({ _id: id }, [{ $set: set }], { projection, returnDocument: 'before' }),
  );
  return before?.data.status === 'ACTIVE' && (before.auth.failedLoginAttempts ?? 0) + 1 >= limit;
}

async function refusalOf(insert: () => Promise<unknown>): Promise<Refusal | null> {
  try {
    await guarded(insert);
    return null;
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error;
    return error.index === '_id_' ? 'id' : 'email';
  }
}
