// The places in which a process runs jobs of one queue. A wake-up runs one job; the sweep keeps places busy until nothing waits.

export interface Slots {
  /** Takes a free place, or waits for one, runs at most one job and gives the place back. */
  wake(): Promise<void>;
  /** Uses every free place, each for as long as jobs are waiting. */
  fill(): void;
  /** Places in use. */
  busy(): number;
  /** Nothing is begun any more; resolves when every place is free. */
  stop(): Promise<void>;
}

/**
 * @param size number of places
 * @param runNext takes the next job and runs it to its end; false when there was none. It never throws
 */
export function createSlots(size: number, runNext: () => Promise<boolean>): Slots {
  const waiting: (() => void)[] = [];
  const idle: (() => void)[] = [];
  let busy = 0;
  let stopping = false;

  const enter = async (): Promise<void> => {
    if (busy < size) busy += 1;
    // whoever leaves hands its place over, so `busy` stays as it is
    else await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next) {
      next();
      return;
    }
    busy -= 1;
    if (busy === 0) for (const resolve of idle.splice(0)) resolve();
  };
  const use = async (work: () => Promise<void>): Promise<void> => {
    await enter();
    try {
      await work();
    } finally {
      leave();
    }
  };

  return {
    wake: () =>
      use(async () => {
        if (!stopping) await runNext();
      }),
    fill: () => {
      for (let free = size - busy; free > 0; free -= 1) {
        void use(async () => {
          while (!stopping && (await runNext()));
        });
      }
    },
    busy: () => busy,
    stop: async () => {
      stopping = true;
      if (busy > 0) await new Promise<void>((resolve) => idle.push(resolve));
    },
  };
}
