// The application with an entity whose functions log and fail, and short ways to the lines of the app's log.
import { type Collection, type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { TestApp } from './app.ts';
import { ok, startSmallApp } from './small-app.ts';

// biome-ignore lint/suspicious/noExplicitAny: lines are what the tests say they are
export type Body = any;

export interface LogApp {
  readonly app: TestApp;
  /** The collection of the lines; empty before each test. */
  log(): Collection<Document>;
  lines(query?: string): Promise<Body[]>;
}

const SCRIPT = `
function noteValidation(record, parentField, field, action) {
  var key = record.field('key').val();
  if (field.val() === 'talk') sys.logs.info('key is ' + key, { key: key, n: 1 });
  if (field.val() === 'warn') sys.logs.warn('careful');
  if (field.val() === 'debug') sys.logs.debug('for developers of the app only');
  if (field.val() === 'throw') throw new Error('broken with ' + key);
  if (field.val() === 'refuse') return { code: 'custom', message: 'not with key ' + key };
}
function sumValueCalculation(record) { return record.field('note').val() === 'uncountable' ? 'no number' : 1; }
`;

/** Call it at the top of a test file. */
export function startLogApp(): LogApp {
  const app = startSmallApp(
    {
      things: {
        enableDetailedLogging: true,
        recordLabel: 'fields/name',
        lookupFields: ['key'],
        fields: [
          { name: 'name', type: 'text', required: 'always', unique: true },
          { name: 'key', type: 'text', sensitiveData: true, unique: true },
          { name: 'age', type: 'integer' },
          { name: 'note', type: 'text', validation: 'js/noteValidation' },
          { name: 'sum', type: 'integer', valueCalculation: 'js/sumValueCalculation' },
        ],
        actions: [{ name: 'greet' }],
      },
      quiet: { recordLabel: 'fields/name', fields: [{ name: 'name', type: 'text', required: 'always' }] },
    },
    {},
    { 'things.js': SCRIPT },
  );
  let client: MongoClient;
  const log = (): Collection<Document> => client.db(app.database.dbName).collection('appLog');
  const lines = async (query = ''): Promise<Body[]> => ok(await app.get(`/status/logs?_size=1000${query}`)).items;
  beforeAll(async () => {
    client = await new MongoClient(app.database.uri).connect();
  });
  afterAll(() => client.close());
  beforeEach(async () => {
    // what the tests before have written may still be on its way
    await lines();
    await log().deleteMany({});
  });
  return { app, log, lines };
}
