// A change of the encryption key: old values stay readable and findable, unique values stay unique, and the command moves them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemContext } from '../../../src/context.ts';
import { createServices, type Services } from '../../../src/services.ts';
import { testConfig } from '../../support/app.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { testDatabase } from '../../support/services.ts';

const database = testDatabase();
const log = pino({ level: 'silent' });
const ctx = systemContext('test', { log, zone: 'UTC' });
const OLD = 'aa'.repeat(32);
const NEW = 'bb'.repeat(32);
let app: string;
let client: MongoClient;

beforeAll(async () => {
  app = join(scratchFolder(), 'app');
  mkdirSync(app);
  const fields = [
    '  - { name: name, label: Name, type: text }',
    '  - { name: secret, label: Secret, type: text, sensitiveData: true, unique: true }',
    '  - { name: codes, label: Codes, type: text, multiplicity: many, sensitiveData: true, unique: true }',
    '  - name: box',
    '    label: Box',
    '    type: nestedFields',
    '    nestedFields: [{ name: pin, label: Pin, type: integer, sensitiveData: true }]',
  ];
  writeFileSync(join(app, 'safes.yaml'), `name: safes\nlabel: Safes\nfields:\n${fields.join('\n')}\n`);
  client = await new MongoClient(database.uri).connect();
});
afterAll(() => client.close());

async function withKeys<T>(keys: Record<string, string>, work: (services: Services) => Promise<T>): Promise<T> {
  const services = await createServices(testConfig(database, { ...keys, ENTITIES_DIR: app }), log);
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}

const stored = () => client.db(database.dbName).collection('data.safes').find().sort({ _id: 1 }).toArray();
const SAFE = { name: 'one', secret: 'hush', codes: ['code one', 'code two'], box: { pin: 1234 } };
const TAKEN = { code: 'validationErrors', errors: [{ field: 'secret', code: 'notUnique' }] };

it('values in the database are sealed, and tell nothing', async () => {
  await withKeys({ ENCRYPTION_KEY: OLD }, async ({ records }) => {
    expect(await records.create(ctx, 'safes', SAFE)).toMatchObject(SAFE);
    expect((await records.list(ctx, 'safes', [['secret', 'hush']])).total).toBe(1);
    await expect(records.create(ctx, 'safes', { secret: 'hush' })).rejects.toMatchObject(TAKEN);
  });
  const text = JSON.stringify(await stored());
  for (const secret of ['hush', 'code one', 'code two', 'pin":1234']) expect(text).not.toContain(secret);
});

it('the key before is still read, found and unique', async () => {
  await withKeys({ ENCRYPTION_KEY: NEW, ENCRYPTION_KEY_OLD: OLD }, async ({ records }) => {
    const { items } = await records.list(ctx, 'safes', [['secret', 'hush']]);
    expect(items).toMatchObject([SAFE]);
    await expect(records.create(ctx, 'safes', { secret: 'hush' })).rejects.toMatchObject(TAKEN);
    await expect(records.create(ctx, 'safes', { codes: ['code two'] })).rejects.toMatchObject({
      errors: [{ field: 'codes[0]', code: 'notUnique' }],
    });
  });
});

it('after reencrypt the old key is not needed any more', async () => {
  const before = await stored();
  await withKeys({ ENCRYPTION_KEY: NEW, ENCRYPTION_KEY_OLD: OLD }, async (services) => {
    expect(await services.reencrypt()).toContainEqual({ entity: 'safes', seen: 1, changed: 1 });
    expect(await services.reencrypt()).toContainEqual({ entity: 'safes', seen: 1, changed: 0 });
  });
  expect((await stored()).map(({ version }) => version)).toEqual(before.map(({ version }) => version));
  await withKeys({ ENCRYPTION_KEY: NEW }, async ({ records }) => {
    expect((await records.list(ctx, 'safes', [['secret', 'hush']])).items).toMatchObject([SAFE]);
    await expect(records.create(ctx, 'safes', { codes: ['code one'] })).rejects.toMatchObject({
      code: 'validationErrors',
    });
  });
});

it('a key that is not there is an error, never a wrong value', async () => {
  await withKeys({ ENCRYPTION_KEY: OLD }, async ({ records }) => {
    await expect(records.list(ctx, 'safes', [])).rejects.toMatchObject({ code: 'systemException' });
  });
});
