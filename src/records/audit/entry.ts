// The audit entries of a write, as companions of it: the record and its entry are stored together or not at all.
import { ObjectId } from 'mongodb';
import type { Context } from '../../context.ts';
import type { Companion } from '../../db/together.ts';
import type { AuditEvent, AuditSettings, EntityModel, StoredRecord } from '../../definitions/model.ts';
import type { ValueEnv } from '../../fields/field-type.ts';
import { type Change, difference, sameShown, sameValue, snapshot, type Values } from './changes.ts';
import { type AuditEventType, eventType } from './events.ts';
import { recordedFields } from './recorded.ts';
import { withinSize } from './size.ts';

/** An entry as it is stored; which entity it belongs to is said by its collection. */
export interface AuditDocument {
  readonly _id: ObjectId;
  readonly record: ObjectId;
  /** Version of the record that the write made; for a deletion the last one. */
  readonly version: number;
  readonly recordName: string;
  readonly event: AuditEventType;
  readonly contextPath: string;
  readonly user: string;
  /** E-mail of the person who was logged in as the user; absent without one. */
  readonly adminUser?: string;
  readonly ip: string | null;
  readonly timestamp: Date;
  readonly entityVersion: number;
  /** Whether the values are those of a whole record, created or deleted, rather than the changed ones. */
  readonly whole: boolean;
  readonly old: Values;
  readonly new: Values;
  /** When the record was deleted: on all entries of it. */
  readonly deleted?: Date;
  /** The database removes the entry then. */
  readonly expireAt?: Date;
}

/** One write of one record, or an action on it. */
export interface Deed {
  /** Null when the record is created. */
  readonly before: StoredRecord | null;
  /** Null when the record is deleted. */
  readonly after: StoredRecord | null;
  /** Name of the action that was performed on the record; the same record twice when it changed nothing. */
  readonly action?: string;
}

export interface DeedEnv {
  readonly ctx: Context;
  readonly entity: EntityModel;
  readonly env: ValueEnv;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
}

const NOTHING: readonly Companion[] = [];

/** The collection of an entity's entries. */
export const auditCollection = (entity: EntityModel): string => `audit.${entity.name}`;

/** What has to be written together with a deed; empty for entities without an audit log, and for updates that change nothing. */
export function auditOf(of: DeedEnv, deed: Deed): readonly Companion[] {
  const { audit } = of.entity;
  if (!audit) return NOTHING;
  if (deed.after === null && !deed.action) return auditRemovals(of, deed.before ? [deed.before] : []);
  const document = entryOf(of, audit, deed, new Date(of.now()));
  return document ? [insert(of.entity, document)] : NOTHING;
}

/** The same for many deleted records at once. */
export function auditRemovals(of: DeedEnv, records: readonly StoredRecord[]): readonly Companion[] {
  const { audit } = of.entity;
  if (!audit || records.length === 0) return NOTHING;
  const collection = auditCollection(of.entity);
  const filter = { record: { $in: records.map(({ _id }) => _id) } };
  if (audit.keepAfterDelete === 0) return [{ collection, name: 'deleteMany', filter }];
  const deleted = new Date(of.now());
  const marks = {
    deleted,
    ...(audit.keepAfterDelete !== null && { expireAt: new Date(deleted.getTime() + audit.keepAfterDelete) }),
  };
  const entries = records.flatMap((record) => {
    const document = entryOf(of, audit, { before: record, after: null }, deleted);
    return document ? [insert(of.entity, { ...document, ...marks })] : [];
  });
  return [{ collection, name: 'updateMany', filter, update: { $set: marks } }, ...entries];
}

function insert(entity: EntityModel, document: AuditDocument): Companion {
  return { collection: auditCollection(entity), name: 'insertOne', document };
}

function entryOf(
  { ctx, entity, env }: DeedEnv,
  audit: AuditSettings,
  deed: Deed,
  timestamp: Date,
): AuditDocument | null {
  const event = eventOf(deed);
  const type = eventType(audit, ctx, event);
  const record = deed.after ?? deed.before;
  if (type === null || record === null) return null;
  const change = changeOf({ ctx, entity, env }, deed);
  if (change === null) return null;
  const { adminUserEmail } = ctx.principal;
  return {
    _id: new ObjectId(),
    record: record._id,
    version: record.version,
    recordName: record.label,
    event: type,
    contextPath: ctx.contextPath ?? pathOf(entity, event, deed.action),
    user: ctx.principal.email,
    ...(adminUserEmail !== null && { adminUser: adminUserEmail }),
    ip: ctx.ip,
    timestamp,
    entityVersion: entity.version,
    whole: deed.before === null || deed.after === null,
    old: withinSize(change.before),
    new: withinSize(change.after),
  };
}

/** Null for an update without a change, which is no event; an action is one all the same. */
function changeOf({ ctx, entity, env }: Omit<DeedEnv, 'now'>, { before, after, action }: Deed): Change | null {
  const recorded = recordedFields(entity, ctx.origin);
  if (before === null) return { before: {}, after: snapshot(recorded, after?.data ?? {}, env) };
  if (after === null) return { before: snapshot(recorded, before.data, env), after: {} };
  const same = ctx.systemWork === 'cascade' ? sameShown(env) : sameValue;
  const change = difference(recorded, before.data, after.data, { env, same });
  return change ?? (action === undefined ? null : { before: {}, after: {} });
}

function eventOf({ before, after, action }: Deed): AuditEvent {
  if (action !== undefined) return 'actionExecuted';
  if (before === null) return 'recordCreated';
  return after === null ? 'recordDeleted' : 'recordChanged';
}

const VERBS = { recordCreated: 'create', recordChanged: 'update', recordDeleted: 'delete' } as const;

function pathOf(entity: EntityModel, event: AuditEvent, action = ''): string {
  return `entities.${entity.name}.${event === 'actionExecuted' ? `actions.${action}` : VERBS[event]}`;
}
