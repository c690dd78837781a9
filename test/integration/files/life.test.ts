// How long files live: uploads that nobody uses, files that records hold and let go, files of jobs, and what a crash leaves behind
// (spec auth-jobs-logs-files §6.2).
import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { createFileStore } from '../../../src/files/store.ts';
import { HOUR, SYSTEM, startFileApp, until } from '../../support/file-app.ts';

const { app, db, files, stored, count, age, sweep, elsewhere, document } = startFileApp();
const LIFE = 12 * HOUR;

const isThere = async (id: string): Promise<boolean> => (await files.get(`/files/${id}`)).status === 200;
const chunksOf = (id: string) =>
  db()
    .collection('files.chunks')
    .countDocuments({ files_id: new ObjectId(id) });

/** The file is gone, with everything that belonged to it. */
async function expectGone(id: string): Promise<void> {
  expect(await isThere(id)).toBe(false);
  await sweep();
  expect(await stored(id)).toBeNull();
  expect(await chunksOf(id)).toBe(0);
}

async function expectKept(id: string): Promise<void> {
  expect(await isThere(id)).toBe(true);
  await sweep();
  expect(await isThere(id)).toBe(true);
}

describe('an upload that no record refers to', () => {
  it('lives for 12 hours, and then answers 404 at once', async () => {
    const id = await files.put();
    await age(LIFE - 60_000);
    await expectKept(id);
    await age(60_001);
    expect(await stored(id)).not.toBeNull();
    await expectGone(id);
  });

  it('cannot be put into a record any more, nor be shared', async () => {
    const id = await files.put();
    await age(LIFE + 1);
    const answer = await app.post('/data/documents', { title: 'late', file: id });
    expect(answer.body.errors).toMatchObject([{ field: 'file', code: 'notFound' }]);
    expect((await files.send('PUT', `/files/${id}/share`)).status).toBe(404);
    await expectGone(id);
  });

  it('is not kept by shares, transient fields, refused saves and reads', async () => {
    const id = await files.put();
    await files.send('PUT', `/files/${id}/share?ttl=0`);
    await document({ draft: id });
    await app.post('/data/documents', { file: id });
    await isThere(id);
    await age(LIFE + 1);
    await expectGone(id);
  });
});

