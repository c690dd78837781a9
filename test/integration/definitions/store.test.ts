// Ids, versions and the storage format in a real MongoDB, also when several processes come at once.
import { type Db, MongoClient } from 'mongodb';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { StartError } from '../../../src/db/connecting.ts';
import type { Identities } from '../../../src/definitions/identities.ts';
import { compileDefinitions, type LoadedDefinitions, loadDefinitions } from '../../../src/definitions/load.ts';
import { ensureStorageFormat, resolveIdentities, STORAGE_FORMAT } from '../../../src/definitions/store.ts';
import { testDatabase } from '../../support/services.ts';
import { type Files, withApp } from '../../unit/definitions/app.ts';

const { uri, dbName } = testDatabase();
const clients = Array.from({ length: 4 }, () => new MongoClient(uri));
const dbs = clients.map((client) => client.db(dbName));
const [db] = dbs as [Db];

afterAll(() => Promise.all(clients.map((client) => client.close())));
beforeEach(() => Promise.all([db.collection('definitions').deleteMany({}), db.collection('settings').deleteMany({})]));

const APP: Files = {
  'a.yaml': 'name: a',
  'b.yaml': 'name: b\nfields: [{ name: team, type: group }, { name: t, type: text, required: { team: g } }]',
  'groups/g.yaml': 'name: g',
};
const app = (over: Files = {}): Promise<LoadedDefinitions> =>
  withApp({ ...APP, ...over }, (dir) => loadDefinitions(dir));

const plain = ({ entities, groups }: Identities) => ({
  entities: Object.fromEntries(entities),
  groups: Object.fromEntries(groups),
});
const versions = ({ entities }: Identities): Record<string, number> =>
  Object.fromEntries(Array.from(entities, ([name, { version }]) => [name, version]));

describe('identities', () => {
  it('are made once and stay', async () => {
    const first = plain(await resolveIdentities(db, await app()));
    expect(Object.keys(first.entities)).toEqual(['sys.users', 'sys.oauthApps', 'sys.oauthAuthorizations', 'a', 'b']);
    expect(first.entities.a).toEqual({ id: expect.stringMatching(/^[0-9a-f]{24}$/), version: 1 });
    const id = expect.stringMatching(/^[0-9a-f]{24}$/);
    expect(first.groups).toEqual({ g: id, developers: id });
    const ids = [...Object.values(first.entities).map(({ id }) => id), ...Object.values(first.groups)];
    expect(new Set(ids).size).toBe(ids.length);
    expect(plain(await resolveIdentities(db, await app()))).toEqual(first);
  });

  it('count a change of the definition once, and outlive the entity', async () => {
    const first = await resolveIdentities(db, await app());
    const changed = await app({ 'a.yaml': 'name: a\nlabel: A' });
    const second = await resolveIdentities(db, changed);
    expect(versions(second)).toEqual({ ...versions(first), a: 2 });
    expect(versions(await resolveIdentities(db, changed))).toEqual(versions(second));
    const without = await resolveIdentities(db, await withApp({ 'b.yaml': 'name: b' }, (dir) => loadDefinitions(dir)));
    expect(without.entities.has('a')).toBe(false);
    const again = await resolveIdentities(db, changed);
    expect(again.entities.get('a')).toEqual(second.entities.get('a'));
    expect(again.entities.get('b')?.version).toBe(3);
  });

  it('are the same in processes that start at once on an empty database', async () => {
    const loaded = await app();
    for (let round = 0; round < 10; round++) {
      await db.collection('definitions').deleteMany({});
      const all = await Promise.all(dbs.map(async (each) => plain(await resolveIdentities(each, loaded))));
      for (const one of all) expect(one).toEqual(all[0]);
      expect(Object.values(all[0]?.entities ?? {}).every(({ version }) => version === 1)).toBe(true);
      expect(await db.collection('definitions').countDocuments()).toBe(7);
    }
  });

  it('count one change once in processes that see it at once', async () => {
    for (let round = 1; round <= 10; round++) {
      const loaded = await app({ 'a.yaml': `name: a\nlabel: A${round}` });
      const all = await Promise.all(dbs.map(async (each) => versions(await resolveIdentities(each, loaded))));
      for (const one of all) expect(one).toEqual({ ...all[0], a: round });
    }
  });

  it('reach the compiled definitions, filters on groups among them', async () => {
    const loaded = await app();
    const identities = await resolveIdentities(db, loaded);
    const definitions = compileDefinitions(loaded, identities);
    expect(definitions.entities.get('a')).toMatchObject(identities.entities.get('a') ?? {});
    const id = identities.groups.get('g') ?? '';
    expect(definitions.groups.byId(id)?.name).toBe('g');
    const required = definitions.entities.get('b')?.fieldByName.get('t')?.required;
    const env = {
      zone: 'UTC',
      now: 0,
      language: 'english',
      groups: definitions.groups,
      ignoreCase: true,
      userRecord: null,
      sourceRecord: null,
    } as const;
    expect(required?.kind === 'filter' && JSON.stringify(required.filter.bind(env))).toContain(id);
  });
});

describe('the storage format', () => {
  it('marks an empty database, in however many processes at once', async () => {
    await Promise.all(dbs.map(ensureStorageFormat));
    await ensureStorageFormat(db);
    expect(await db.collection('settings').find().toArray()).toEqual([{ _id: 'storage', format: STORAGE_FORMAT }]);
  });

  it('of a newer server is refused, and left as it is', async () => {
    const newer = { _id: 'storage' as never, format: STORAGE_FORMAT + 1 };
    await db.collection('settings').insertOne(newer);
    const refusal = ensureStorageFormat(db);
    await expect(refusal).rejects.toThrow(StartError);
    await expect(refusal).rejects.toThrow(
      `has storage format ${STORAGE_FORMAT + 1}, written by a newer version of Trebuchet`,
    );
    expect(await db.collection('settings').find().toArray()).toEqual([newer]);
  });
});
