// The application on the definitions of the audit tests, with short ways to make entries and to read them.
import { type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll } from 'vitest';
import { startTestApp, type TestApp } from './app.ts';
import { ok } from './small-app.ts';

// biome-ignore lint/suspicious/noExplicitAny: records and entries are what the tests say they are
export type Body = any;

export interface AuditApp {
  readonly app: TestApp;
  /** The collection of an entity's entries. */
  stored(entity: string): ReturnType<ReturnType<MongoClient['db']>['collection']>;
  /** A record with a name of its own. */
  create(entity: string, fields?: object): Promise<Body>;
  change(entity: string, record: { id: string }, fields: object): Promise<Body>;
  remove(entity: string, record: { id: string }): Promise<Body>;
  /** The entries of a record, newest first. */
  entriesOf(entity: string, record: { id: string }, query?: string): Promise<Body[]>;
}

/** Call it at the top of a test file. */
export function startAuditApp(): AuditApp {
  const app = startTestApp({ ENTITIES_DIR: new URL('../fixtures/apps/audit', import.meta.url).pathname });
  let client: MongoClient;
  let serial = 0;
  beforeAll(async () => {
    client = await new MongoClient(app.database.uri).connect();
  });
  afterAll(() => client.close());
  return {
    app,
    stored: (entity) => client.db(app.database.dbName).collection<Document>(`audit.${entity}`),
    create: async (entity, fields = {}) => {
      serial += 1;
      return ok(await app.post(`/data/${entity}`, { name: `N${serial}`, ...fields }));
    },
    change: async (entity, { id }, fields) => ok(await app.put(`/data/${entity}/${id}`, fields)),
    remove: async (entity, { id }) => ok(await app.delete(`/data/${entity}/${id}`)),
    entriesOf: async (entity, { id }, query = '') => ok(await app.get(`/data/${entity}/${id}/auditLogs${query}`)).items,
  };
}
