// Files over HTTP: upload, download, sharing, and the rules of each (spec auth-jobs-logs-files §6, §12.9).
import { createHash } from 'node:crypto';
import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { startFileApp } from '../support/file-app.ts';
import { BOUNDARY, CLOSING, MULTIPART, multipartBody, partHeader } from '../support/uploads.ts';

const MAX = 300_000;
const { app, files, asOther, asNobody, stored, count, db } = startFileApp({
  FILE_MAX_BYTES: String(MAX),
});

const UNKNOWN = '000000000000000000000000';
const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

describe('upload', () => {
  it('answers id and link, and keeps name, type, size, hash and owner', async () => {
    const { status, body } = await files.upload({
      filename: 'notes.txt',
      contentType: 'text/markdown',
      content: 'abc',
    });
    expect(status).toBe(200);
    expect(body).toEqual({ fileId: expect.stringMatching(/^[0-9a-f]{24}$/), fileLink: `/files/${body.fileId}` });
    const current = await app.get('/users/current');
    expect(await stored(body.fileId)).toMatchObject({
      filename: 'notes.txt',
      length: 3,
      state: 'stored',
      metadata: { contentType: 'text/markdown', hash: sha256('abc'), owner: new ObjectId(current.body.id) },
    });
  });

  it.each([0, 1, 261_119, 261_120, 261_121, MAX])('gives back the %i bytes of a file', async (size) => {
    const content = Buffer.alloc(size, 'Trebuchet\r\n--');
    const id = await files.put({ content });
    const { status, headers, bytes } = await files.get(`/files/${id}`);
    expect(status).toBe(200);
    expect(headers['content-length']).toBe(String(size));
    expect(bytes.equals(content)).toBe(true);
  });

  it('takes the first part with a filename, whatever its name; the others are ignored', async () => {
    const { status, body } = await files.upload(
      { name: 'note', filename: null, contentType: 'application/json', content: '{ broken' },
      { name: 'file', filename: null, content: 'a field' },
      { name: 'anything', filename: 'first.txt', content: 'the first' },
      { name: 'file', filename: 'second.txt', content: 'the second' },
      { name: 'last', filename: null, contentType: null, content: 'a field' },
    );
    expect(status, JSON.stringify(body)).toBe(200);
    expect((await files.get(body.fileLink)).bytes.toString()).toBe('the first');
  });

  const json = { 'content-type': 'application/json' };
  it.each<[string, Buffer | string, Record<string, string>, string]>([
    ['is JSON', '{"file": 1}', json, 'must be multipart/form-data'],
    ['is empty', '', json, 'must be multipart/form-data'],
    ['is no form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 'must be multipart/form-data'],
    [
      'is another multipart',
      multipartBody({}),
      { 'content-type': `multipart/mixed; boundary=${BOUNDARY}` },
      'multipart',
    ],
    ['has no boundary', multipartBody({}), { 'content-type': 'multipart/form-data' }, 'Boundary not found'],
    [
      'has another boundary',
      multipartBody({}),
      { 'content-type': 'multipart/form-data; boundary=x' },
      'Unexpected end',
    ],
    ['has no parts', multipartBody(), MULTIPART, 'no part with a filename'],
    ['has fields only', multipartBody({ filename: null }), MULTIPART, 'no part with a filename'],
    ['has an empty filename', multipartBody({ filename: '' }), MULTIPART, 'no part with a filename'],
    ['ends in the header', `--${BOUNDARY}\r\nContent-Disposition: form-data; name="f"`, MULTIPART, 'Unexpected end'],
    ['ends in the file', `${partHeader({})}content`, MULTIPART, 'end of multipart data'],
    ['ends after the file', `${partHeader({})}content\r\n--${BOUNDARY}\r\n`, MULTIPART, 'Unexpected end'],
    [
      'names a part like a key of every object',
      multipartBody({ name: 'constructor' }),
      MULTIPART,
      'prototype property',
    ],
    ['is too large', multipartBody({ content: Buffer.alloc(MAX + 1) }), MULTIPART, 'larger than the 300000 bytes'],
    ['is far too large', multipartBody({ content: Buffer.alloc(MAX * 6) }), MULTIPART, 'larger than the 300000 bytes'],
  ])('refuses a body that %s, and keeps nothing of it', async (_what, payload, headers, message) => {
    const before = await count();
    const answer = await files.send('POST', '/files', payload, headers);
    expect(answer.status, JSON.stringify(answer.body)).toBe(400);
    expect(answer.body).toEqual({ code: 'badRequest', message: expect.stringContaining(message) });
    expect(await count()).toEqual(before);
  });

  it('may begin with a preamble and end with an epilogue', async () => {
    const body = Buffer.concat([
      Buffer.from(`a preamble\r\n${partHeader({ filename: 'a.txt' })}content`),
      Buffer.from(`${CLOSING}an epilogue`),
    ]);
    const answer = await files.send('POST', '/files', body, MULTIPART);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect((await files.get(answer.body.fileLink)).bytes.toString()).toBe('content');
  });

  it('answers after a refusal as before', async () => {
    await files.upload({ content: Buffer.alloc(MAX + 1) });
    expect((await files.upload({})).status).toBe(200);
  });

  it('needs a token', async () => {
    const before = await count();
    expect(await asNobody.upload({})).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(await count()).toEqual(before);
  });
});

describe('names', () => {
  it.each<[sent: string, stored: string, header: string]>([
    ['report.pdf', 'report.pdf', 'attachment; filename=report.pdf'],
    ['two words.txt', 'two words.txt', 'attachment; filename="two words.txt"'],
    ['../../etc/passwd', 'passwd', 'attachment; filename=passwd'],
    ['C:\\\\temp\\\\a.txt', 'a.txt', 'attachment; filename=a.txt'],
    ['..', 'file', 'attachment; filename=file'],
    ['a/', 'file', 'attachment; filename=file'],
    ['a;b=c.txt', 'a;b=c.txt', 'attachment; filename="a;b=c.txt"'],
    [
      'Grüße €.txt',
      'Grüße €.txt',
      'attachment; filename="Gr??e ?.txt"; filename*=UTF-8\'\'Gr%C3%BC%C3%9Fe%20%E2%82%AC.txt',
    ],
    ['日本.txt', '日本.txt', 'attachment; filename="??.txt"; filename*=UTF-8\'\'%E6%97%A5%E6%9C%AC.txt'],
    ['photo\u202Egpj.exe', 'photogpj.exe', 'attachment; filename=photogpj.exe'],
    ['tab\there.txt', 'tabhere.txt', 'attachment; filename=tabhere.txt'],
    ['100%41.txt', '100%41.txt', "attachment; filename=100%41.txt; filename*=UTF-8''100%2541.txt"],
  ])('%j is kept as %j and sent as %s', async (sent, kept, header) => {
    const id = await files.put({ filename: sent });
    expect((await stored(id))?.filename).toBe(kept);
    expect((await files.get(`/files/${id}`)).headers['content-disposition']).toBe(header);
  });

  it('may come in the encoding of RFC 5987', async () => {
    const disposition = 'Content-Disposition: form-data; name="file"; filename*=UTF-8\'\'na%C3%AFve%20plan.txt';
    expect((await stored(await files.put({ disposition })))?.filename).toBe('naïve plan.txt');
  });

  it('can not add headers to the answer', async () => {
    const disposition =
      'Content-Disposition: form-data; name="file"; filename*=UTF-8\'\'a%0D%0ASet-Cookie:%20token=x.txt';
    const { status, body } = await files.upload({ disposition });
    // refused or cleaned, never repeated
    if (status !== 200) return expect(body.code).toBe('badRequest');
    const { headers } = await files.get(body.fileLink);
    expect(headers['set-cookie']).toBeUndefined();
    expect(headers['content-disposition']).not.toMatch(/[\r\n]/);
  });

  it.each([
    ['text/html', 'text/html'],
    ['TEXT/Plain; charset=utf-8', 'text/plain'],
    [null, 'text/plain'],
    ['nonsense', 'application/octet-stream'],
    [`a/${'b'.repeat(300)}`, 'application/octet-stream'],
  ])('the content type %s is kept as %s', async (contentType, kept) => {
    const id = await files.put({ contentType });
    expect((await stored(id))?.metadata.contentType).toBe(kept);
  });
});

describe('download', () => {
  const page = { filename: 'page.html', contentType: 'text/html', content: '<script>alert(1)</script>' };

  it('sends headers under which a browser only saves the file', async () => {
    const { status, headers, bytes } = await files.get(`/files/${await files.put(page)}`);
    expect(status).toBe(200);
    expect(bytes.toString()).toBe(page.content);
    expect(headers).toMatchObject({
      'content-type': 'application/force-download',
      'content-disposition': 'attachment; filename=page.html',
      'content-length': String(page.content.length),
      'cache-control': 'private, no-store',
      'content-security-policy': expect.stringContaining('sandbox'),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(headers['content-encoding']).toBeUndefined();
  });

  it('knows no ranges and no conditions, and ignores forceDownload and Accept', async () => {
    const id = await files.put(page);
    const asked = { range: 'bytes=0-1', 'if-none-match': '*', accept: 'application/json' };
    const { status, bytes } = await files.get(`/files/${id}?forceDownload=true`, asked);
    expect(status).toBe(200);
    expect(bytes.toString()).toBe(page.content);
  });

  it('answers HEAD without reading the content', async () => {
    const id = await files.put(page);
    await db()
      .collection('files.chunks')
      .deleteMany({ files_id: new ObjectId(id) });
    const { status, headers, bytes } = await files.send('HEAD', `/files/${id}`);
    expect(status).toBe(200);
    expect(bytes).toHaveLength(0);
    expect(headers['content-length']).toBe(String(page.content.length));
    expect(headers['content-disposition']).toBe('attachment; filename=page.html');
  });

  it('is an error, not a broken file, when the content is gone', async () => {
    const id = await files.put(page);
    await db()
      .collection('files.chunks')
      .deleteMany({ files_id: new ObjectId(id) });
    const { status, headers, body } = await files.get(`/files/${id}`);
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'systemException' });
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(headers['content-disposition']).toBeUndefined();
  });

  it.each([UNKNOWN, 'nonsense', 'shared', "0'; --", '%00', `${UNKNOWN}0`])('answers 404 for the id %s', async (id) => {
    expect(await files.get(`/files/${id}`)).toMatchObject({ status: 404, body: { code: 'notFound' } });
    expect(await files.send('PUT', `/files/${id}/share`)).toMatchObject({ status: 404, body: { code: 'notFound' } });
    expect(await asNobody.get(`/files/shared/${id}`)).toMatchObject({ status: 404, body: { code: 'notFound' } });
  });

  it('takes ids in capitals, and a slash at the end', async () => {
    const id = await files.put(page);
    expect((await files.get(`/files/${id.toUpperCase()}/`)).status).toBe(200);
  });

  it('is for developers and for the owner', async () => {
    const mine = await files.put(page);
    const theirs = await asOther.put(page);
    expect((await files.get(`/files/${theirs}`)).status).toBe(200);
    expect((await asOther.get(`/files/${theirs}`)).status).toBe(200);
    expect(await asOther.get(`/files/${mine}`)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await asOther.send('PUT', `/files/${mine}/share`)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect(await asNobody.get(`/files/${mine}`)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(await asNobody.send('PUT', `/files/${mine}/share`)).toMatchObject({ status: 401 });
  });
});
