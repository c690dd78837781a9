// Two API processes on one database, started at the same moment on an empty one, and raced by real clients.
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningApi, settingsOn, startApi } from '../support/process.ts';
import { connect, raceCreators, raceFields, raceVersions, type Send, writeRaceApp } from '../support/races.ts';
import { testDatabase } from '../support/services.ts';

const database = testDatabase();
const login = { email: 'racer@example.com', password: 'a password of racers' };
let apis: RunningApi[];
let send: Send;
let client: MongoClient;

beforeAll(async () => {
  const env = {
    ...settingsOn(database),
    ENTITIES_DIR: writeRaceApp(),
    ADMIN_EMAIL: login.email,
    ADMIN_PASSWORD: login.password,
    ENCRYPTION_KEY: 'ab'.repeat(32),
    SCRIPT_HOSTS: '1',
    LOG_LEVEL: 'info',
  };
  apis = await Promise.all([startApi(env), startApi(env)]);
  send = await connect(
    apis.map(({ apiUrl }) => apiUrl),
    login,
  );
  client = await new MongoClient(database.uri).connect();
});
afterAll(() => client.close());

it('one administrator, one identity per entity and group, every index once', async () => {
  const db = client.db(database.dbName);
  const people = await db.collection('data.sys.users').find({ 'data.email': login.email }).toArray();
  expect(people).toHaveLength(1);
  const names = (await db.collection('definitions').find().toArray()).map(({ _id }) => String(_id));
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => name.includes('races'))).toHaveLength(1);
  const indexes = await db.collection('data.races').listIndexes().toArray();
  const keys = indexes.map(({ key }) => JSON.stringify(key));
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toContain('{"data.name":1}');
  for (const api of apis) expect(api.output()).not.toMatch(/"level":(50|60)/);
});

it('exactly one writer wins each version', async () => {
  await raceVersions(send, { clients: 50, updates: 20, records: 10 });
});

it('every field of 100 unversioned updates survives', async () => {
  await raceFields(send);
});

it('one of several creators of a unique value wins', async () => {
  await raceCreators(send, 5);
});
