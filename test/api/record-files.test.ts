// File fields of records over HTTP: set by id and inline, read, found, downloaded through the record (spec field-types §4.29,
// auth-jobs-logs-files §6.3).
import { createHash } from 'node:crypto';
import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { startFileApp } from '../support/file-app.ts';

const { app, files, asOther, asNobody, stored, count, document } = startFileApp({ FILE_MAX_BYTES: '300000' });

const UNKNOWN = '000000000000000000000000';
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('files of records', () => {
  it('are set by id in every form, and read with their size', async () => {
    const content = Buffer.alloc(42_496);
    const id = await files.put({ filename: 'logo.png', content });
    const shown = { id, name: 'logo.png (41.5kB)' };
    for (const value of [id, id.toUpperCase(), { id }, { id, name: 'other.png' }, shown])
      expect((await document({ file: value })).file).toEqual(shown);
    const body = await document({
      attachments: [id, { id }],
      details: { scan: { id } },
      pages: [{ note: 'a', images: [id] }],
      secret: id,
    });
    expect(body).toMatchObject({ attachments: [shown, shown], details: { scan: shown }, secret: shown });
    expect(body.pages[0].images).toEqual([shown]);
    expect((await app.get(`/data/documents/${body.id}`)).body).toEqual(body);
    const plain = await app.get(`/data/documents/${body.id}?_format=plainText&_fields=attachments`);
    expect(plain.body.attachments).toEqual([shown.name, shown.name]);
  });

  it('come inline', async () => {
    const content = Buffer.from('inline content');
    const sent = { name: '../test1.txt', contentType: 'text/plain', content: content.toString('base64') };
    const body = await document({ file: sent, attachments: [sent, { ...sent, content: '' }] });
    expect(body.file).toEqual({ id: expect.any(String), name: 'test1.txt (14B)' });
    expect(body.attachments[1].name).toBe('test1.txt (0B)');
    expect(await stored(body.file.id)).toMatchObject({
      filename: 'test1.txt',
      metadata: { contentType: 'text/plain', hash: sha256(content) },
    });
    expect((await files.get(`/files/${body.file.id}`)).bytes.equals(content)).toBe(true);
  });

  const inline = (over: object) => ({ name: 'a.txt', contentType: 'text/plain', content: 'YQ==', ...over });
  const typeMissing = 'Content type is required when uploading a file and must be a string';
  it.each<[string, object, string, object]>([
    ['an unknown id', { file: UNKNOWN }, 'file', { code: 'notFound', message: 'File not found' }],
    ['no id', { file: 'logo.png' }, 'file', { code: 'notFound', message: 'File not found' }],
    ['an unknown id in a list', { attachments: [UNKNOWN] }, 'attachments[0]', { code: 'notFound' }],
    [
      'an unknown id deep inside',
      { pages: [{ images: [{ id: UNKNOWN }] }] },
      'pages[0].images[0]',
      { code: 'notFound' },
    ],
    ['no type', { file: inline({ contentType: null }) }, 'file', { code: 'invalid', message: typeMissing }],
    ['no base64', { file: inline({ content: 'not base64!' }) }, 'file', { code: 'invalid' }],
    ['too much', { file: inline({ content: 'A'.repeat(400_004) }) }, 'file', { code: 'invalid' }],
    ['a list for a single file', { file: [UNKNOWN] }, 'file', { code: 'invalidStructure' }],
  ])('refuse %s, and keep nothing of the save', async (_what, fields, field, error) => {
    const before = await count();
    const good = inline({});
    const answer = await app.post('/data/documents', { title: 'x', secrets: [good], ...fields });
    expect(answer).toMatchObject({ status: 400, body: { code: 'validationErrors' } });
    expect(answer.body.errors).toEqual([expect.objectContaining({ field, ...error })]);
    expect(await count()).toEqual(before);
  });

  it('leave nothing when a unique value is refused', async () => {
    const code = new ObjectId().toHexString();
    await document({ code });
    const before = await count();
    const answer = await app.post('/data/documents', { title: 'x', code, file: inline({}) });
    expect(answer.body.errors).toMatchObject([{ field: 'code', code: 'notUnique' }]);
    expect(await count()).toEqual(before);
  });

  it('leave nothing where a rule puts the old value back, or the field is transient', async () => {
    const before = await count();
    const closed = await document({ sealed: inline({}), draft: inline({}) });
    expect(closed).toMatchObject({ sealed: null, draft: null });
    expect(await count()).toEqual(before);
    expect((await document({ title: 'open', sealed: inline({}) })).sealed).not.toBeNull();
  });

  it('are replaced, cleared, and sent back as they were read', async () => {
    const [a, b] = [await files.put({ filename: 'a' }), await files.put({ filename: 'b' })];
    const { id } = await document({ file: a, attachments: [a, b] });
    const read = (await app.get(`/data/documents/${id}`)).body;
    const same = await app.put(`/data/documents/${id}`, read);
    expect(same.body).toEqual({ ...read, version: 1 });
    const changed = await app.put(`/data/documents/${id}`, { file: b, attachments: [b] });
    expect(changed.body).toMatchObject({ file: { id: b }, attachments: [{ id: b }] });
    const cleared = await app.put(`/data/documents/${id}`, { file: null, attachments: [] });
    expect(cleared.body).toMatchObject({ file: null, attachments: [] });
  });

  it('are found by name and by id', async () => {
    const [id, other] = [await files.put({ filename: 'find me.txt' }), await files.put()];
    const record = await document({ file: id, attachments: [other, id] });
    const queries = [
      'file=find%20me.txt',
      'file=like(find%20me)',
      `file.id=${id}`,
      `attachments.id=${id}`,
      `file=${id}`,
    ];
    for (const query of queries) {
      const { body } = await app.get(`/data/documents?${query}&_fields=title`);
      expect(body.items, query).toMatchObject([{ id: record.id }]);
    }
  });

  it('are downloaded through the record that holds them', async () => {
    const [id, other] = [await files.put({ content: 'held' }), await files.put()];
    const fields = { details: { scan: id }, pages: [{ images: [other] }], secrets: [other] };
    const record = await document(fields);
    const { status, bytes, headers } = await files.get(`/data/documents/${record.id}/files/${id}`);
    expect(status).toBe(200);
    expect(bytes.toString()).toBe('held');
    expect(headers['content-type']).toBe('application/force-download');
    expect((await files.get(`/data/documents/${record.id}/files/${other}`)).status).toBe(200);
  });

  it('answer 404 for an entity, a record or a file that is not there, 403 without rights', async () => {
    const [id, other] = [await files.put(), await files.put()];
    const record = await document({ file: id });
    for (const path of [
      `/data/nothing/${record.id}/files/${id}`,
      `/data/documents/${UNKNOWN}/files/${id}`,
      `/data/documents/${record.id}/files/${other}`,
      `/data/documents/${record.id}/files/${UNKNOWN}`,
      `/data/documents/${record.id}/files/nonsense`,
    ]) {
      expect(await files.get(path), path).toMatchObject({ status: 404, body: { code: 'notFound' } });
    }
    const refused = await asOther.get(`/data/documents/${record.id}/files/${id}`);
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await asNobody.get(`/data/documents/${record.id}/files/${id}`)).status).toBe(401);
    await app.delete(`/data/documents/${record.id}`);
    expect((await files.get(`/data/documents/${record.id}/files/${id}`)).status).toBe(404);
  });

  it('are not given out where the field has a read rule that does not hold', async () => {
    const id = await files.put();
    const path = ({ id: record }: { id: string }) => `/data/documents/${record}/files/${id}`;
    expect((await files.get(path(await document({ whisper: id })))).status).toBe(403);
    expect((await files.get(path(await document({ whisper: id, title: 'open' })))).status).toBe(200);
    expect((await files.get(path(await document({ whisper: id, file: id })))).status).toBe(200);
  });
});
