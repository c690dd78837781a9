// Shared files: links that need no permission, for as long as they were made for (spec auth-jobs-logs-files §6.4).
import { createHash } from 'node:crypto';
import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { HOUR, startFileApp } from '../support/file-app.ts';

const { app, files, asOther, asNobody, age, db } = startFileApp();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('sharing', () => {
  it('gives a link that needs no permission, and of which nothing but a hash is stored', async () => {
    const id = await asOther.put({ filename: 'a.txt', content: 'shared' });
    const { status, body } = await asOther.send('PUT', `/files/${id}/share`);
    expect(status).toBe(200);
    const { sharedFileId } = body;
    expect(sharedFileId).toMatch(/^[0-9a-f]{24}$/);
    expect(body).toEqual({ sharedFileId, sharedFileLink: `/files/shared/${sharedFileId}` });
    for (const token of [undefined, 'nonsense', 'x'.repeat(32)]) {
      const answer = await asNobody.get(body.sharedFileLink, token ? { token } : {});
      expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/force-download' } });
      expect(answer.bytes.toString()).toBe('shared');
    }
    const shares = await db().collection('files.shares').find().toArray();
    expect(JSON.stringify(shares)).not.toContain(sharedFileId);
    expect(shares.map((share) => share._id.toString('hex'))).toContain(sha256(sharedFileId));
  });

  it('makes a new, independent share each time', async () => {
    const id = await files.put();
    const shares = await Promise.all([1, 2, 3].map(() => files.send('PUT', `/files/${id}/share`)));
    const ids = new Set([id, ...shares.map(({ body }) => body.sharedFileId)]);
    expect(ids.size).toBe(4);
  });

  it.each([
    ['', HOUR],
    ['?ttl=60000', 60_000],
    ['?ttl=1&ttl=60000', 60_000],
  ])('%s is valid for %i ms', async (query, ms) => {
    const { body } = await files.send('PUT', `/files/${await files.put()}/share${query}`);
    await age(ms - 5_000);
    expect((await asNobody.get(body.sharedFileLink)).status).toBe(200);
    await age(5_001);
    expect((await asNobody.get(body.sharedFileLink)).status).toBe(404);
  });

  it.each([
    ['zero', '0'],
    ['zeros', '000'],
    ['longer than there are dates', '9'.repeat(15)],
    ['longer than there are numbers', '9'.repeat(400)],
  ])('never expires with a ttl of %s', async (_what, ttl) => {
    const { status, body } = await files.send('PUT', `/files/${await files.put()}/share?ttl=${ttl}`);
    expect(status, JSON.stringify(body)).toBe(200);
    await age(11 * HOUR);
    expect((await asNobody.get(body.sharedFileLink)).status).toBe(200);
  });

  it.each(['-1', 'x', '', '1.5', '1e3', '0x10', '%20', 'NaN'])('ttl=%s is refused', async (ttl) => {
    const answer = await files.send('PUT', `/files/${await files.put()}/share?ttl=${ttl}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'badRequest' } });
    expect(answer.body.message).toContain('[ttl]');
  });

  it('takes a body, which it ignores', async () => {
    const id = await files.put();
    const json = { 'content-type': 'application/json' };
    for (const body of ['', '{}', '{ broken'])
      expect((await files.send('PUT', `/files/${id}/share`, body, json)).status).toBe(200);
  });

  it('ends with the file', async () => {
    const id = await files.put();
    const { body } = await files.send('PUT', `/files/${id}/share?ttl=0`);
    await age(12 * HOUR);
    expect((await asNobody.get(body.sharedFileLink)).status).toBe(404);
    await app.services().files.sweep();
    const left = await db()
      .collection('files.shares')
      .countDocuments({ file: new ObjectId(id) });
    expect(left).toBe(0);
  });
});
