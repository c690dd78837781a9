// Writes that belong together: all of them happen or none, whatever stops one of them.
import { type Db, MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DuplicateKeyError } from '../../../src/db/errors.ts';
import { type Companion, type MainWrite, writeTogether } from '../../../src/db/together.ts';
import { createSessions } from '../../../src/db/transaction.ts';
import { testDatabase } from '../../support/services.ts';

const database = testDatabase();
let client: MongoClient;
let db: Db;

beforeAll(async () => {
  client = await new MongoClient(database.uri, { writeConcern: { w: 'majority', journal: true } }).connect();
  db = client.db(database.dbName);
  await db.collection('things').createIndex({ name: 1 }, { unique: true });
  await db.createCollection('notes');
});
afterAll(() => client.close());

const id = new ObjectId();

beforeEach(async () => {
  await Promise.all([db.collection('things').deleteMany({}), db.collection('notes').deleteMany({})]);
  await db.collection('things').insertOne({ _id: id, name: 'one', version: 3 });
  await db.collection('notes').insertMany([{ of: id }, { of: id }]);
});

const note = (fields: object = {}): Companion => ({ collection: 'notes', name: 'insertOne', document: { ...fields } });
const insert = (name: string): MainWrite => ({ collection: 'things', name: 'insertOne', document: { name } });
const update = (version: number, set: object = {}): MainWrite => ({
  collection: 'things',
  name: 'updateOne',
  filter: { _id: id, version },
  update: { $set: { version: version + 1, ...set } },
});
const remove = (version: number): MainWrite => ({
  collection: 'things',
  name: 'deleteOne',
  filter: { _id: id, version },
});
const notes = (): Promise<number> => db.collection('notes').countDocuments();
const things = (): Promise<unknown[]> =>
  db
    .collection('things')
    .find({}, { projection: { _id: 0 } })
    .sort({ name: 1 })
    .toArray();

describe('all of it', () => {
  it.each<[string, MainWrite, unknown[]]>([
    ['an insert', insert('two'), [{ name: 'one', version: 3 }, { name: 'two' }]],
    ['an update', update(3), [{ name: 'one', version: 4 }]],
    ['a deletion', remove(3), []],
    ['a deletion of many', { collection: 'things', name: 'deleteMany', filter: {} }, []],
  ])('%s with what belongs to it', async (_what, main, left) => {
    const marks: Companion = {
      collection: 'notes',
      name: 'updateMany',
      filter: { of: id },
      update: { $set: { gone: true } },
    };
    expect(await writeTogether(db, main, [note({ new: 1 }), marks])).toBe(true);
    expect(await things()).toEqual(left);
    expect(await db.collection('notes').countDocuments({ gone: true })).toBe(2);
    expect(await notes()).toBe(3);
  });

  it('deletes what belongs to it', async () => {
    expect(await writeTogether(db, remove(3), [{ collection: 'notes', name: 'deleteMany', filter: { of: id } }])).toBe(
      true,
    );
    expect(await notes()).toBe(0);
  });
});

describe('nothing of it', () => {
  const matching: Companion[] = [
    { collection: 'notes', name: 'updateMany', filter: {}, update: { $set: { touched: true } } },
    { collection: 'notes', name: 'deleteMany', filter: { touched: true } },
    note(),
  ];

  it.each<[string, MainWrite]>([
    ['an update of another version', update(2)],
    ['a deletion of another version', remove(2)],
  ])('after %s, although its companions found something', async (_what, main) => {
    expect(await writeTogether(db, main, matching)).toBe(false);
    expect(await things()).toEqual([{ name: 'one', version: 3 }]);
    expect(await db.collection('notes').countDocuments({ touched: { $exists: false } })).toBe(2);
  });

  it.each<[string, MainWrite, Companion[], number]>([
    ['the write itself', insert('one'), [note()], 0],
    ['a change', update(3, { name: 'two' }), [note()], 0],
    [
      'a companion',
      insert('three'),
      [note(), { collection: 'things', name: 'insertOne', document: { name: 'one' } }],
      2,
    ],
  ])('when a unique index refuses %s', async (_what, main, companions, position) => {
    await db.collection('things').insertOne({ name: 'two' });
    const failure = await writeTogether(db, main, companions).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DuplicateKeyError);
    expect(failure).toMatchObject({ index: 'name_1', position });
    expect(await things()).toEqual([{ name: 'one', version: 3 }, { name: 'two' }]);
    expect(await notes()).toBe(2);
  });

  it('when the transaction of the caller is left', async () => {
    const sessions = createSessions(client);
    const left = sessions.run(async (session) => {
      expect(await writeTogether(db, update(3), [note()], session)).toBe(true);
      throw new Error('left');
    });
    await expect(left).rejects.toThrow('left');
    expect(await things()).toEqual([{ name: 'one', version: 3 }]);
    expect(await notes()).toBe(2);
  });

  it('in the transaction of the caller after an update of another version: the caller is told', async () => {
    const done = await createSessions(client).run((session) => writeTogether(db, update(2), [], session));
    expect(done).toBe(false);
  });
});

it('waits for another transaction and then goes by what it left', async () => {
  const other = client.startSession();
  other.startTransaction();
  await db.collection('things').updateOne({ _id: id }, { $set: { version: 4 } }, { session: other });
  const late = writeTogether(db, update(3), [note()]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await other.commitTransaction();
  await other.endSession();
  expect(await late).toBe(false);
  expect(await things()).toEqual([{ name: 'one', version: 4 }]);
  expect(await notes()).toBe(2);
});

it('gives every version to one of many writers', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, (_, index) => writeTogether(db, update(3 + (index % 3)), [note({ index })])),
  );
  const won = outcomes.filter(Boolean).length;
  const [{ version } = { version: 0 }] = await db.collection('things').find({ _id: id }).toArray();
  expect(won).toBeGreaterThan(0);
  expect(version).toBe(3 + won);
  expect(await notes()).toBe(2 + won);
});
