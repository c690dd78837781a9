// Places of a queue: never more than there are, wake-ups wait for a free one, and a stop waits for all of them.
import { describe, expect, it } from 'vitest';
import { createSlots } from '../../../src/jobs/slots.ts';

/** Work that ends when the test says so, and counts how much of it runs at once. */
function workbench(available: number) {
  const ends: (() => void)[] = [];
  let running = 0;
  let most = 0;
  let left = available;
  return {
    runNext: async (): Promise<boolean> => {
      if (left === 0) return false;
      left -= 1;
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => ends.push(resolve));
      running -= 1;
      return true;
    },
    endOne: async (): Promise<void> => {
      ends.shift()?.();
      await settled();
    },
    running: () => running,
    most: () => most,
    left: () => left,
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('wake', () => {
  it('runs one job each, at most as many as there are places', async () => {
    const bench = workbench(5);
    const slots = createSlots(2, bench.runNext);
    const wakes = [slots.wake(), slots.wake(), slots.wake()];
    await settled();
    expect(bench.running()).toBe(2);
    expect(slots.busy()).toBe(2);
    await bench.endOne();
    expect(bench.running()).toBe(2);
    await bench.endOne();
    await bench.endOne();
    await Promise.all(wakes);
    expect(slots.busy()).toBe(0);
    expect(bench.left()).toBe(2);
    expect(bench.most()).toBe(2);
  });

  it('gives its place back when nothing waits', async () => {
    const slots = createSlots(1, async () => false);
    await slots.wake();
    await slots.wake();
    expect(slots.busy()).toBe(0);
  });
});

describe('fill', () => {
  it('uses no more places than are free and goes on until nothing waits', async () => {
    const bench = workbench(4);
    const slots = createSlots(2, bench.runNext);
    slots.fill();
    await settled();
    expect(bench.running()).toBe(2);
    slots.fill();
    await settled();
    expect(bench.running()).toBe(2);
    for (let ended = 0; ended < 4; ended += 1) await bench.endOne();
    expect(bench.left()).toBe(0);
    expect(slots.busy()).toBe(0);
    expect(bench.most()).toBe(2);
  });

  it('gives places back that it did not need', async () => {
    const bench = workbench(1);
    const slots = createSlots(3, bench.runNext);
    slots.fill();
    await settled();
    expect(slots.busy()).toBe(1);
  });
});

describe('stop', () => {
  it('resolves when the last job has ended; what waits for a place runs nothing more', async () => {
    const bench = workbench(3);
    const slots = createSlots(1, bench.runNext);
    const first = slots.wake();
    const second = slots.wake();
    await settled();
    let stopped = false;
    const stop = slots.stop().then(() => {
      stopped = true;
    });
    await settled();
    expect(stopped).toBe(false);
    await bench.endOne();
    await Promise.all([first, second, stop]);
    expect(bench.left()).toBe(2);
  });

  it('resolves at once when nothing runs', async () => {
    await createSlots(1, async () => false).stop();
  });
});
