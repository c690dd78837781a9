// Saves, deletions and sweeps at the same moment: whatever the order, no file that a record holds is lost, and none is kept for ever
// that no record holds.
import { createHash } from 'node:crypto';
import { ObjectId } from 'mongodb';
import { pino } from 'pino';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSealer } from '../../../src/fields/sealed.ts';
import { collectFiles } from '../../../src/files/collector.ts';
import { createLife } from '../../../src/files/life.ts';
import { createReferences } from '../../../src/files/references.ts';
import { createShareStore } from '../../../src/files/share-store.ts';
import { createFileStore } from '../../../src/files/store.ts';
import { createRecordStore } from '../../../src/records/store.ts';
import { HOUR, SYSTEM, startFileApp, until } from '../../support/file-app.ts';

const { app, db, files, stored, age, sweep, elsewhere, document } = startFileApp();
const LIFE = 12 * HOUR;
let other: Awaited<ReturnType<typeof elsewhere>>;

beforeAll(async () => {
  other = await elsewhere();
});

/** A place where something waits until the test lets it go on. */
function gate() {
  let open = (): void => undefined;
  let arrive = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  return {
    reached,
    open,
    pass: () => {
      arrive();
      return opened;
    },
  };
}

const isThere = async (id: string): Promise<boolean> => (await files.get(`/files/${id}`)).status === 200;

/** A sweep that waits each time it has looked who needs the files. */
async function slowSweep(afterLook: () => Promise<void>): Promise<number> {
  const { config, definitions } = app.services();
  const records = createRecordStore(db(), createSealer({ key: config.encryptionKey }), config);
  const references = createReferences({ definitions, records });
  const now = () => Date.now();
  const life = createLife({ references, liveJobs: async () => new Set(), now });
  const needs: typeof life.needs = async (some) => {
    const found = await life.needs(some);
    await afterLook();
    return found;
  };
  const store = createFileStore(db());
  const log = pino({ level: 'silent' });
  return collectFiles({
    store,
    shares: createShareStore(db()),
    life: { ...life, needs },
    unreferencedMs: LIFE,
    now,
    log,
  });
}

/** A save whose transaction waits before it touches the file. */
function slowSave(body: object) {
  const waiting = gate();
  const change: typeof other.ofRecords.change = async (...args) => {
    await waiting.pass();
    return other.ofRecords.change(...args);
  };
  const records = other.recordsWith({ files: { ...other.ofRecords, change } });
  return { saving: records.create(SYSTEM, 'documents', { title: 'x', ...body }), waiting };
}

