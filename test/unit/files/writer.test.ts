// Writing a file piece by piece: chunks, hash, limits, and one step after the other.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { ObjectId } from 'mongodb';
import { pino } from 'pino';
import { describe, expect, it, test } from 'vitest';
import { unavailable } from '../../../src/errors.ts';
import { CHUNK_BYTES } from '../../../src/files/file.ts';
import type { FileStore, WriteStep } from '../../../src/files/store.ts';
import { createWriter, type WriterSpec } from '../../../src/files/writer.ts';

/** A store that remembers the steps; `answer` says what becomes of the n-th. */
function fakeStore(answer: (step: number) => Promise<boolean> = async () => true) {
  const steps: WriteStep[] = [];
  let underWay = 0;
  let removed = 0;
  const store = {
    write: async (step: WriteStep) => {
      underWay += 1;
      expect(underWay, 'steps at the same time').toBe(1);
      steps.push(step);
      try {
        return await answer(steps.length);
      } finally {
        underWay -= 1;
      }
    },
    remove: async () => {
      expect(underWay, 'removed during a step').toBe(0);
      removed += 1;
    },
  } as Partial<FileStore> as FileStore;
  return { store, steps, removed: () => removed };
}

const NOW = Date.UTC(2026, 0, 2);

function writerOn(store: FileStore, over: Partial<WriterSpec> = {}, now = () => NOW) {
  const spec = { name: 'a.bin', contentType: 'text/plain', owner: new ObjectId(), jobs: [], maxBytes: 3_000_000 };
  const log = pino({ level: 'silent' });
  return createWriter({ ...spec, ...over }, { store, unreferencedMs: 1_000, now, log });
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('a file', () => {
  test('of any pieces has full chunks but for the last, and the hash of its content', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(400_000), { maxLength: 6 }), fc.nat(255), async (sizes, seed) => {
        const { store, steps } = fakeStore();
        const writer = writerOn(store);
        const pieces = sizes.map((size, index) => Buffer.alloc(size, seed + index));
        for (const piece of pieces) await writer.write(piece);
        const info = await writer.finish();
        const content = Buffer.concat(pieces);
        const chunks = steps.flatMap(({ chunk }) => chunk ?? []);
        expect(Buffer.concat(chunks.map(({ data }) => data)).equals(content)).toBe(true);
        expect(chunks.map(({ n }) => n)).toEqual(chunks.map((_, index) => index));
        expect(chunks.slice(0, -1).every(({ data }) => data.length === CHUNK_BYTES)).toBe(true);
        const hash = createHash('sha256').update(content).digest('hex');
        expect(info).toMatchObject({ id: writer.id.toHexString(), size: content.length, hash });
        expect(steps.map((step) => step.begin !== undefined)).toEqual(steps.map((_, index) => index === 0));
        expect(steps.at(-1)?.complete).toMatchObject({ length: content.length, metadata: { hash } });
        expect(steps.slice(0, -1).every(({ complete }) => complete === undefined)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('of one chunk is stored in one step', async () => {
    const { store, steps } = fakeStore();
    const writer = writerOn(store);
    await writer.write(Buffer.from('abc'));
    await writer.finish();
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatchObject({
      begin: { filename: 'a.bin', state: 'writing', length: 0 },
      chunk: { n: 0 },
      complete: { length: 3, expires: new Date(NOW + 1_000) },
    });
  });

  it('that gets too large is refused, and nothing of it was stored if it was one piece', async () => {
    const { store, steps, removed } = fakeStore();
    const writer = writerOn(store, { maxBytes: 10 });
    await writer.write(Buffer.alloc(10));
    await expect(writer.write(Buffer.alloc(1))).rejects.toMatchObject({ code: 'badRequest' });
    await writer.abort();
    expect(steps).toEqual([]);
    expect(removed()).toBe(0);
  });

  it('that takes long moves its time before it is over', async () => {
    let now = NOW;
    const { store, steps } = fakeStore();
    const writer = writerOn(store, { maxBytes: 10_000_000 }, () => now);
    for (let minute = 0; minute < 240; minute += 20) {
      await writer.write(Buffer.alloc(CHUNK_BYTES));
      await tick();
      now += 20 * 60_000;
    }
    let expires = steps[0]?.begin?.expires?.getTime() ?? 0;
    for (const [index, { extend }] of steps.entries()) {
      expect(NOW + index * 20 * 60_000).toBeLessThan(expires);
      expires = extend?.getTime() ?? expires;
    }
    await writer.finish();
  });
});

describe('a step that fails', () => {
  it.each([
    ['by an error', () => Promise.reject(unavailable('away')), 'applicationUnavailable'],
    ['because the file was given up', async () => false, 'systemException'],
  ])('%s ends the writing at the next call, whichever that is', async (_how, answer, code) => {
    for (const next of ['write', 'finish'] as const) {
      const { store, steps, removed } = fakeStore(answer);
      const writer = writerOn(store);
      await writer.write(Buffer.alloc(CHUNK_BYTES));
      const call = next === 'write' ? writer.write(Buffer.alloc(CHUNK_BYTES)) : writer.finish();
      await expect(call).rejects.toMatchObject({ code });
      await writer.abort();
      expect(steps).toHaveLength(1);
      expect(removed()).toBe(1);
    }
  });

  it('at the end is the answer of the end', async () => {
    const { store } = fakeStore(async () => false);
    const writer = writerOn(store);
    await writer.write(Buffer.from('abc'));
    await expect(writer.finish()).rejects.toMatchObject({ code: 'systemException' });
  });
});

it('an abort waits for the step under way, then removes', async () => {
  let end = (): void => undefined;
  const { store, removed } = fakeStore(
    () =>
      new Promise((resolve) => {
        end = () => resolve(true);
      }),
  );
  const writer = writerOn(store);
  await writer.write(Buffer.alloc(CHUNK_BYTES));
  const aborting = writer.abort();
  await tick();
  expect(removed()).toBe(0);
  end();
  await aborting;
  expect(removed()).toBe(1);
});