describe('a file that a record holds', () => {
  const places: [string, (id: string) => object][] = [
    ['a field', (id) => ({ file: id })],
    ['a list', (id) => ({ attachments: [id] })],
    ['a group', (id) => ({ details: { scan: id } })],
    ['a list inside a list of groups', (id) => ({ pages: [{ note: 'x' }, { images: [id] }] })],
    ['a sensitive field', (id) => ({ secret: id })],
    ['a sensitive list', (id) => ({ secrets: [id] })],
  ];

  it.each(places)('in %s is kept, and dies 12 hours after it was let go', async (_where, fields) => {
    const id = await files.put();
    const record = await document(fields(id));
    expect(await stored(id)).not.toHaveProperty('expires');
    await age(LIFE * 10);
    await expectKept(id);
    const cleared = { file: null, attachments: [], details: { scan: null }, pages: [], secret: null, secrets: [] };
    await app.put(`/data/documents/${record.id}`, cleared);
    await age(LIFE - 60_000);
    await expectKept(id);
    await age(60_001);
    await expectGone(id);
  });

  it.each(places)('in %s is found there by the sweep, whatever its document says', async (_where, fields) => {
    const id = await files.put();
    await document(fields(id));
    await db()
      .collection('files.files')
      .updateOne({ _id: new ObjectId(id) }, { $set: { expires: new Date(0) } });
    await expectKept(id);
    expect(await stored(id)).not.toHaveProperty('expires');
  });

  it('is let go when the record is deleted, alone or with others', async () => {
    const ids = [await files.put(), await files.put(), await files.put()];
    const [a, b, c] = [
      await document({ file: ids[0] }),
      await document({ secrets: [ids[1]] }),
      await document({ pages: [{ images: [ids[2]] }] }),
    ];
    await app.delete(`/data/documents/${a.id}`);
    const both = [b, c].map((record) => new ObjectId(record.id));
    const { records, sessions } = await elsewhere();
    await sessions.run((session) => records.removeMany(SYSTEM, 'documents', both, { session, print: false }));
    await age(LIFE - 60_000);
    for (const id of ids) await expectKept(id);
    await age(60_001);
    for (const id of ids) await expectGone(id);
  });

  it('is kept while another record holds it too', async () => {
    const id = await files.put();
    const [a, b] = [await document({ file: id }), await document({ attachments: [id] })];
    await app.delete(`/data/documents/${a.id}`);
    await age(LIFE + 1);
    await expectKept(id);
    expect(await stored(id)).not.toHaveProperty('expires');
    await app.put(`/data/documents/${b.id}`, { attachments: [] });
    await age(LIFE + 1);
    await expectGone(id);
  });

  it('is kept where it has been in an entity that these definitions do not know', async () => {
    const id = await files.put();
    const record = await document({ file: id });
    const fileDocuments = db().collection('files.files');
    const _id = new ObjectId(id);
    expect(await stored(id)).toMatchObject({ places: ['data.documents:data.file'] });
    // what a process with the other definitions does when it puts the file into a record of its own
    await fileDocuments.updateOne({ _id }, { $push: { places: 'data.others:data.file' } } as object);
    await app.delete(`/data/documents/${record.id}`);
    await age(LIFE + 1);
    await expectKept(id);
    expect((await stored(id))?.expires.getTime()).toBeGreaterThan(Date.now());
    await fileDocuments.updateOne({ _id }, { $pull: { places: 'data.others:data.file' } } as object);
    await age(LIFE + 1);
    await expectGone(id);
  });

  it('is kept while another field of the record holds it too', async () => {
    const id = await files.put();
    const record = await document({ file: id, attachments: [id] });
    await app.put(`/data/documents/${record.id}`, { file: null });
    expect(await stored(id)).not.toHaveProperty('expires');
  });

  it('lives on when it is put into a record again in time', async () => {
    const id = await files.put();
    const record = await document({ file: id });
    await app.put(`/data/documents/${record.id}`, { file: null });
    await age(LIFE - 1_000);
    await app.put(`/data/documents/${record.id}`, { file: id });
    await age(LIFE);
    await expectKept(id);
  });

  it('is not let go by a save that is refused, or by one of an old version', async () => {
    const id = await files.put();
    const record = await document({ file: id });
    for (const body of [
      { file: null, title: null },
      { file: null, version: 7 },
    ])
      expect((await app.put(`/data/documents/${record.id}`, body)).status).toBeGreaterThanOrEqual(400);
    expect(await stored(id)).not.toHaveProperty('expires');
  });
});

describe('a file of a job', () => {
  const job = async (status: string): Promise<ObjectId> => {
    const _id = new ObjectId();
    await db().collection('jobs').insertOne({ _id, status });
    return _id;
  };
  const end = (_id: ObjectId) =>
    db()
      .collection('jobs')
      .updateOne({ _id }, { $set: { status: 'FINISHED' } });

  it.each(['PENDING', 'RUNNING', 'STOPPED', 'CANCELED'])('is kept while the job is %s', async (status) => {
    const id = await files.put();
    const needing = await job(status);
    const info = await app.services().files.keepForJob(SYSTEM, id, needing);
    expect(info).toMatchObject({ id, name: 'a.txt', contentType: 'text/plain', size: 7 });
    await age(LIFE * 5);
    await expectKept(id);
    await end(needing);
    expect(await isThere(id)).toBe(true);
    await age(LIFE + 1);
    await expectGone(id);
  });

  it('is kept for the one of two jobs that is not over', async () => {
    const id = await files.put();
    const [first, second] = [await job('RUNNING'), await job('RUNNING')];
    for (const one of [first, second]) await app.services().files.keepForJob(SYSTEM, id, one);
    await end(first);
    await age(LIFE + 1);
    await expectKept(id);
  });

  it('is written while the job goes on, however long that takes, and lives for 12 hours after', async () => {
    const making = await job('RUNNING');
    const writer = app.services().files.create(SYSTEM, { name: 'export.csv', contentType: 'text/csv', job: making });
    await writer.write(Buffer.alloc(600_000, 'x'));
    await until(async () => (await chunksOf(writer.id.toHexString())) === 2);
    await age(LIFE * 5);
    await sweep();
    await writer.write(Buffer.alloc(600_000, 'y'));
    const { id, size } = await writer.finish();
    expect(size).toBe(1_200_000);
    await end(making);
    await age(LIFE - 60_000);
    await expectKept(id);
    await age(60_001);
    await expectGone(id);
  });
});

