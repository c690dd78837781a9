// Replays what the API documentation prints about files: requests as documented, answers with the documented bodies and headers.
import { readFileSync } from 'node:fs';
import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { startFileApp } from '../support/file-app.ts';
import { BOUNDARY, multipartBody } from '../support/uploads.ts';

interface Sample {
  readonly n: number;
  readonly request: {
    readonly method: 'GET' | 'POST' | 'PUT';
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | null;
  };
  readonly response: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | Record<string, string>;
  };
}

const documented = new URL('../fixtures/contract/documented-samples.json', import.meta.url);
const { samples } = JSON.parse(readFileSync(documented, 'utf8')) as { readonly samples: readonly Sample[] };
const sample = (n: number): Sample => samples.find((one) => one.n === n) as Sample;

const { app, files, asNobody, stored, db } = startFileApp();

/** The request as documented, with a real token in place of the word, and the real boundary of the body. */
function replay({ request }: Sample, client = files, payload?: Buffer) {
  const { token: _word, ...headers } = request.headers;
  const type = headers['Content-Type'];
  const bounded = type === 'multipart/form-data' ? { 'Content-Type': `${type}; boundary=${BOUNDARY}` } : {};
  return client.send(request.method, request.path, payload, { ...headers, ...bounded });
}

/** A file under the documented id, with the documented name and content. */
async function seedFile(id: string, { response }: Sample): Promise<void> {
  const uploaded = new ObjectId(await files.put({ filename: 'file.ext', content: String(response.body) }));
  const documents = db().collection('files.files');
  const file = await documents.findOneAndDelete({ _id: uploaded });
  await documents.insertOne({ ...file, _id: new ObjectId(id) });
  await db()
    .collection('files.chunks')
    .updateMany({ files_id: uploaded }, { $set: { files_id: new ObjectId(id) } });
}

function expectFile(answer: Awaited<ReturnType<typeof replay>>, { response }: Sample): void {
  expect(answer.status).toBe(200);
  for (const [name, value] of Object.entries(response.headers)) expect(answer.headers[name.toLowerCase()]).toBe(value);
  expect(answer.bytes.toString()).toBe(response.body);
}

describe('documented samples of files', () => {
  it('28: uploads a file', async () => {
    const upload = sample(28);
    const payload = multipartBody({ filename: 'test.txt', content: String(upload.request.body) });
    const { status, headers, body } = await replay(upload, files, payload);
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(Object.keys(body)).toEqual(Object.keys(upload.response.body));
    expect(body.fileId).toMatch(/^[0-9a-f]{24}$/);
    expect(body.fileLink).toBe(`/files/${body.fileId}`);
    expect((await files.get(body.fileLink)).bytes.toString()).toBe(upload.request.body);
  });

  it('29: fetches a file', async () => {
    const fetching = sample(29);
    await seedFile(fetching.request.path.slice('/files/'.length), fetching);
    expectFile(await replay(fetching), fetching);
  });

  it('30: fetches a file that belongs to a record', async () => {
    const fetching = sample(30);
    const [, , , recordId = '', , fileId = ''] = fetching.request.path.split('/');
    await seedFile(fileId, fetching);
    const { body } = await app.post('/data/companies', { name: 'A company with a logo', logo: fileId });
    const companies = db().collection('data.companies');
    const record = await companies.findOneAndDelete({ _id: new ObjectId(body.id) });
    await companies.insertOne({ ...record, _id: new ObjectId(recordId) });
    expectFile(await replay(fetching), fetching);
  });

  it('31 and 32: shares a file for a minute, and fetches it', async () => {
    const [sharing, fetching] = [sample(31), sample(32)];
    const [, , id = ''] = sharing.request.path.split('/');
    if (!(await stored(id))) await seedFile(id, fetching);
    const { status, body } = await replay(sharing);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(Object.keys(sharing.response.body));
    expect(body.sharedFileId).toMatch(/^[0-9a-f]{24}$/);
    expect(body.sharedFileId).not.toBe(id);
    expect(body.sharedFileLink).toBe(`/files/shared/${body.sharedFileId}`);
    const request = { ...fetching.request, path: body.sharedFileLink };
    expectFile(await replay({ ...fetching, request }, asNobody), fetching);
    const unknown = await replay(fetching, asNobody);
    expect(unknown).toMatchObject({ status: 404, body: { code: 'notFound' } });
  });
});
