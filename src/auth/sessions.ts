// Live sessions: opened, found through a short-lived cache, kept alive, ended in every process at once.
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Principal } from '../context.ts';
import type { GroupDirectory } from '../fields/field-type.ts';
import type { SessionUser, UserRecord, UserStatus } from '../users/user.ts';
import { principalOf } from './principal.ts';
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
  /** Writes the times of last requests that are due (all of them with `all`). */
  flush(all?: boolean): Promise<void>;
  /** Stops the timer and writes what is left. */
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

/** The time of the last request is written at most this often. */
const STAMP_MS = 60_000;
const FLUSH_MS = 10_000;
/** Requests that come together are stamped together. */
const SOON_MS = 50;

/** One read of a session; null when there is none. */
interface Entry {
  readonly key: Buffer;
  readonly startedAt: number;
  readonly session: Promise<Session | null>;
  readonly times: Times;
}

/** Outlives the entries of a session: what this process knows about its last requests. */
interface Times {
  lastRequest: number;
  stamped: number;
}

export function createSessions(settings: SessionSettings, deps: SessionDeps): Sessions {
  const { store, now } = deps;
  const monotonic = deps.monotonic ?? (() => performance.now());
  const entries = new LRUCache<string, Entry>({ max: settings.cacheSize ?? 20_000 });
  const dirty = new Map<string, { key: Buffer; times: Times }>();
  let soon: NodeJS.Timeout | null = null;
  const timer = setInterval(() => void flush(), FLUSH_MS);
  timer.unref();

  const load = (id: string, key: Buffer, known: Entry | undefined): Entry => {
    const times = known?.times ?? { lastRequest: 0, stamped: 0 };
    const startedAt = monotonic();
    const session = store.read(key).then((read) => {
      if (read) {
        times.lastRequest = Math.max(times.lastRequest, read.seen.getTime());
        times.stamped = Math.max(times.stamped, read.seen.getTime());
      }
      return read && liveSession(read, key, deps.groups());
    });
    const entry: Entry = { key, startedAt, session, times };
    entries.set(id, entry);
    const forget = (): void => {
      if (entries.peek(id) === entry) entries.delete(id);
    };
    session.then((found) => found ?? forget(), forget);
    return entry;
  };

  const touch = (id: string, { key, times }: Entry): void => {
    times.lastRequest = now();
    dirty.set(id, { key, times });
    if (times.lastRequest - times.stamped < STAMP_MS || soon !== null) return;
    soon = setTimeout(() => {
      soon = null;
      void flush();
    }, SOON_MS);
    soon.unref();
  };

  const flush = async (all = false): Promise<void> => {
    const due = [...dirty].filter(([, { times }]) => all || times.lastRequest - times.stamped >= STAMP_MS);
    if (due.length === 0) return;
    const stamps = due.map(([, { key, times }]) => ({
      key,
      seen: new Date(times.lastRequest),
      expires: new Date(times.lastRequest + settings.idleMs),
    }));
    for (const [id, { times }] of due) {
      dirty.delete(id);
      times.stamped = times.lastRequest;
    }
    try {
      await store.stamp(stamps);
    } catch (error) {
      deps.log.warn({ err: error, sessions: stamps.length }, 'times of last requests could not be written');
    }
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
      const people = admin ? [user, admin] : [user];
      const time = now();
      await store.insert(hashToken(token), {
        users: people.map(({ _id }) => _id),
        epochs: people.map(({ auth }) => auth.sessionEpoch),
        created: new Date(time),
        seen: new Date(time),
        expires: new Date(time + settings.idleMs),
        ip,
      });
      return token;
    },
    find: async (token) => {
      if (!isToken(token)) return null;
      const key = hashToken(token);
      const id = key.toString('latin1');
      let entry = entries.get(id);
      if (!entry || monotonic() - entry.startedAt >= settings.trustMs) entry = load(id, key, entry);
      const session = await entry.session;
      if (!session || now() - entry.times.lastRequest >= settings.idleMs) return null;
      touch(id, entry);
      return session;
    },
    end: async ({ key }) => {
      const id = key.toString('latin1');
      await store.remove(key);
      entries.delete(id);
      dirty.delete(id);
      await distrust();
    },
    settle: async (user) => {
      await Promise.all([store.removeOfUser(user._id), distrust()]);
    },
    flush,
    close: async () => {
      clearInterval(timer);
      if (soon) clearTimeout(soon);
      await flush(true);
    },
  };
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
