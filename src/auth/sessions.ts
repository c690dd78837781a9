// Live sessions: opened, found through a short-lived cache, kept alive, ended in every process at once.
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Principal } from '../context.ts';
import type { GroupDirectory } from '../fields/field-type.ts';
import type { SessionUser, UserRecord, UserStatus } from '../users/user.ts';
import { principalOf } from './principal.ts';
import { createStamps, type SessionTimes } from './stamps.ts';
import type { SessionRead, SessionStore } from './store.ts';
import { createToken, hashToken, isToken } from './tokens.ts';

/** A session as a request sees it. */
export interface Session {
  /** Hash of the token. */
  readonly key: Buffer;
  readonly principal: Principal;
  readonly status: UserStatus;
}

export interface Sessions {
  /** Opens a session and returns its token; the only time it exists in clear. */
  open(user: SessionUser, admin: SessionUser | null, ip: string | null): Promise<string>;
  /** The session of a token, kept alive by this very call; null for an unknown, ended or expired one. */
  find(token: string): Promise<Session | null>;
  /** Ends one session; answers when no process believes in it any more. */
  end(session: Session): Promise<void>;
  /**
   * To be awaited by every call that has taken rights away from a user, after its write: answers when no process goes by
   * the old ones any more. Sessions whose epoch that write left behind are removed.
   */
  settle(user: UserRecord): Promise<void>;
  /** Writes the times of last requests that are not written yet. */
  close(): Promise<void>;
}

export interface SessionSettings {
  /** A session ends after so long without a request. */
  readonly idleMs: number;
  /** How long a process trusts what it has read, counted from the start of the read. */
  readonly trustMs: number;
  /** Most sessions kept in memory. */
  readonly cacheSize?: number;
}

export interface SessionDeps {
  readonly store: SessionStore;
  /** Groups of the definitions in force. */
  readonly groups: () => GroupDirectory;
  readonly log: Logger;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  /** Never goes back, ms: measures ages. */
  readonly monotonic?: () => number;
}

const MOST_SESSIONS = 20_000;

/** One read of a session; its outcome is null when there is none. */
interface Entry {
  readonly startedAt: number;
  readonly session: Promise<Session | null>;
  /** Shared by all reads of a session, since a later read may know less. */
  readonly times: SessionTimes;
}

export function createSessions(settings: SessionSettings, deps: SessionDeps): Sessions {
  const { store, now } = deps;
  const monotonic = deps.monotonic ?? (() => performance.now());
  const stamps = createStamps(settings.idleMs, deps);
  const entries = new LRUCache<string, Entry>({ max: settings.cacheSize ?? MOST_SESSIONS });

  const load = (id: string, times: SessionTimes): Entry => {
    const startedAt = monotonic();
    const session = readSession(store, times, deps.groups);
    const entry: Entry = { startedAt, session, times };
    entries.set(id, entry);
    const forget = (): void => {
      if (entries.peek(id) === entry) entries.delete(id);
    };
    session.then((found) => found ?? forget(), forget);
    return entry;
  };

  /** Until a read that started before now is trusted nowhere. */
  const distrust = async (): Promise<void> => {
    const since = monotonic();
    for (let left = settings.trustMs; left > 0; left = settings.trustMs - (monotonic() - since)) {
      await new Promise((resolve) => setTimeout(resolve, Math.ceil(left)));
    }
  };

  return {
    open: async (user, admin, ip) => {
      const token = createToken();
      await store.insert(hashToken(token), newSession(admin ? [user, admin] : [user], ip, now(), settings.idleMs));
      return token;
    },
    find: async (token) => {
      if (!isToken(token)) return null;
      const key = hashToken(token);
      const id = key.toString('latin1');
      let entry = entries.get(id);
      if (!entry || monotonic() - entry.startedAt >= settings.trustMs) {
        entry = load(id, entry?.times ?? { key, lastRequest: 0, stamped: 0 });
      }
      const session = await entry.session;
      if (!session || now() - entry.times.lastRequest >= settings.idleMs) return null;
      stamps.touch(entry.times);
      return session;
    },
    end: async ({ key }) => {
      const id = key.toString('latin1');
      await store.remove(key);
      const entry = entries.get(id);
      if (entry) stamps.drop(entry.times);
      entries.delete(id);
      await distrust();
    },
    settle: async (user) => {
      await Promise.all([store.removeOfUser(user._id), distrust()]);
    },
    close: () => stamps.close(),
  };
}

function newSession(people: readonly SessionUser[], ip: string | null, time: number, idleMs: number) {
  return {
    users: people.map(({ _id }) => _id),
    epochs: people.map(({ auth }) => auth.sessionEpoch),
    created: new Date(time),
    seen: new Date(time),
    expires: new Date(time + idleMs),
    ip,
  };
}

async function readSession(
  store: SessionStore,
  times: SessionTimes,
  groups: () => GroupDirectory,
): Promise<Session | null> {
  const read = await store.read(times.key);
  if (!read) return null;
  const seen = read.seen.getTime();
  times.lastRequest = Math.max(times.lastRequest, seen);
  times.stamped = Math.max(times.stamped, seen);
  return liveSession(read, times.key, groups());
}

/** Null when a person of the session is gone or has lost the right to it since. */
function liveSession(read: SessionRead, key: Buffer, groups: GroupDirectory): Session | null {
  const people = read.users.map((id, index) => {
    const person = read.people.find(({ _id }) => _id.equals(id));
    return person && person.auth.sessionEpoch === read.epochs[index] ? person : null;
  });
  const [user, admin = null] = people;
  if (!user || people.includes(null)) return null;
  return { key, principal: principalOf(user, admin, groups), status: user.data.status };
}
