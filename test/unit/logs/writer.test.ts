// The writer behind the app's log: batches, retries, bounded memory, losses that are told, and a stop that loses nothing.
import { ObjectId } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogDocument } from '../../../src/logs/log.ts';
import { createWriter, type WriterLimits } from '../../../src/logs/writer.ts';
import { recordingLog } from '../../support/log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const line = (message: string): LogDocument => ({
  _id: new ObjectId(),
  type: 'APP',
  level: 'INFO',
  message,
  userEmail: 'a@b.c',
  timestamp: new Date(0),
});

/** A writer whose store answers, fails or hangs as the test says. */
function open(limits: Partial<WriterLimits> = {}) {
  const { log, messages } = recordingLog();
  const batches: string[][] = [];
  const mood: { now: 'well' | 'failing' | 'hanging'; go: () => void } = { now: 'well', go: () => undefined };
  const writer = createWriter({
    store: async (documents) => {
      if (mood.now === 'failing') throw new Error('away');
      if (mood.now === 'hanging') await new Promise<void>((resolve) => (mood.go = resolve));
      batches.push(documents.map(({ message }) => message));
    },
    lossOf: (count) => line(`${count} lost`),
    log,
    limits: { batch: 3, pauseMs: 100, retryMs: 1_000, closeMs: 5_000, ...limits },
  });
  const add = (...texts: string[]): void => {
    for (const text of texts) writer.add(line(text));
  };
  return { writer, batches, mood, messages, add };
}

it('stores a line after a pause, together with those that came meanwhile', async () => {
  const { batches, add } = open();
  add('a');
  await vi.advanceTimersByTimeAsync(60);
  add('b');
  expect(batches).toEqual([]);
  await vi.advanceTimersByTimeAsync(40);
  expect(batches).toEqual([['a', 'b']]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(batches).toHaveLength(1);
});

it('stores a full batch at once, and never more than a batch at a time', async () => {
  const { batches, add } = open();
  add('a', 'b', 'c', 'd');
  await vi.advanceTimersByTimeAsync(0);
  expect(batches).toEqual([['a', 'b', 'c'], ['d']]);
});

it('has one batch under way, whatever comes meanwhile', async () => {
  const { batches, mood, add } = open();
  mood.now = 'hanging';
  add('a', 'b', 'c');
  await vi.advanceTimersByTimeAsync(10_000);
  add('d', 'e', 'f', 'g');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(batches).toEqual([]);
  mood.now = 'well';
  mood.go();
  await vi.advanceTimersByTimeAsync(0);
  expect(batches).toEqual([['a', 'b', 'c'], ['d', 'e', 'f'], ['g']]);
});

it('tries again after a failure, in order and without doubles, and says so once', async () => {
  const { batches, mood, messages, add } = open();
  mood.now = 'failing';
  add('a', 'b', 'c', 'd');
  await vi.advanceTimersByTimeAsync(3_500);
  add('e');
  expect(batches).toEqual([]);
  mood.now = 'well';
  await vi.advanceTimersByTimeAsync(1_000);
  expect(batches).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e'],
  ]);
  expect(messages()).toEqual(['the app log could not be stored, trying again', 'the app log is stored again']);
});

describe('with too many lines', () => {
  it('loses the newest, counts them and tells it in the log itself', async () => {
    const { writer, batches, mood, messages, add } = open({ lines: 4 });
    mood.now = 'failing';
    add('a', 'b', 'c', 'd', 'e', 'f');
    expect(writer.waiting()).toBe(4);
    expect(writer.lost()).toBe(2);
    mood.now = 'well';
    await vi.advanceTimersByTimeAsync(2_000);
    expect(batches).toEqual([
      ['a', 'b', 'c'],
      ['d', '2 lost'],
    ]);
    expect(messages().filter((text) => text.includes('are lost'))).toHaveLength(1);
    add('g');
    await vi.advanceTimersByTimeAsync(100);
    expect(batches.at(-1)).toEqual(['g']);
  });

  it('counts their length too', async () => {
    const { writer, add, batches } = open({ characters: 1_000 });
    add('x'.repeat(700), 'y'.repeat(700), 'z');
    expect(writer.lost()).toBe(2);
    await vi.advanceTimersByTimeAsync(100);
    expect(batches[0]).toHaveLength(1);
    add('y'.repeat(700));
    expect(writer.lost()).toBe(2);
  });

  it('never keeps more than its bounds, however long the store is away', async () => {
    const { writer, mood, add } = open({ lines: 50, characters: 1_000_000 });
    mood.now = 'failing';
    for (let round = 0; round < 100; round += 1) {
      add(...Array.from({ length: 20 }, (_, index) => `${round} ${index}`));
      await vi.advanceTimersByTimeAsync(100);
      expect(writer.waiting()).toBeLessThanOrEqual(51);
    }
    expect(writer.lost()).toBe(2_000 - 50);
  });
});

describe('a flush', () => {
  it('resolves when all that was taken before is stored', async () => {
    const { writer, batches, add } = open();
    add('a', 'b', 'c', 'd');
    await writer.flush();
    expect(batches.flat()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('resolves at once when nothing waits', async () => {
    await open().writer.flush();
  });

  it('resolves when the store is away', async () => {
    const { writer, mood, add } = open();
    mood.now = 'failing';
    add('a');
    await writer.flush();
    expect(writer.waiting()).toBe(1);
  });
});

it('a flush does not wait for a store that hangs', async () => {
  const { writer, mood, add } = open();
  mood.now = 'hanging';
  add('a');
  const flushed = writer.flush();
  await vi.advanceTimersByTimeAsync(1_000);
  await flushed;
  expect(writer.waiting()).toBe(1);
});

describe('a stop', () => {
  it('stores what is left', async () => {
    const { writer, batches, add } = open();
    add('a', 'b', 'c', 'd', 'e');
    await writer.close();
    expect(batches.flat()).toEqual(['a', 'b', 'c', 'd', 'e']);
    add('late');
    expect(writer.lost()).toBe(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(batches.flat()).not.toContain('late');
  });

  it('waits for a store that comes back', async () => {
    const { writer, batches, mood, add } = open();
    mood.now = 'failing';
    add('a');
    const closing = writer.close();
    await vi.advanceTimersByTimeAsync(3_000);
    mood.now = 'well';
    await vi.advanceTimersByTimeAsync(1_000);
    await closing;
    expect(batches).toEqual([['a']]);
  });

  it.each(['failing', 'hanging'] as const)('gives up on one that is %s, and says how much is lost', async (how) => {
    const { writer, mood, messages, add } = open();
    mood.now = how;
    add('a', 'b');
    const closing = writer.close();
    await vi.advanceTimersByTimeAsync(6_000);
    await closing;
    expect(writer.lost()).toBe(2);
    expect(messages().at(-1)).toBe('the last lines of the app log could not be stored and are lost');
  });
});
