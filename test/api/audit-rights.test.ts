// Who sees what of audit logs, and under which names changes by scripts and by the system are written.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Context, type EntityAccess, FULL_ACCESS, systemContext } from '../../src/context.ts';
import type { Predicate } from '../../src/query/predicate.ts';
import { type Body, startAuditApp } from '../support/audit-app.ts';
import { callerOf, DEVELOPER } from '../support/callers.ts';

const { app, stored, create, change, remove, entriesOf } = startAuditApp();

/** Somebody with these rights on every entity. */
const withRights = (rights: Partial<EntityAccess>): Context => ({
  ...callerOf(),
  accessTo: () => ({ ...FULL_ACCESS, ...rights }),
});
const list = (ctx: Context, entity: string, id: string | null = null, query: [string, string][] = []) =>
  app.services().audit.list(ctx, entity, id, query);

const AGED: Predicate = { kind: 'in', path: 'data.age', values: [18] };
const NAMED: Predicate = { kind: 'in', path: 'data.visits', values: [1] };

let seen: Body;
let hidden: Body;
let gone: Body;

beforeAll(async () => {
  seen = await create('people', { age: 18, visits: 1 });
  hidden = await create('people', { age: 17, visits: 1 });
  gone = await create('people', { age: 18, visits: 1 });
  await change('people', seen, { weight: 1 });
  await change('people', hidden, { weight: 1 });
  await remove('people', gone);
});

describe('without the right', () => {
  it.each<[string, Partial<EntityAccess>]>([
    ['on audit logs', { auditLogs: false }],
    ['to read', { read: false }],
  ])('%s both listings are refused, whatever they are about', async (_what, rights) => {
    const refusal = {
      status: 403,
      code: 'forbidden',
      message: "You don't have permissions to see audit logs of records in entity [people]",
    };
    for (const id of [null, seen.id, gone.id, '57fd2d65e4b0ce322b0c8665', 'nonsense']) {
      await expect(list(withRights(rights), 'people', id, [['_size', 'x']])).rejects.toMatchObject(refusal);
    }
  });

  it('comes before a log that is off, and after an entity that is not there', async () => {
    const ctx = withRights({ auditLogs: false });
    await expect(list(ctx, 'teams')).rejects.toMatchObject({ status: 403 });
    await expect(list(ctx, 'unicorns')).rejects.toMatchObject({ status: 404 });
    expect(() => app.services().audit.admit(ctx, 'people')).toThrow(/permissions/);
  });
});

describe.each<[string, Partial<EntityAccess>]>([
  ['audit logs', { auditLogs: AGED }],
  ['reads', { read: AGED }],
  ['both', { read: NAMED, auditLogs: AGED }],
])('with a condition on %s', (_what, rights) => {
  const ctx = withRights(rights);

  it('the log of a record that passes is shown', async () => {
    const { total, items } = await list(ctx, 'people', seen.id);
    expect(total).toBe(2);
    expect(items.every(({ recordId }) => recordId === seen.id)).toBe(true);
  });

  it('the log of a record that does not pass is refused', async () => {
    await expect(list(ctx, 'people', hidden.id)).rejects.toMatchObject({
      status: 403,
      message: "You don't have permissions to access this record",
    });
  });

  it('the log of a deleted record answers like that of one that never was', async () => {
    expect(await list(ctx, 'people', gone.id)).toEqual({ total: 0, items: [] });
    expect(await list(ctx, 'people', '57fd2d65e4b0ce322b0c8665')).toEqual({ total: 0, items: [] });
  });

  it('the log of the entity has the entries of records that pass, counted and paged alike', async () => {
    const { total, items } = await list(ctx, 'people');
    expect(total).toBe(2);
    expect(items.map(({ recordId }) => recordId)).toEqual([seen.id, seen.id]);
    const first = await list(ctx, 'people', null, [['_size', '1']]);
    const second = await list(ctx, 'people', null, [
      ['_size', '1'],
      ['_offset', first.offset ?? ''],
    ]);
    expect([...first.items, ...second.items]).toEqual(items);
    expect(await list(ctx, 'people', null, [['_offset', second.offset ?? '']])).toEqual({ total: 2, items: [] });
    expect((await list(ctx, 'people', null, [['_offset', '1']])).items).toEqual(second.items);
    const created = await list(ctx, 'people', null, [['eventTypes', 'USER_RECORD_CREATED']]);
    expect(created).toMatchObject({ total: 1, items: [{ recordId: seen.id }] });
  });
});

it('without a condition the logs of deleted records are shown too', async () => {
  expect(await list(withRights({}), 'people', gone.id)).toMatchObject({ total: 2 });
});

