// The app of the job tests: as production builds it, with a runner in this process, a person without rights, and a look at what is stored.
import { type Collection, MongoClient, ObjectId } from 'mongodb';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { systemContext } from '../../src/context.ts';
import type { JobDocument } from '../../src/jobs/job.ts';
import type { Runner } from '../../src/jobs/runner.ts';
import { ADMIN, startTestApp, type TestAnswer } from './app.ts';
import { until } from './jobs.ts';

const SYSTEM = systemContext('a test', { log: pino({ level: 'silent' }), zone: 'UTC' });
const PERSON = { email: 'other@example.com', password: 'a password of tests' };

/** Call it at the top of a test file. */
export function startJobApp(settings: Record<string, string> = {}) {
  const app = startTestApp(settings);
  const tokens = { admin: '', other: '' };
  const ids = { admin: '', other: '' };
  let client: MongoClient;
  let runner: Runner | null = null;

  beforeAll(async () => {
    client = await new MongoClient(app.database.uri).connect();
    const input = { ...PERSON, firstName: 'Ann', lastName: 'Other', developer: false, groups: ['sales'] };
    await app.services().users.create(SYSTEM, input);
    for (const [who, login] of [
      ['admin', ADMIN],
      ['other', PERSON],
    ] as const) {
      const { body } = await app.send('POST', '/auth/login', login);
      tokens[who] = body.token;
      ids[who] = body.userId;
    }
    runner = await app.services().startRunner();
  });
  afterAll(async () => {
    await runner?.stop(1_000);
    await client.close();
  });

  const db = () => client.db(app.database.dbName);
  const jobs = (): Collection<JobDocument> => db().collection('jobs');

  return {
    app,
    db,
    jobs,
    ids,
    /** A request of the person without rights. */
    asOther: (method: 'GET' | 'PUT' | 'DELETE', path: string): Promise<TestAnswer> =>
      app.send(method, path, undefined, { token: tokens.other }),
    /** A stored job of a developer's, at rest unless said otherwise. */
    async store(over: Partial<JobDocument> = {}): Promise<string> {
      const job = jobDocument({ runBy: { _id: new ObjectId(ids.admin), fullName: 'Admin' }, ...over });
      await jobs().insertOne(job);
      return job._id.toHexString();
    },
    /** Waits until a job of an answer has ended. */
    async finished(link: { jobId: string }): Promise<TestAnswer['body']> {
      const look = async () => (await app.get(`/status/jobs/${link.jobId}`)).body;
      return until('the job is finished', look, ({ status }) => status === 'FINISHED');
    },
  };
}

/** A job as it is stored; finished unless said otherwise. */
export function jobDocument(over: Partial<JobDocument> = {}): JobDocument {
  const _id = over._id ?? new ObjectId();
  const person = over.runBy?._id;
  return {
    _id,
    type: 'EXECUTE_ACTION',
    label: 'Execute action countEmployees from entity companies',
    status: 'FINISHED',
    queue: 'mix',
    lowPriority: false,
    runBy: null,
    owners: person ? [person] : [],
    parent: null,
    root: null,
    tree: _id,
    hasChildren: false,
    created: new Date(1_485_439_681_643),
    started: new Date(1_485_439_681_652),
    ended: new Date(1_485_439_681_807),
    hasErrors: false,
    progress: 100,
    recordsCount: 0,
    recordsProcessed: 0,
    stoppable: true,
    data: {},
    input: {},
    position: null,
    attempt: 1,
    writes: 1,
    crashes: 0,
    logCount: 0,
    resultCount: 0,
    resultBytes: 0,
    ...over,
  };
}
