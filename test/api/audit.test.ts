// What a change of a record leaves in its audit log: what is in an entry, what is not, and what happens after a deletion.
import { ObjectId } from 'mongodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Body, startAuditApp } from '../support/audit-app.ts';

const { app, stored, create, change, remove, entriesOf } = startAuditApp();
let team: Body;
let otherTeam: Body;

beforeAll(async () => {
  team = await create('teams', { name: 'Red', city: 'Oslo' });
  otherTeam = await create('teams', { name: 'Blue', city: 'Rome' });
});

describe('a creation', () => {
  it('leaves every field of the record: nulls for empty ones, no empty lists, masks, no transient or ignored ones', async () => {
    const person = await create('people', {
      name: 'Ann',
      age: 3,
      weight: 1.5,
      born: '2020-01-02',
      seen: 5,
      tags: ['a', 'b'],
      about: '<b>hi</b>',
      team: 'Red',
      home: { street: 'Elm', alarm: '1234', checked: 7 },
      notes: [{ text: 'n', words: ['q', 'r'] }],
      secret: 'never shown',
      codes: ['never', 'shown'],
      draft: 'not kept',
      visits: 8,
      boss: 'by rule',
    });
    const [entry, ...rest] = await entriesOf('people', person);
    expect(rest).toEqual([]);
    expect(entry).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      entityId: expect.stringMatching(/^[0-9a-f]{24}$/),
      entityName: 'people',
      entityVersion: expect.any(Number),
      recordId: person.id,
      recordName: 'Ann',
      user: 'admin@example.com',
      timestamp: expect.any(Number),
      ip: '::ffff:127.0.0.1',
      eventType: 'USER_RECORD_CREATED',
      eventCategory: 'USER',
      contextPath: 'entities.people.create',
      recordDeleted: null,
      deletionDate: null,
      oldRecord: {},
      newRecord: {
        name: 'Ann',
        age: 3,
        weight: 1.5,
        active: false,
        born: '2020-01-02',
        seen: 5,
        tags: ['a', 'b'],
        about: '<b>hi</b>',
        team: { id: team.id, label: 'Red', city: 'Oslo' },
        home: { street: 'Elm', alarm: '****', id: person.home.id, nestedFieldLabel: 'Home', label: 'Home' },
        notes: [
          {
            text: 'n',
            words: ['q', 'r'],
            id: person.notes[0].id,
            nestedFieldLabel: 'Notes 1',
            label: 'Notes 1',
          },
        ],
        secret: '****',
        codes: '****',
        changed: person.changed,
      },
    });
    expect(Math.abs(entry.timestamp - Date.now())).toBeLessThan(10_000);
  });

  it('leaves empties as null and empty lists out', async () => {
    const [{ newRecord }] = await entriesOf('people', await create('people'));
    expect(Object.keys(newRecord)).toEqual([
      'name',
      'age',
      'weight',
      'active',
      'born',
      'seen',
      'about',
      'team',
      'home',
      'secret',
      'changed',
    ]);
    expect(newRecord).toMatchObject({ age: null, active: false, team: null, secret: null, home: { alarm: null } });
  });

  it('that is refused leaves nothing', async () => {
    const before = await stored('people').countDocuments();
    await create('people', { name: 'Taken' });
    expect((await app.post('/data/people', { name: 'Taken' })).body.errors[0].code).toBe('notUnique');
    expect((await app.post('/data/people', { age: 'x' })).status).toBe(400);
    const racers = await Promise.all(Array.from({ length: 6 }, () => app.post('/data/people', { name: 'Raced' })));
    expect(racers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await stored('people').countDocuments()).toBe(before + 2);
  });
});