describe('fields', () => {
  const UNREADABLE = ['age', 'home.street', 'notes.words'];
  const ctx = withRights({ allFields: false, canRead: ({ path }) => !UNREADABLE.includes(path) });

  it('that the caller must not read are in no entry, inside groups neither, nor in its texts', async () => {
    const notes = [{ text: 'shown', words: ['unshown'] }];
    const person = await create('people', {
      age: 4711,
      weight: 1,
      home: { street: 'Unshown Street', checked: 1 },
      notes,
    });
    await change('people', person, { age: 4712, weight: 2, home: { street: 'Unshown Road' }, notes: [] });
    await change('people', person, { age: 4713 });
    const { total, items } = await list(ctx, 'people', person.id);
    expect(total).toBe(3);
    expect(JSON.stringify(items)).not.toMatch(/471\d|unshown|street|words/i);
    // that something has changed is no secret, what it was is
    expect(items[0]).toMatchObject({ oldRecord: {}, newRecord: {} });
    expect(items[1]?.oldRecord).toMatchObject({
      weight: { json: 1, text: '{weight:1}' },
      home: { json: { id: person.home.id, alarm: null } },
      notes: { json: [{ text: 'shown' }] },
    });
    const whole = await list(DEVELOPER, 'people', person.id);
    expect(JSON.stringify(whole)).toMatch(/4713.*Unshown Road.*unshown/s);
  });

  it('whose read rule depends on the record are in no entry, for nobody', async () => {
    const person = await create('people', { boss: 'B', active: true });
    expect(person.boss).toBe('B');
    await change('people', person, { boss: 'C' });
    const entries = await entriesOf('people', person);
    expect(entries).toHaveLength(2);
    expect(JSON.stringify(entries)).not.toContain('boss');
  });

  it('that the definitions do not know any more are for those without limits', async () => {
    const person = await create('people');
    await stored('people').updateOne({ recordName: person.label }, { $set: { 'new.former': 'unshown' } });
    const restricted = withRights({ allFields: false });
    expect(JSON.stringify(await list(restricted, 'people', person.id))).not.toContain('unshown');
    expect(JSON.stringify(await list(withRights({}), 'people', person.id))).toContain('unshown');
  });
});

describe('who made a change', () => {
  const records = () => app.services().records;
  const base = () => ({ log: app.services().log, zone: 'UTC' });

  it('a person who is logged in as another: the other', async () => {
    const ctx = callerOf({ developer: true, email: 'employee@test.com', adminUserEmail: 'manager@test.com' });
    const person = (await records().create(ctx, 'people', { name: 'By another' })) as Body;
    expect(await entriesOf('people', person)).toMatchObject([{ user: 'employee@test.com', ip: null }]);
  });

  it('a script, under its path, where the entity wants that', async () => {
    const script: Context = { ...DEVELOPER, origin: 'script', contextPath: 'entities.people.actions.greet' };
    const person = (await records().create(script, 'people', { name: 'By script', visits: 1 })) as Body;
    expect(await entriesOf('people', person)).toEqual([]);
    await records().update(script, 'people', person.id, { visits: 2 });
    const [entry, ...rest] = await entriesOf('people', person);
    expect(rest).toEqual([]);
    expect(entry).toMatchObject({
      eventType: 'SCRIPT_RECORD_CHANGED',
      eventCategory: 'SCRIPT',
      contextPath: 'entities.people.actions.greet',
      // ignored in changes by people only
      newRecord: { visits: { json: 2 } },
    });
    await records().remove(script, 'people', person.id);
    expect(await entriesOf('people', person)).toMatchObject([{ recordDeleted: true }]);
  });

  it.each<['cascade' | 'refactoring', string]>([
    ['cascade', 'SYSTEM_CASCADE_UPDATE'],
    ['refactoring', 'SYSTEM_REFACTORING'],
  ])('the system in a %s', async (systemWork, eventType) => {
    const system: Context = { ...systemContext('a test', base()), systemWork };
    const person = await create('people', { age: 1 });
    await records().update(system, 'people', person.id, { age: 2 });
    const [entry] = await entriesOf('people', person);
    expect(entry).toMatchObject({ eventType, eventCategory: 'SYSTEM', user: 'system@trebuchet', ip: null });
    expect(entry.newRecord).toEqual({ age: { json: 2, text: '{age:2}' } });
  });

  it('the system for another reason: nobody', async () => {
    const person = await create('people', { age: 1 });
    await records().update(systemContext('a test', base()), 'people', person.id, { age: 2 });
    expect(await entriesOf('people', person)).toHaveLength(1);
  });

  it('a new label of a related record is a change only in a cascade', async () => {
    const team = await create('teams', { name: 'Old name', city: 'Oslo' });
    const [person, other] = [await create('people', { team: team.id }), await create('people', { team: team.id })];
    await change('teams', team, { name: 'New name', city: 'Rome' });
    await change('people', person, { visits: 5 });
    expect(await entriesOf('people', person)).toHaveLength(1);
    await records().update({ ...systemContext('a test', base()), systemWork: 'cascade' }, 'people', other.id, {});
    const [{ oldRecord, newRecord }] = await entriesOf('people', other);
    expect(oldRecord.team.json).toEqual({ id: team.id, label: 'Old name', city: 'Oslo' });
    expect(newRecord.team.json).toEqual({ id: team.id, label: 'New name', city: 'Rome' });
  });
});