describe('a save that puts in a file whose time is about to be over', () => {
  it('is refused when the file goes between its reading and its writing', async () => {
    const id = await files.put();
    const { saving, waiting } = slowSave({ code: id, file: id });
    await waiting.reached;
    await age(LIFE + 1);
    await sweep();
    waiting.open();
    await expect(saving).rejects.toMatchObject({
      code: 'validationErrors',
      errors: [{ field: 'file', fieldLabel: 'File', code: 'notFound', message: 'File not found' }],
    });
    expect(await db().collection('data.documents').countDocuments({ 'data.code': id })).toBe(0);
    expect(await stored(id)).toBeNull();
  });

  it('keeps the file when the sweep decides before the save is committed', async () => {
    const id = await files.put();
    const [touched, committing] = [gate(), gate()];
    const change: typeof other.ofRecords.change = async (...args) => {
      await touched.pass();
      return other.ofRecords.change(...args);
    };
    const run: typeof other.sessions.run = (work) =>
      other.sessions.run(async (session) => {
        const result = await work(session);
        await committing.pass();
        return result;
      });
    const records = other.recordsWith({ files: { ...other.ofRecords, change }, sessions: { run } });
    const saving = records.create(SYSTEM, 'documents', { title: 'x', file: id });
    await touched.reached;
    await age(LIFE + 1);
    touched.open();
    await committing.reached;
    let looks = 0;
    const sweeping = slowSweep(async () => {
      looks += 1;
    });
    await until(async () => looks > 0);
    // the decision waits for the transaction now
    await new Promise((resolve) => setTimeout(resolve, 50));
    committing.open();
    await saving;
    expect(await sweeping).toBe(0);
    expect(await isThere(id)).toBe(true);
    expect(await stored(id)).not.toHaveProperty('expires');
  });

  it('keeps the file when it comes between the look of the sweep and its decision', async () => {
    const id = await files.put();
    await age(LIFE - 2_000);
    const looked = gate();
    await db()
      .collection('files.files')
      .updateOne({ _id: new ObjectId(id) }, { $set: { expires: new Date(Date.now() + 300) } });
    // settled while the file lives, written when the sweep has looked
    const { saving, waiting } = slowSave({ file: id });
    await waiting.reached;
    await age(1_000);
    const sweeping = slowSweep(() => looked.pass());
    await looked.reached;
    waiting.open();
    await saving;
    looked.open();
    expect(await sweeping).toBe(0);
    expect(await isThere(id)).toBe(true);
  });

  it('is refused when the file is condemned already, or since it was read', async () => {
    const id = await files.put();
    const { saving, waiting } = slowSave({ file: id });
    await waiting.reached;
    await age(LIFE + 1);
    const second = gate();
    let looks = 0;
    const sweeping = slowSweep(async () => {
      looks += 1;
      if (looks === 2) await second.pass();
    });
    await second.reached;
    expect((await stored(id))?.state).toBe('condemned');
    const answer = await app.post('/data/documents', { title: 'x', file: id });
    expect(answer.body.errors).toMatchObject([{ field: 'file', code: 'notFound' }]);
    waiting.open();
    await expect(saving).rejects.toMatchObject({ errors: [{ field: 'file', code: 'notFound' }] });
    second.open();
    await sweeping;
    expect(await stored(id)).toBeNull();
  });

  it('and whose answer gets lost leaves the file with the record that was stored', async () => {
    const run: typeof other.sessions.run = async (work) => {
      await other.sessions.run(work);
      throw new Error('nobody knows whether it was stored');
    };
    const records = other.recordsWith({ sessions: { run } });
    const code = new ObjectId().toHexString();
    const inline = { name: 'a.txt', contentType: 'text/plain', content: 'YQ==' };
    await expect(records.create(SYSTEM, 'documents', { title: 'x', code, file: inline })).rejects.toThrow(
      'nobody knows',
    );
    const found = await app.get(`/data/documents?code=${code}`);
    expect(await isThere(found.body.items[0].file.id)).toBe(true);
  });
});

describe('saves without a version, from two processes', () => {
  it('keep exactly the files that the record ends up with', async () => {
    const { id } = await document({});
    const inline = (name: string) => ({ name, contentType: 'text/plain', content: 'YQ==' });
    const saves = Array.from({ length: 12 }, (_, index) => {
      const body = {
        attachments: [inline(`${index}-a`), inline(`${index}-b`)],
        details: { scan: inline(`${index}-c`) },
      };
      return (index % 2 ? app.services() : other).records.update(SYSTEM, 'documents', id, body);
    });
    await Promise.all(saves);
    const { body } = await app.get(`/data/documents/${id}`);
    expect(body.version).toBe(12);
    const held = [...body.attachments, body.details.scan].map((file) => file.id);
    for (const file of held) expect(await isThere(file)).toBe(true);
    const withoutEnd = await db()
      .collection('files.files')
      .find({ expires: { $exists: false }, filename: /^\d+-[abc]$/ })
      .toArray();
    expect(withoutEnd.map(({ _id }) => _id.toHexString()).sort()).toEqual(held.sort());
  });
});

