// What work costs the process that does it: memory, and how long its event loop keeps others waiting.
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Bytes and milliseconds. */
export interface ProcessReport {
  readonly rssBefore: number;
  readonly rssMost: number;
  readonly delayP50: number;
  readonly delayP99: number;
  readonly delayMax: number;
}

export function startMeter() {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let rssBefore = 0;
  let rssMost = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    start(): void {
      rssBefore = process.memoryUsage.rss();
      rssMost = rssBefore;
      delay.reset();
      delay.enable();
      timer = setInterval(() => {
        rssMost = Math.max(rssMost, process.memoryUsage.rss());
      }, 50);
      timer.unref();
    },
    report(): ProcessReport {
      clearInterval(timer);
      delay.disable();
      const ms = (percentile: number): number => delay.percentile(percentile) / 1e6;
      return { rssBefore, rssMost, delayP50: ms(50), delayP99: ms(99), delayMax: delay.max / 1e6 };
    },
  };
}
