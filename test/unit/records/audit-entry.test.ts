// Which deeds leave an audit entry, of which type and under which path, and what else a deletion does to the log.
import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../../src/context.ts';
import type { AuditEvent, AuditSettings, StoredRecord } from '../../../src/definitions/model.ts';
import { type AuditDocument, auditOf, auditRemovals, type Deed } from '../../../src/records/audit/entry.ts';
import { callerOf } from '../../support/callers.ts';
import { entityOf } from '../../support/entities.ts';

const NOW = 1_700_000_000_000;
const ALL: readonly AuditEvent[] = ['recordCreated', 'recordChanged', 'recordDeleted', 'actionExecuted'];

function settings(over: Partial<AuditSettings> = {}): AuditSettings {
  return {
    user: new Set(ALL),
    script: new Set(ALL),
    cascadeUpdates: true,
    refactorings: true,
    ignoredFields: { user: new Set(), script: new Set(['count']) },
    keepAfterDelete: null,
    ...over,
  };
}

const env = {
  zone: 'UTC',
  now: NOW,
  language: 'english',
  groups: { byId: () => undefined, byName: () => undefined, all: [] },
} as const;
const about = (ctx: Context, audit: AuditSettings | null) => ({
  ctx,
  entity: entityOf('things', { name: { type: 'text' }, count: { type: 'integer' } }, { audit, version: 7 }),
  env,
  now: () => NOW,
});
const record = (version: number, data: object): StoredRecord => ({
  _id: ID,
  version,
  label: `v${version}`,
  __label_lower_case__: `v${version}`,
  data: { ...data },
});
const ID = new ObjectId();
const OLD = record(3, { name: 'a', count: 1 });
const NEW = record(4, { name: 'b', count: 2 });

const USER = callerOf({ email: 'ann@test.com' });
const SCRIPT: Context = { ...USER, origin: 'script', contextPath: 'listeners.onThing' };
const SYSTEM: Context = { ...USER, origin: 'system' };

function entriesOf(ctx: Context, audit: AuditSettings | null, deed: Deed): AuditDocument[] {
  return auditOf(about(ctx, audit), deed).flatMap((one) =>
    one.name === 'insertOne' ? [one.document as AuditDocument] : [],
  );
}

const DEEDS: Record<string, Deed> = {
  create: { before: null, after: NEW },
  update: { before: OLD, after: NEW },
  delete: { before: OLD, after: null },
  action: { before: OLD, after: NEW, action: 'greet' },
};

describe('types and paths', () => {
  it.each<[string, Context, keyof typeof DEEDS, AuditDocument['event'], string]>([
    ['a person', USER, 'create', 'USER_RECORD_CREATED', 'entities.things.create'],
    ['a person', USER, 'update', 'USER_RECORD_CHANGED', 'entities.things.update'],
    ['a person', USER, 'delete', 'USER_RECORD_DELETED', 'entities.things.delete'],
    ['a person', USER, 'action', 'USER_ACTION_PERFORMED', 'entities.things.actions.greet'],
    [
      'an import',
      { ...USER, contextPath: 'entities.things.import' },
      'create',
      'USER_RECORD_CREATED',
      'entities.things.import',
    ],
    ['a script', SCRIPT, 'create', 'SCRIPT_RECORD_CREATED', 'listeners.onThing'],
    ['a script', SCRIPT, 'update', 'SCRIPT_RECORD_CHANGED', 'listeners.onThing'],
    ['a script', SCRIPT, 'delete', 'SCRIPT_RECORD_DELETED', 'listeners.onThing'],
    ['a script', SCRIPT, 'action', 'SCRIPT_ACTION_PERFORMED', 'listeners.onThing'],
    ['a cascade', { ...SYSTEM, systemWork: 'cascade' }, 'update', 'SYSTEM_CASCADE_UPDATE', 'entities.things.update'],
    ['a cascade', { ...SYSTEM, systemWork: 'cascade' }, 'delete', 'SYSTEM_CASCADE_UPDATE', 'entities.things.delete'],
    [
      'a refactoring',
      { ...SYSTEM, systemWork: 'refactoring' },
      'update',
      'SYSTEM_REFACTORING',
      'entities.things.update',
    ],
  ])('%s %s %s', (_who, ctx, deed, event, contextPath) => {
    const [entry, ...rest] = entriesOf(ctx, settings(), DEEDS[deed] as Deed);
    expect(rest).toEqual([]);
    expect(entry).toMatchObject({ event, contextPath, record: ID, user: 'ann@test.com', entityVersion: 7 });
  });

  it.each(ALL)('%s is none where the entity does not ask for it, whoever does it', (event) => {
    const without = new Set(ALL.filter((one) => one !== event));
    const deed =
      DEEDS[
        { recordCreated: 'create', recordChanged: 'update', recordDeleted: 'delete', actionExecuted: 'action' }[event]
      ];
    expect(entriesOf(USER, settings({ user: without }), deed as Deed)).toEqual([]);
    expect(entriesOf(SCRIPT, settings({ script: without }), deed as Deed)).toEqual([]);
    expect(entriesOf(USER, settings({ script: without }), deed as Deed)).toHaveLength(1);
  });

  it('system work is none without its flag', () => {
    const off = settings({ cascadeUpdates: false, refactorings: false });
    for (const systemWork of ['cascade', 'refactoring', undefined] as const) {
      const ctx = systemWork ? { ...SYSTEM, systemWork } : SYSTEM;
      expect(entriesOf(ctx, off, DEEDS.update as Deed)).toEqual([]);
    }
    expect(entriesOf(SYSTEM, settings(), DEEDS.update as Deed)).toEqual([]);
  });

  it('nothing is written for an entity without an audit log', () => {
    for (const deed of Object.values(DEEDS)) expect(auditOf(about(USER, null), deed)).toEqual([]);
    expect(auditRemovals(about(USER, null), [OLD])).toEqual([]);
  });
});