describe('any mix of saves, deletions, sweeps and passing time', () => {
  const ROUNDS = 25;
  const FIELDS = ['file', 'secret', 'attachments', 'secrets'];

  /** A fixed sequence of numbers below `n`. */
  function dice(seed: string): (n: number) => number {
    let state = createHash('sha256').update(seed).digest();
    return (n) => {
      state = createHash('sha256').update(state).digest();
      return state.readUInt32LE() % n;
    };
  }

  it.each(['one', 'two', 'three'])('loses no file and leaks none (%s)', { timeout: 120_000 }, async (seed) => {
    const roll = dice(seed);
    const bodies = new Map<string, string>();
    const pool: string[] = [];
    const records: string[] = [];
    const refill = async (): Promise<void> => {
      while (pool.length < 8) {
        const content = `content ${pool.length} ${roll(1_000_000)}`;
        const id = await files.put({ content });
        bodies.set(id, content);
        pool.push(id);
      }
      while (records.length < 6) records.push((await document({})).id);
    };
    const pick = <T>(list: readonly T[]): T => list[roll(list.length)] as T;
    const value = (field: string) => (field.endsWith('s') ? [pick(pool), pick(pool)] : pick(pool));
    const service = () => (roll(2) ? app.services() : other).records;
    const operations: (() => Promise<unknown>)[] = [
      () => service().update(SYSTEM, 'documents', pick(records), { [pick(FIELDS)]: value('attachments')[0] }),
      () => service().update(SYSTEM, 'documents', pick(records), { attachments: value('attachments') }),
      () => service().update(SYSTEM, 'documents', pick(records), { [pick(FIELDS)]: null }),
      () => service().update(SYSTEM, 'documents', pick(records), { pages: [{ images: value('images') }], title: 'y' }),
      () => service().remove(SYSTEM, 'documents', pick(records)),
      () => sweep(),
      () => other.files.sweep(),
      () => age(LIFE + 1),
    ];
    /** Saves may be refused: the record is gone, or the file. Nothing else may happen. */
    const expected = (error: { code?: string; errors?: readonly { code: string }[] }) =>
      error.code === 'notFound' || error.errors?.every(({ code }) => code === 'notFound');

    for (let round = 0; round < ROUNDS; round += 1) {
      await refill();
      const some = Array.from({ length: 10 }, () => pick(operations));
      const outcomes = await Promise.allSettled(some.map((operation) => operation()));
      for (const outcome of outcomes)
        if (outcome.status === 'rejected' && !expected(outcome.reason)) throw outcome.reason;
      const held = await heldFiles(records);
      for (const id of held) {
        const { status, bytes } = await files.get(`/files/${id}`);
        expect(status, `file ${id}, round ${round}`).toBe(200);
        expect(bytes.toString()).toBe(bodies.get(id));
      }
      const documents = await db().collection('files.files').find().toArray();
      const endless = documents.filter(({ expires }) => expires === undefined).map(({ _id }) => _id.toHexString());
      expect(endless.filter((id) => bodies.has(id) && !held.has(id))).toEqual([]);
      const alive = new Set(documents.map(({ _id }) => _id.toHexString()));
      pool.splice(0, pool.length, ...pool.filter((id) => alive.has(id)));
    }
    await age(LIFE + 1);
    await sweep();
    const held = await heldFiles(records);
    const left = (await db().collection('files.files').find().toArray()).map(({ _id }) => _id.toHexString());
    expect(left.filter((id) => bodies.has(id)).sort()).toEqual([...held].sort());
    const chunks = await db().collection('files.chunks').distinct('files_id');
    expect(chunks.filter((id) => !left.includes(id.toHexString()))).toEqual([]);
  });

  /** The ids of all files in these records; records that are gone leave the list. */
  async function heldFiles(records: string[]): Promise<Set<string>> {
    const held = new Set<string>();
    for (const id of [...records]) {
      const { status, body } = await app.get(`/data/documents/${id}`);
      if (status === 404) records.splice(records.indexOf(id), 1);
      else
        for (const found of JSON.stringify(body).matchAll(/"id":"([0-9a-f]{24})","name":/g)) held.add(found[1] ?? '');
    }
    return held;
  }
});
