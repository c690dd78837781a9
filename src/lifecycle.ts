// What a process has opened, closed in reverse order; and the signals that ask for it.
import type { Logger } from 'pino';

/** A stack of things to close. */
export interface Closers {
  /** @throws when closing has already begun: the thing is closed at once, and the start must not go on */
  add(name: string, close: () => Promise<void>): Promise<void>;
  /** Closes all, the last opened first; a failure is logged and the rest still closed. Doing it twice is fine. */
  closeAll(): Promise<void>;
}

export function createClosers(log: Logger): Closers {
  const stack: { name: string; close: () => Promise<void> }[] = [];
  let closing: Promise<void> | undefined;
  const closeOne = async (name: string, close: () => Promise<void>) => {
    try {
      await close();
    } catch (err) {
      log.error({ err }, `${name} could not be closed cleanly`);
    }
  };
  const closeStack = async () => {
    for (let next = stack.pop(); next; next = stack.pop()) await closeOne(next.name, next.close);
  };
  return {
    add: async (name, close) => {
      if (closing) {
        await closeOne(name, close);
        throw new Error('stopped while starting');
      }
      stack.push({ name, close });
    },
    closeAll: () => {
      closing ??= closeStack();
      return closing;
    },
  };
}

/** Ctrl-C under npm arrives twice: from the terminal, and passed on by npm. Only a later one means "at once". */
const SAME_SIGNAL_MS = 1_000;

/**
 * Ends the process well: the first SIGTERM, SIGINT or SIGHUP closes everything and exits with 0, a second one exits at once.
 * What nobody caught is logged and ends the process with 1, since its state is unknown then.
 *
 * The signal may reach the whole process group (Ctrl-C, an init system). Child processes that requests in flight still
 * need must not die of it: script hosts ignore these signals and end when their channel to us closes; the embedded
 * MongoDB and Redis are in a session of their own.
 */
export function exitOnSignals(closers: Closers, log: Logger): void {
  let stoppingSince: number | undefined;
  const stop = (signal: NodeJS.Signals, number: number) => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(128 + number);
      return;
    }
    stoppingSince = performance.now();
    log.info(`${signal}: finishing what is under way (again to stop at once)`);
    closers.closeAll().then(() => {
      log.info('stopped');
      process.exit(0);
    });
  };
  process.on('SIGTERM', () => stop('SIGTERM', 15));
  process.on('SIGINT', () => stop('SIGINT', 2));
  process.on('SIGHUP', () => stop('SIGHUP', 1)); // the terminal was closed
  const die = (err: unknown) => {
    log.fatal({ err }, 'an error that nobody caught');
    process.exit(1);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
}