describe('what a crash leaves behind', () => {
  it('of an upload is removed after an hour; the writer, should it still live, learns about it', async () => {
    const before = await count();
    const writer = app.services().files.create(SYSTEM, { name: 'a.bin' });
    await writer.write(Buffer.alloc(300_000));
    await until(async () => (await chunksOf(writer.id.toHexString())) === 1);
    await age(HOUR - 60_000);
    await sweep();
    expect(await chunksOf(writer.id.toHexString())).toBe(1);
    await age(60_001);
    await sweep();
    expect(await count()).toEqual(before);
    await expect(writer.finish()).rejects.toMatchObject({ code: 'systemException' });
    await writer.abort();
    expect(await count()).toEqual(before);
  });

  it.each(['condemned', 'removing'])('of the sweep, a file that is %s, goes with the next one', async (state) => {
    const id = await files.put();
    const expires = new Date(Date.now() - 1);
    await db()
      .collection('files.files')
      .updateOne({ _id: new ObjectId(id) }, { $set: { state, expires } });
    await expectGone(id);
  });

  it('of the sweep, a condemned file that a record holds, comes back', async () => {
    const id = await files.put();
    await document({ file: id });
    const condemned = { state: 'condemned', expires: new Date(Date.now() - 1) };
    await db()
      .collection('files.files')
      .updateOne({ _id: new ObjectId(id) }, { $set: condemned });
    await sweep();
    expect(await isThere(id)).toBe(true);
  });
});

it('several sweeps at once remove each file, and all of them', async () => {
  const before = await count();
  await Promise.all(Array.from({ length: 300 }, () => files.put()));
  await age(LIFE + 1);
  const removed = await Promise.all([sweep(), sweep(), sweep()]);
  expect(Math.max(...removed)).toBeGreaterThan(0);
  expect(await count()).toEqual(before);
});

it('of several processes one has the turn to sweep', async () => {
  const stores = Array.from({ length: 5 }, () => createFileStore(db()));
  const start = Date.now() + 10 * HOUR;
  for (const turn of [0, 1, 2]) {
    const now = new Date(start + turn * 900_000);
    const next = new Date(now.getTime() + 900_000);
    const turns = await Promise.all(stores.map((store) => store.takeTurn(now, next)));
    expect(turns.filter(Boolean)).toEqual([true]);
    const early = new Date(next.getTime() - 1);
    expect(await stores[0]?.takeTurn(early, next)).toBe(false);
  }
});

it('the holders of a file are found by an index, also those of sensitive fields', async () => {
  const documents = db().collection('data.documents');
  await documents.insertMany(Array.from({ length: 200 }, () => ({ version: 0, label: 'x', data: { title: 'x' } })));
  const paths = ['data.file._id', 'data.attachments._id', 'data.pages.images._id', 'data.secret.hash'];
  const plan = await documents
    .find({ $or: paths.map((path) => ({ [path]: { $in: [new ObjectId()] } })) }, { projection: { _id: 1 } })
    .explain('executionStats');
  expect(plan.executionStats).toMatchObject({ totalDocsExamined: 0 });
  expect(JSON.stringify(plan.queryPlanner.winningPlan)).not.toContain('COLLSCAN');
});
