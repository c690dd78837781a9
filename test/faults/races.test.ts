// The races of the integration tests at full size, over three processes.
import { beforeAll, it } from 'vitest';
import { type OwnServices, startOwnServices } from '../support/own-services.ts';
import { startApi } from '../support/process.ts';
import { connect, raceCreators, raceFields, raceVersions, type Send, writeRaceApp } from '../support/races.ts';

const login = { email: 'racer@example.com', password: 'a password of racers' };
let services: OwnServices;
let send: Send;

beforeAll(async () => {
  services = await startOwnServices();
  const env = {
    MONGODB_URI: services.mongodbUri,
    REDIS_URL: services.redisUrl,
    ENTITIES_DIR: writeRaceApp(),
    ADMIN_EMAIL: login.email,
    ADMIN_PASSWORD: login.password,
    ENCRYPTION_KEY: 'ab'.repeat(32),
    SCRIPT_HOSTS: '1',
  };
  const apis = await Promise.all([startApi(env), startApi(env), startApi(env)]);
  send = await connect(
    apis.map(({ apiUrl }) => apiUrl),
    login,
  );
  return () => services.stop();
});

it('exactly one writer wins each version', async () => {
  await raceVersions(send, { clients: 50, updates: 200, records: 10 });
});

it('every field of 100 unversioned updates survives, again and again', async () => {
  await raceFields(send);
});

it('one of several creators of a unique value wins', async () => {
  await raceCreators(send, 100);
});
