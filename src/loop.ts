// Work that is done again and again with a pause in between, never twice at the same time.
import type { Logger } from 'pino';

export interface Loop {
  /** Stops it; resolves when a round under way is over. */
  stop(): Promise<void>;
}

/** Runs `round` at once and then `pauseMs` after each end; a failure is logged, once until the next success. */
export function startLoop(name: string, pauseMs: number, log: Logger, round: () => Promise<void>): Loop {
  let stopped = false;
  let failing = false;
  let timer: NodeJS.Timeout | null = null;
  let current: Promise<void> = Promise.resolve();

  const run = async (): Promise<void> => {
    try {
      await round();
      if (failing) log.info(`${name} works again`);
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ err: error }, `${name} failed, trying again`);
      failing = true;
    }
    if (!stopped) timer = setTimeout(next, pauseMs);
  };
  const next = (): void => {
    current = run();
  };
  next();
  return {
    stop: async () => {
      stopped = true;
      if (timer) clearTimeout(timer);
      await current;
    },
  };
}
