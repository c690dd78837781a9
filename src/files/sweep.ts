// The sweep of files, every quarter of an hour: of any number of processes one does it.
import type { Logger } from 'pino';

export interface SweepDeps {
  readonly sweep: (signal: AbortSignal) => Promise<number>;
  /** Is it time, and is nobody else about it? */
  readonly takeTurn: () => Promise<boolean>;
  readonly everyMs: number;
  readonly log: Logger;
}

export interface FileSweep {
  /** Ends it after the files in hand. */
  close(): Promise<void>;
}

/** Servers that are started again and again must sweep too. */
const FIRST_MS = 10_000;

/** Begins to sweep; a failure is logged, and the next turn tries again. */
export function startSweep({ sweep, takeTurn, everyMs, log }: SweepDeps): FileSweep {
  const ending = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;

  const turn = async (): Promise<void> => {
    try {
      if (await takeTurn()) await sweep(ending.signal);
    } catch (err) {
      log.warn({ err }, 'the sweep of files failed; the next one tries again');
    }
    if (!ending.signal.aborted) schedule(everyMs);
  };
  const schedule = (ms: number): void => {
    timer = setTimeout(() => {
      running = turn();
    }, ms);
    timer.unref();
  };

  schedule(Math.min(FIRST_MS, everyMs));
  return {
    close: async () => {
      ending.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