describe('what an entry holds', () => {
  it('the label and the version that the write made, the time, the caller', () => {
    const ctx: Context = { ...USER, ip: '::ffff:1.2.3.4' };
    expect(entriesOf(ctx, settings(), DEEDS.update as Deed)[0]).toEqual({
      _id: expect.any(ObjectId),
      record: ID,
      version: 4,
      recordName: 'v4',
      event: 'USER_RECORD_CHANGED',
      contextPath: 'entities.things.update',
      user: 'ann@test.com',
      ip: '::ffff:1.2.3.4',
      timestamp: new Date(NOW),
      entityVersion: 7,
      whole: false,
      old: { name: 'a', count: 1 },
      new: { name: 'b', count: 2 },
    });
  });

  it('the person behind the user, where there is one', () => {
    const ctx = callerOf({ email: 'ann@test.com', adminUserEmail: 'boss@test.com' });
    expect(entriesOf(ctx, settings(), DEEDS.create as Deed)[0]).toMatchObject({ adminUser: 'boss@test.com' });
  });

  it('without the fields that its context ignores', () => {
    expect(entriesOf(SCRIPT, settings(), DEEDS.update as Deed)[0]?.new).toEqual({ name: 'b' });
    expect(entriesOf(SCRIPT, settings(), DEEDS.create as Deed)[0]?.new).toEqual({ name: 'b' });
    const onlyIgnored = { before: OLD, after: record(4, { name: 'a', count: 9 }) };
    expect(entriesOf(SCRIPT, settings(), onlyIgnored)).toEqual([]);
    expect(entriesOf(USER, settings(), onlyIgnored)).toHaveLength(1);
  });

  it('of an action that changed nothing: nothing, but there is one', () => {
    const [entry] = entriesOf(USER, settings(), { before: OLD, after: OLD, action: 'greet' });
    expect(entry).toMatchObject({ event: 'USER_ACTION_PERFORMED', whole: false, old: {}, new: {} });
  });
});

describe('a deletion', () => {
  it.each<[string, number | null, object]>([
    ['for ever', null, { deleted: new Date(NOW) }],
    ['for a while', 1_000, { deleted: new Date(NOW), expireAt: new Date(NOW + 1_000) }],
  ])('marks all entries that are kept %s, its own too', (_what, keepAfterDelete, marks) => {
    const other = { ...OLD, _id: new ObjectId() };
    const [update, ...entries] = auditRemovals(about(USER, settings({ keepAfterDelete })), [OLD, other]);
    expect(update).toEqual({
      collection: 'audit.things',
      name: 'updateMany',
      filter: { record: { $in: [ID, other._id] } },
      update: { $set: marks },
    });
    expect(entries).toMatchObject([
      { document: { record: ID, ...marks } },
      { document: { record: other._id, ...marks } },
    ]);
  });

  it('removes entries that go with the record, and writes none', () => {
    expect(auditOf(about(USER, settings({ keepAfterDelete: 0 })), DEEDS.delete as Deed)).toEqual([
      { collection: 'audit.things', name: 'deleteMany', filter: { record: { $in: [ID] } } },
    ]);
  });

  it('marks by whomever it is made, also where it is no event itself', () => {
    const quiet = settings({ user: new Set<AuditEvent>(['recordCreated']) });
    for (const ctx of [USER, SYSTEM]) expect(auditOf(about(ctx, quiet), DEEDS.delete as Deed)).toHaveLength(1);
  });
});