describe('an update', () => {
  const element = { text: 'first', words: ['a'] };

  it.each<
    [field: string, before: unknown, after: unknown, old: unknown, next: unknown, oldText: string, newText: string]
  >([
    ['age', 3, 4, 3, 4, '{age:3}', '{age:4}'],
    ['age', null, 4, null, 4, '{}', '{age:4}'],
    ['age', 3, null, 3, null, '{age:3}', '{}'],
    ['weight', 1.25, '2.5', 1.25, 2.5, '{weight:1.25}', '{weight:2.5}'],
    ['active', null, true, false, true, '{active:false}', '{active:true}'],
    ['born', '2020-01-02', '2021-01-02', '2020-01-02', '2021-01-02', '{born:2020-01-02}', '{born:2021-01-02}'],
    ['tags', [], ['a', 'b'], null, ['a', 'b'], '{}', '{tags:[a,b]}'],
    ['tags', ['a', 'b'], ['b', 'a'], ['a', 'b'], ['b', 'a'], '{tags:[a,b]}', '{tags:[b,a]}'],
    ['tags', ['a'], null, ['a'], null, '{tags:[a]}', '{}'],
    ['about', '<b>x</b>', '<i>x</i>', '<b>x</b>', '<i>x</i>', '{about:<b>x</b>}', '{about:<i>x</i>}'],
    ['secret', 'one', 'two', '****', '****', '{secret:****}', '{secret:****}'],
    ['secret', 'one', null, '****', null, '{secret:****}', '{}'],
    ['codes', ['one'], ['one', 'two'], '****', '****', '{codes:****}', '{codes:****}'],
  ])('of %s from %j to %j', async (field, before, after, old, next, oldText, newText) => {
    const person = await create('people', { [field]: before });
    await change('people', person, { [field]: after });
    const [entry, ...rest] = await entriesOf('people', person);
    expect(rest).toHaveLength(1);
    expect(entry).toMatchObject({ eventType: 'USER_RECORD_CHANGED', contextPath: 'entities.people.update' });
    expect(entry.oldRecord).toEqual({ [field]: { json: old, text: oldText } });
    expect(entry.newRecord).toEqual({ [field]: { json: next, text: newText } });
  });

  it('of references shows what they point to', async () => {
    const person = await create('people', { team: team.id });
    await change('people', person, { team: 'Blue', teams: ['Red', 'Blue'] });
    const [{ oldRecord, newRecord }] = await entriesOf('people', person);
    const blue = { id: otherTeam.id, label: 'Blue', city: 'Rome' };
    expect(oldRecord).toEqual({
      team: {
        json: { id: team.id, label: 'Red', city: 'Oslo' },
        text: `{team:{id:${team.id},label:Red,city:Oslo}}`,
      },
      teams: { json: null, text: '{}' },
    });
    expect(newRecord.team.json).toEqual(blue);
    expect(newRecord.teams.json).toEqual([
      { id: team.id, label: 'Red' },
      { id: otherTeam.id, label: 'Blue' },
    ]);
  });

  it('inside a group is reported under the group, with its other values, and masks', async () => {
    const person = await create('people', { home: { street: 'Elm', alarm: '1234', checked: 1 } });
    await change('people', person, { home: { street: 'Oak' } });
    const [entry] = await entriesOf('people', person);
    const group = { alarm: '****', id: person.home.id, nestedFieldLabel: 'Home', label: 'Home' };
    expect(entry.oldRecord).toMatchObject({ home: { json: { street: 'Elm', ...group } } });
    expect(entry.newRecord).toEqual({
      home: {
        json: { street: 'Oak', ...group },
        text: `{home:{street:Oak,alarm:****,id:${person.home.id},nestedFieldLabel:Home,label:Home}}`,
      },
    });
    await change('people', person, { home: { alarm: '5678' } });
    expect(await entriesOf('people', person)).toHaveLength(3);
  });

  it.each<[what: string, change: (notes: Body[]) => unknown, texts: (string | null)[] | null]>([
    ['changed inside', ([one, two]) => [one, { ...two, text: 'new' }], ['first', 'new']],
    ['added', (notes) => [...notes, { text: 'third' }], ['first', 'second', 'third']],
    ['moved', ([one, two]) => [two, one], ['second', 'first']],
    ['removed', ([one]) => [one], ['first']],
    ['all removed', () => [], null],
    ['replaced by one that looks the same', ([one, { text }]) => [one, { text }], ['first', 'second']],
  ])('of a list of groups with an element %s', async (_what, changed, texts) => {
    const person = await create('people', { notes: [element, { text: 'second' }] });
    await change('people', person, { notes: changed(person.notes) });
    const [{ newRecord, oldRecord, eventType }] = await entriesOf('people', person);
    expect(eventType).toBe('USER_RECORD_CHANGED');
    expect(oldRecord.notes.json.map(({ text }: Body) => text)).toEqual(['first', 'second']);
    expect(newRecord.notes.json?.map(({ text }: Body) => text) ?? null).toEqual(texts);
  });

  it.each<[string, object]>([
    ['the same values again', { age: 3, tags: ['a'], team: 'Red', secret: 'one', home: { street: 'Elm' } }],
    ['nothing at all', {}],
    ['an ignored field', { visits: 77 }],
    ['an ignored field of a group', { home: { checked: 77 } }],
    ['a transient field', { draft: 'x' }],
    ['a server-made date', { changed: 5 }],
  ])('of %s writes no entry', async (_what, fields) => {
    const first = { age: 3, tags: ['a'], team: team.id, secret: 'one', home: { street: 'Elm', checked: 1 } };
    const person = await create('people', first);
    const { version } = await change('people', person, fields);
    expect(version).toBe(1);
    expect(await entriesOf('people', person)).toHaveLength(1);
  });

  it('of a whole record that is sent back as it was read writes no entry', async () => {
    const person = await create('people', { age: 3, notes: [element], team: 'Red', secret: 'one', weight: 1.5 });
    await change('people', person, person);
    expect(await entriesOf('people', person)).toHaveLength(1);
  });

  it('leaves the ignored field out of an entry for others', async () => {
    const person = await create('people', { visits: 1 });
    await change('people', person, { visits: 2, age: 1 });
    const [{ newRecord }] = await entriesOf('people', person);
    expect(Object.keys(newRecord)).toEqual(['age']);
  });

  it('of many at once leaves one entry for every version', async () => {
    const person = await create('people', { age: -1 });
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, age) => app.put(`/data/people/${person.id}`, { age })),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const versions = await stored('people').distinct('version', { record: new ObjectId(person.id) });
    expect(versions.sort((a, b) => a - b)).toEqual(Array.from({ length: 41 }, (_, version) => version));
    const entries = (await entriesOf('people', person, '?_size=100')).reverse();
    expect(entries).toHaveLength(41);
    for (const [index, { oldRecord }] of entries.entries()) {
      if (index > 1) expect(oldRecord.age.json).toBe(entries[index - 1].newRecord.age.json);
    }
  });

  it('keeps no secret anywhere in the database', async () => {
    const person = await create('people', {
      secret: 'tell-nobody',
      codes: ['tell-nobody'],
      home: { alarm: 'tell-nobody' },
    });
    await change('people', person, { secret: 'tell-nobody-2', home: { alarm: 'tell-nobody-2' } });
    await remove('people', person);
    expect(JSON.stringify(await stored('people').find().toArray())).not.toContain('tell-nobody');
  });

  it('of a record larger than an entry may be is written with what fits', async () => {
    const large = 'x'.repeat(7_000_000);
    const person = await create('people', { about: large, age: 1 });
    const [{ newRecord }] = await entriesOf('people', person);
    expect(newRecord).toMatchObject({
      age: 1,
      about: expect.stringMatching(/^\(too large for the audit log: 70\d+ bytes\)$/),
    });
  });
});

