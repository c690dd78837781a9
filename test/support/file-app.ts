// The app of the file tests, with an administrator, a person without rights and one who is not logged in; and a look at what is stored.
import { fileURLToPath } from 'node:url';
import { type Db, type Document, MongoClient, ObjectId } from 'mongodb';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { type Context, systemContext } from '../../src/context.ts';
import { createSessions } from '../../src/db/transaction.ts';
import { createSealer } from '../../src/fields/sealed.ts';
import { openFiles } from '../../src/files/build.ts';
import { createShareStore } from '../../src/files/share-store.ts';
import { createFileStore } from '../../src/files/store.ts';
import { createJobStore } from '../../src/jobs/store.ts';
import { createCounterStore } from '../../src/records/counters/store.ts';
import { createRecordService, type RecordServices } from '../../src/records/service.ts';
import { createRecordStore } from '../../src/records/store.ts';
import { createTotals } from '../../src/records/totals.ts';
import type { Services } from '../../src/services.ts';
import { ADMIN, startTestApp } from './app.ts';
import { NO_APP_LOG } from './log.ts';
import { fileClient } from './uploads.ts';

export const SYSTEM: Context = systemContext('a test', { log: pino({ level: 'silent' }), zone: 'UTC' });

/** Call it at the top of a test file. */
export function startFileApp(settings: Record<string, string> = {}) {
  const entities = fileURLToPath(new URL('../fixtures/apps/files', import.meta.url));
  const app = startTestApp({ ENTITIES_DIR: entities, ...settings });
  const person = { email: 'other@example.com', password: 'a password of tests' };
  const tokens = { admin: '', other: '', nobody: '' };
  let client: MongoClient;
  const db = (): Db => client.db(app.database.dbName);

  beforeAll(async () => {
    client = await new MongoClient(app.database.uri).connect();
    // the app's own sweep must not come in between
    const later = new Date(Date.now() + HOUR);
    await db()
      .collection<{ _id: string }>('files.sweeps')
      .replaceOne({ _id: 'sweep' }, { next: later }, { upsert: true });
    const name = { firstName: 'Ann', lastName: 'Other', developer: false };
    await app.services().users.create(SYSTEM, { ...person, ...name, groups: ['readers'] });
    tokens.admin = (await app.send('POST', '/auth/login', ADMIN)).body.token;
    tokens.other = (await app.send('POST', '/auth/login', person)).body.token;
  });
  afterAll(() => client?.close());

  return {
    app,
    db,
    tokens,
    files: fileClient(app, () => tokens.admin),
    asOther: fileClient(app, () => tokens.other),
    asNobody: fileClient(app, () => ''),
    /** The document of a file, or null. */
    stored: (id: string): Promise<Document | null> =>
      db()
        .collection('files.files')
        .findOne({ _id: new ObjectId(id) }),
    /** How many documents and chunks there are. */
    count: async () => ({
      files: await db().collection('files.files').countDocuments(),
      chunks: await db().collection('files.chunks').countDocuments(),
    }),
    /** As if so much time went by: every time that is written down moves into the past. */
    age: async (ms: number): Promise<void> => {
      const earlier = { $set: { expires: { $subtract: ['$expires', ms] } } };
      for (const name of ['files.files', 'files.shares'])
        await db()
          .collection(name)
          .updateMany({ expires: { $exists: true } }, [earlier]);
    },
    sweep: () => app.services().files.sweep(),
    /** The same services once more, on a connection of the test: another process, whose transactions a test can open. */
    elsewhere: () => openElsewhere(client, db(), app.services()),
    document: async (fields: object) => {
      const answer = await app.post('/data/documents', { title: 'a document', ...fields });
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
      return answer.body;
    },
  };
}

export const HOUR = 3_600_000;

/** Waits for something that happens soon. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  for (
    let end = performance.now() + 20_000;
    !(await holds());
    await new Promise((resolve) => setTimeout(resolve, 10))
  ) {
    if (performance.now() > end) throw new Error(`did not happen within 20 s: ${holds}`);
  }
}

async function openElsewhere(client: MongoClient, db: Db, { config, definitions, log }: Services) {
  const sealer = createSealer({ key: config.encryptionKey });
  const store = createRecordStore(db, sealer, config);
  const parts = await openFiles({
    store: createFileStore(db),
    shares: createShareStore(db),
    records: store,
    liveJobs: createJobStore(db, config).live,
    definitions,
    config,
    log,
  });
  const sessions = createSessions(client);
  const services: RecordServices = {
    definitions,
    store,
    files: parts.ofRecords,
    sessions,
    counters: createCounterStore(db),
    hooks: { run: async () => [], testPattern: async () => true },
    sealer,
    appLog: NO_APP_LOG,
    totals: createTotals(store),
    unindexed: new Set(),
    now: Date.now,
    timezone: 'UTC',
  };
  const recordsWith = (over: Partial<RecordServices> = {}) => createRecordService({ ...services, ...over });
  const records = recordsWith();
  return { records, recordsWith, sessions, files: parts.serve(records), ofRecords: parts.ofRecords };
}
