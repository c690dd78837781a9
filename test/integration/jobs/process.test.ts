// The very processes that are installed: a job survives the end of the API it runs in, and a worker of its own takes it on.
import { MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMIN } from '../../support/app.ts';
import { until } from '../../support/jobs.ts';
import { type RunningApi, settingsOn, startApi, startCommand } from '../../support/process.ts';
import { testDatabase } from '../../support/services.ts';

const RECORDS = 30_000;

const place = testDatabase();
const settings = {
  ...settingsOn(place),
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
  ENCRYPTION_KEY: '5e'.repeat(32),
};
let client: MongoClient;

beforeAll(async () => {
  client = await new MongoClient(place.uri).connect();
});
afterAll(() => client.close());

async function loginTo({ apiUrl }: RunningApi) {
  const answer = await fetch(`${apiUrl}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  });
  const { token } = (await answer.json()) as { token: string };
  return async (method: string, path: string) => {
    const response = await fetch(`${apiUrl}${path}`, { method, headers: { token } });
    // biome-ignore lint/suspicious/noExplicitAny: answers are read by the test that says what it expects
    return (await response.json()) as any;
  };
}

it('SIGTERM in the middle of a delete: exit 0, and another process finishes it', async () => {
  const first = await startApi(settings);
  const send = await loginTo(first);
  const companies = client.db(place.dbName).collection('data.companies');
  await companies.insertMany(
    Array.from({ length: RECORDS }, (_, n) => ({
      _id: new ObjectId(),
      version: 0,
      label: `${n}`,
      data: { name: `${n}` },
    })),
  );
  const { jobId } = await send('DELETE', '/data/companies?_async=true');
  await until(
    'it has begun',
    () => send('GET', `/status/jobs/${jobId}`),
    ({ recordsProcessed }) => recordsProcessed > 0,
  );
  first.signal('SIGTERM');
  expect(await first.ended).toEqual({ code: 0, signal: null });
  const left = await companies.countDocuments();
  expect(left).toBeGreaterThan(0);

  const second = await startApi({ ...settings, RUN_WORKER: 'false' });
  const ask = await loginTo(second);
  const waiting = await ask('GET', `/status/jobs/${jobId}`);
  expect(waiting).toMatchObject({ status: 'RUNNING', recordsProcessed: RECORDS - left, recordsCount: RECORDS });
  const worker = startCommand(['worker'], settings);
  const done = await until(
    'it is finished',
    () => ask('GET', `/status/jobs/${jobId}`),
    ({ status }) => status === 'FINISHED',
  );
  expect(done).toMatchObject({ recordsProcessed: RECORDS, hasErrors: false, progress: 100 });
  expect(await companies.countDocuments()).toBe(0);
  worker.signal('SIGTERM');
  second.signal('SIGTERM');
  expect(await worker.ended).toEqual({ code: 0, signal: null });
  expect(await second.ended).toEqual({ code: 0, signal: null });
}, 60_000);