describe('a deletion', () => {
  it('leaves the last state and marks all entries of the record', async () => {
    const person = await create('people', { age: 1, secret: 's' });
    const other = await create('people');
    await change('people', person, { age: 2 });
    await remove('people', person);
    const entries = await entriesOf('people', person);
    expect(entries.map(({ eventType }) => eventType)).toEqual([
      'USER_RECORD_DELETED',
      'USER_RECORD_CHANGED',
      'USER_RECORD_CREATED',
    ]);
    const [{ timestamp, oldRecord, newRecord, contextPath }] = entries;
    expect({ newRecord, contextPath }).toEqual({ newRecord: {}, contextPath: 'entities.people.delete' });
    expect(oldRecord).toMatchObject({ age: 2, secret: '****' });
    for (const entry of entries) expect(entry).toMatchObject({ recordDeleted: true, deletionDate: timestamp });
    expect(await entriesOf('people', other)).toMatchObject([{ recordDeleted: null, deletionDate: null }]);
    expect(
      await stored('people').countDocuments({ record: new ObjectId(person.id), expireAt: { $exists: true } }),
    ).toBe(0);
  });

  it('takes the entries along where the definition says so', async () => {
    const record = await create('fleeting');
    await change('fleeting', record, { name: 'other' });
    expect(await entriesOf('fleeting', record)).toMatchObject([{ eventType: 'USER_RECORD_CREATED' }]);
    await remove('fleeting', record);
    expect(await stored('fleeting').countDocuments({ record: new ObjectId(record.id) })).toBe(0);
  });

  it('lets the database remove the entries when their time is over', async () => {
    const record = await create('kept');
    await change('kept', record, { name: 'other' });
    await remove('kept', record);
    const entries = await stored('kept')
      .find({ record: new ObjectId(record.id) })
      .toArray();
    expect(entries).toHaveLength(2);
    for (const { expireAt, deleted } of entries) expect(expireAt.getTime() - deleted.getTime()).toBe(14 * 86_400_000);
    const { expireAfterSeconds, key } = (await stored('kept').indexes()).find(({ name }) => name === 'expiry') ?? {};
    expect({ expireAfterSeconds, key }).toEqual({ expireAfterSeconds: 0, key: { expireAt: 1 } });
  });

  it.each<[string, (names: Body[]) => Promise<unknown>]>([
    ['named together', (people) => app.delete(`/data/people/${people.map(({ id }) => id).join(',')}`)],
    ['of a query', () => app.delete('/data/people?age=424242')],
  ])('of several %s marks each of them', async (_what, removeAll) => {
    const people = [await create('people', { age: 424_242 }), await create('people', { age: 424_242 })];
    await removeAll(people);
    for (const person of people) {
      const entries = await entriesOf('people', person);
      expect(entries.map(({ eventType, recordDeleted }) => [eventType, recordDeleted])).toEqual([
        ['USER_RECORD_DELETED', true],
        ['USER_RECORD_CREATED', true],
      ]);
    }
  });
});
