// Which files a person may put into a record, and which ones he gets through a record (spec field-types §4.29, auth-jobs-logs-files §6.3).
import { ObjectId } from 'mongodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Context, type EntityAccess, FULL_ACCESS, type Principal } from '../../../src/context.ts';
import type { ApiRecord } from '../../../src/records/serialize.ts';
import { SYSTEM, startFileApp } from '../../support/file-app.ts';

const { files, elsewhere, document } = startFileApp();
let other: Awaited<ReturnType<typeof elsewhere>>;

beforeAll(async () => {
  other = await elsewhere();
});

/** Somebody who asks over HTTP. */
function callerOf(over: Partial<Principal> = {}): Context {
  const id = new ObjectId().toHexString();
  return { ...SYSTEM, origin: 'user', principal: { ...SYSTEM.principal, id, system: false, ...over } };
}

const DEVELOPER = callerOf({ developer: true });

/** A person with some rights on documents. */
function person(rights: Partial<EntityAccess> = {}): Context {
  const access: EntityAccess = { ...FULL_ACCESS, allFields: rights.canRead === undefined, ...rights };
  return { ...callerOf(), accessTo: () => access };
}

const OPEN = { kind: 'in', path: 'data.title', values: ['open'] } as const;

/** Uploads as this person. */
async function uploadAs(ctx: Context, content = 'content'): Promise<string> {
  const writer = other.files.create(ctx, { name: 'a.txt', contentType: 'text/plain' });
  await writer.write(Buffer.from(content));
  return (await writer.finish()).id;
}

const save = (ctx: Context, fields: object): Promise<ApiRecord> =>
  other.records.create(ctx, 'documents', { title: 'mine', ...fields });

const refused = { errors: [{ field: 'file', code: 'notFound', message: 'File not found' }] };

describe('the id of a file may be set', () => {
  it('by the one who uploaded it', async () => {
    const ctx = person({ read: false });
    expect(await save(ctx, { file: await uploadAs(ctx) })).toMatchObject({ id: expect.any(String) });
  });

  it('by nobody else while no record holds it', async () => {
    const id = await files.put();
    await expect(save(person(), { file: id })).rejects.toMatchObject(refused);
    expect(await save(DEVELOPER, { file: id })).toMatchObject({ file: { id } });
    expect(await save({ ...person(), origin: 'script' }, { file: id })).toMatchObject({ file: { id } });
  });

  it('by those who can read a record that holds it', async () => {
    const [open, closed, both] = [await files.put(), await files.put(), await files.put()];
    await document({ title: 'open', file: open, attachments: [both] });
    await document({ title: 'closed', file: closed, secret: both });
    const ctx = person({ read: OPEN, create: null });
    for (const id of [open, both]) await save(ctx, { file: id });
    await expect(save(ctx, { file: closed })).rejects.toMatchObject(refused);
    await expect(save(person({ read: false }), { file: open })).rejects.toMatchObject(refused);
  });

  it('only where the field that holds it can be read, and the groups around that', async () => {
    const id = await files.put();
    await document({ title: 'open', pages: [{ images: [id] }] });
    for (const hidden of ['pages', 'pages.images']) {
      const ctx = person({ canRead: (field) => field.path !== hidden });
      await expect(save(ctx, { file: id })).rejects.toMatchObject(refused);
    }
    await save(person({ canRead: (field) => field.path !== 'secret' }), { file: id });
  });

  it('not by way of a field with a read rule of its own', async () => {
    const id = await files.put();
    await document({ title: 'open', whisper: id });
    await expect(save(person(), { file: id })).rejects.toMatchObject(refused);
  });

  it('again in the field that holds it, but not moved there from a field that can not be read', async () => {
    const id = await files.put();
    const record = await document({ title: 'x', secret: id });
    const ctx = person({ canRead: (field) => field.path !== 'secret' });
    await expect(other.records.update(ctx, 'documents', record.id, { file: id })).rejects.toMatchObject(refused);
    expect(await other.records.update(ctx, 'documents', record.id, { secret: { id } })).toMatchObject({ version: 1 });
  });
});

describe('a record gives a file out', () => {
  it('to those who can read the record and one of the fields that hold it', async () => {
    const id = await files.put();
    const record = await document({ title: 'open', file: id, secret: id });
    const get = (ctx: Context) => other.files.openOfRecord(ctx, 'documents', record.id, id);
    expect((await get(person({ read: OPEN }))).info).toMatchObject({ id, size: 7 });
    expect((await get(person({ canRead: (field) => field.path !== 'file' }))).info.id).toBe(id);
    const none = person({ canRead: (field) => field.path !== 'file' && field.path !== 'secret' });
    await expect(get(none)).rejects.toMatchObject({ code: 'forbidden' });
    const closed = { ...OPEN, values: ['another'] };
    await expect(get(person({ read: closed }))).rejects.toMatchObject({ code: 'forbidden' });
    await expect(get(person({ read: false }))).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('not from inside a group that can not be read', async () => {
    const id = await files.put();
    const record = await document({ pages: [{ images: [id] }], details: { scan: id } });
    const ctx = person({ canRead: (field) => !['pages', 'details'].includes(field.path) });
    await expect(other.files.openOfRecord(ctx, 'documents', record.id, id)).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});

describe('directly, a file is', () => {
  it('for its owner, developers, system users and scripts', async () => {
    const owner = person({ read: false });
    const id = await uploadAs(owner);
    const system = callerOf({ system: true });
    const script: Context = { ...person(), origin: 'script' };
    for (const ctx of [owner, DEVELOPER, system, script]) {
      expect((await other.files.open(ctx, id)).info.id).toBe(id);
      const { sharedFileId } = await other.files.share(ctx, id, 0);
      expect((await other.files.openShared(sharedFileId)).info.id).toBe(id);
    }
    const stranger = person();
    await expect(other.files.open(stranger, id)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(other.files.share(stranger, id, 0)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(other.files.unshare(stranger, id)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(other.files.keepForJob(stranger, id, new ObjectId())).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('no longer shared after unshare', async () => {
    const owner = person();
    const id = await uploadAs(owner);
    const shares = await Promise.all([0, 60_000].map((ttl) => other.files.share(owner, id, ttl)));
    await other.files.unshare(owner, id);
    for (const { sharedFileId } of shares) {
      await expect(other.files.openShared(sharedFileId)).rejects.toMatchObject({ code: 'notFound' });
    }
    expect((await other.files.open(owner, id)).info.id).toBe(id);
  });
});
