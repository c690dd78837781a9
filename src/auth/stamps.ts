// Times of last requests: exact in memory, written off the requests' path, together, and for each session at most once a minute.
import type { Logger } from 'pino';
import type { SessionStore } from './store.ts';

/** What this process knows about the last requests of a session. */
export interface SessionTimes {
  readonly key: Buffer;
  /** Epoch ms of the last request. */
  lastRequest: number;
  /** Epoch ms that MongoDB has for it. */
  stamped: number;
}

export interface Stamps {
  /** Notes a request of now. */
  touch(times: SessionTimes): void;
  /** Forgets what is not yet written of an ended session. */
  drop(times: SessionTimes): void;
  /** Stops, and writes what is left. */
  close(): Promise<void>;
}

const STAMP_MS = 60_000;
const FLUSH_MS = 10_000;
/** Requests that come together are stamped together. */
const SOON_MS = 50;

/**
 * @param idleMs a session expires so long after its last request
 * @param now wall clock, epoch ms
 */
export function createStamps(
  idleMs: number,
  { store, now, log }: { store: Pick<SessionStore, 'stamp'>; now: () => number; log: Logger },
): Stamps {
  const unwritten = new Set<SessionTimes>();
  const isDue = ({ lastRequest, stamped }: SessionTimes): boolean => lastRequest - stamped >= STAMP_MS;

  const write = async (due: readonly SessionTimes[]): Promise<void> => {
    if (due.length === 0) return;
    const stamps = due.map(({ key, lastRequest }) => ({
      key,
      seen: new Date(lastRequest),
      expires: new Date(lastRequest + idleMs),
    }));
    for (const times of due) {
      unwritten.delete(times);
      times.stamped = times.lastRequest;
    }
    try {
      await store.stamp(stamps);
    } catch (error) {
      // the next request of each session tries again a minute later
      log.warn({ err: error, sessions: due.length }, 'times of last requests could not be written');
    }
  };
  const writeDue = (): void => void write([...unwritten].filter(isDue));

  const timer = setInterval(writeDue, FLUSH_MS);
  timer.unref();
  let soon: NodeJS.Timeout | null = null;

  return {
    touch: (times) => {
      times.lastRequest = now();
      unwritten.add(times);
      if (!isDue(times) || soon !== null) return;
      soon = setTimeout(() => {
        soon = null;
        writeDue();
      }, SOON_MS);
      soon.unref();
    },
    drop: (times) => void unwritten.delete(times),
    close: async () => {
      clearInterval(timer);
      if (soon) clearTimeout(soon);
      await write([...unwritten]);
    },
  };
}
