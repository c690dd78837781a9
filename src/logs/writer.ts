// Takes lines at once and stores them a moment later, in batches, so that no request ever waits for the log.
import type { Logger } from 'pino';
import type { LogDocument } from './log.ts';

export interface WriterOptions {
  /** Stores a batch. */
  readonly store: (lines: readonly LogDocument[]) => Promise<void>;
  /** Says in the log itself that lines were lost. */
  readonly lossOf: (count: number) => LogDocument;
  /** The log of the process. */
  readonly log: Logger;
  readonly limits?: Partial<WriterLimits>;
}

export interface WriterLimits {
  /** Lines of one batch. */
  readonly batch: number;
  /** Lines that may wait; more are lost. */
  readonly lines: number;
  /** Characters that may wait. */
  readonly characters: number;
  /** How long a line waits for others, ms. */
  readonly pauseMs: number;
  /** How long after a failure the next try is made, ms. */
  readonly retryMs: number;
  /** How long a flush waits, ms. */
  readonly flushMs: number;
  /** How long a stop waits for what is left, ms. */
  readonly closeMs: number;
}

export interface Writer {
  /** Takes a line; with too many waiting it is lost, and counted. */
  add(line: LogDocument): void;
  /** Resolves when all that was taken before is stored, or the store is away or slow. */
  flush(): Promise<void>;
  /** Stores what is left. Lines that come later are lost. */
  close(): Promise<void>;
  /** Lines that wait. */
  readonly waiting: () => number;
  /** Lines lost since the start. */
  readonly lost: () => number;
}

const LIMITS: WriterLimits = {
  batch: 1_000,
  lines: 20_000,
  characters: 16_000_000,
  pauseMs: 100,
  retryMs: 1_000,
  flushMs: 1_000,
  closeMs: 5_000,
};

/** Keys, dates and ids of a line. */
const OVERHEAD = 200;

export function createWriter({ store, lossOf, log, limits: given }: WriterOptions): Writer {
  const limits = { ...LIMITS, ...given };
  let waiting: LogDocument[] = [];
  let characters = 0;
  let lost = 0;
  /** Lost and not yet told in the log. */
  let untold = 0;
  let failing = false;
  let closed = false;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;

  const lose = (count: number): void => {
    if (untold === 0) log.warn('lines of the app log are lost: they come faster than they can be stored');
    lost += count;
    untold += count;
  };

  const schedule = (ms: number): void => {
    timer ??= setTimeout(() => {
      timer = null;
      void drain();
    }, ms);
  };

  /** Stores batch after batch until nothing waits, or one fails; never two at the same time. */
  const drain = (): Promise<void> => {
    running ??= storeAll().finally(() => {
      running = null;
      if (waiting.length > 0 && !closed) schedule(failing ? limits.retryMs : limits.pauseMs);
    });
    return running;
  };

  const storeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, limits.batch);
      if (!(await storeBatch(batch))) return;
      waiting = waiting.slice(batch.length);
      for (const line of batch) characters -= lengthOf(line);
      if (untold > 0) tellLoss();
    }
  };

  /** False: to be tried again. */
  const storeBatch = async (batch: readonly LogDocument[]): Promise<boolean> => {
    try {
      await store(batch);
      if (failing) log.info('the app log is stored again');
      failing = false;
      return true;
    } catch (error) {
      if (!failing) log.warn({ err: error, waiting: waiting.length }, 'the app log could not be stored, trying again');
      failing = true;
      return false;
    }
  };

  const tellLoss = (): void => {
    const line = lossOf(untold);
    untold = 0;
    waiting.push(line);
    characters += lengthOf(line);
  };

  return {
    add: (line) => {
      const length = lengthOf(line);
      if (closed || waiting.length >= limits.lines || characters + length > limits.characters) return lose(1);
      waiting.push(line);
      characters += length;
      if (waiting.length < limits.batch || failing) schedule(failing ? limits.retryMs : limits.pauseMs);
      else void drain();
    },
    flush: () => {
      if (waiting.length === 0) return Promise.resolve();
      return within(limits.flushMs, drain());
    },
    close: async () => {
      const deadline = performance.now() + limits.closeMs;
      if (timer) clearTimeout(timer);
      do {
        await within(deadline - performance.now(), drain());
        if (waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(100, limits.retryMs)));
      } while (waiting.length > 0 && performance.now() < deadline);
      closed = true;
      if (timer) clearTimeout(timer);
      if (waiting.length > 0) {
        log.error({ lines: waiting.length }, 'the last lines of the app log could not be stored and are lost');
        lost += waiting.length;
      }
    },
    waiting: () => waiting.length,
    lost: () => lost,
  };
}

/** Whichever comes first. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

function lengthOf({ message, info }: LogDocument): number {
  return OVERHEAD + message.length + (info?.length ?? 0);
}
