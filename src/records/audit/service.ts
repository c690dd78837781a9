// Reading audit logs, of one record or of a whole entity (spec auth-jobs-logs-files §8.1, §8.2).
import { ObjectId } from 'mongodb';
import type { Context, EntityAccess } from '../../context.ts';
import type { Definitions, EntityModel } from '../../definitions/model.ts';
import { badRequest } from '../../errors.ts';
import type { QueryPairs } from '../../query/list.ts';
import { type PageOf, readParameters, skipOf } from '../../query/list-parameters.ts';
import { and, type Predicate } from '../../query/predicate.ts';
import { requireAccess, requireEntity, requireRecord } from '../access.ts';
import type { RecordStore } from '../store.ts';
import { isAuditEventType } from './events.ts';
import { type AuditEntry, printEntry } from './print.ts';
import type { AuditQuery, AuditStore } from './store.ts';

export interface AuditServices {
  /** The definitions in force. */
  readonly definitions: () => Definitions;
  readonly store: Pick<RecordStore, 'findById'>;
  readonly entries: AuditStore;
}

export interface AuditService {
  /**
   * The checks that come before the syntax of the query (spec README, "order of checks").
   * @throws AppError `notFound`, `forbidden`
   */
  admit(ctx: Context, entityName: string): void;
  /**
   * A page of the audit log, newest first.
   * @param id of a record that may be gone; null: the log of the whole entity
   * @throws AppError `notFound`, `forbidden`; `badRequest` for a log that is off, a malformed id or parameter
   */
  list(ctx: Context, entityName: string, id: string | null, pairs: QueryPairs): Promise<PageOf<AuditEntry>>;
}

const PER_PAGE = 20;

/** Builds the reading side of audit logs. */
export function createAuditService({ definitions, store, entries }: AuditServices): AuditService {
  const open = (ctx: Context, entityName: string): Log => {
    const entity = requireEntity(definitions(), entityName);
    return { entity, access: requireAccess(ctx, entity, 'auditLogs'), store, entries };
  };
  return {
    admit: (ctx, entityName) => void open(ctx, entityName),
    list: async (ctx, entityName, id, pairs) => listEntries(open(ctx, entityName), id, pairs),
  };
}

/** The audit log of one entity as a caller may see it. */
interface Log extends Omit<AuditServices, 'definitions'> {
  readonly entity: EntityModel;
  readonly access: EntityAccess;
}

async function listEntries(log: Log, id: string | null, pairs: QueryPairs): Promise<PageOf<AuditEntry>> {
  const { entity, access, entries } = log;
  if (!entity.audit) throw badRequest(`Audit logs are not enabled for entity [${entity.name}]`);
  const parameters = readParameters(pairs);
  const { size, start } = parameters.page(PER_PAGE);
  const record = id === null ? null : readRecordId(id);
  const events = parameters.list('eventTypes', isAuditEventType);
  const timestamp = parameters.between('from', 'to');
  const rule = ruleOf(access);
  if (record && rule && !(await isReadable(log, record))) return { total: 0, items: [] };
  const query: AuditQuery = { record, events, timestamp, live: record ? null : rule };
  const after = start.kind === 'after' ? await placeOf(log, start.id) : null;
  const [total, found] = await Promise.all([
    entries.count(entity, query),
    size === 0 ? [] : entries.page(entity, query, { after, skip: skipOf(start), limit: size }),
  ]);
  const items = found.map((entry) => printEntry(entity, access, entry));
  const last = items.at(-1);
  return last ? { total, offset: last.id, items } : { total, items };
}

/**
 * What a record must be like for its entries to be seen; null: all entries may be. A rule can't be asked of a record that is gone,
 * so whoever has one does not see those of deleted records (spec entity-model §4.2).
 */
function ruleOf({ read, auditLogs }: EntityAccess): Predicate | null {
  const rules = [read, auditLogs].filter((rule): rule is Predicate => rule !== null && rule !== false);
  return rules.length === 0 ? null : and(rules);
}

/** False for a record that is gone, which answers like one that never was. @throws AppError `forbidden` for one outside the rules */
async function isReadable({ entity, access, store }: Log, id: ObjectId): Promise<boolean> {
  const record = await store.findById(entity, id);
  if (!record) return false;
  requireRecord(access, 'auditLogs', record);
  return true;
}

/** The entry that the offset names may be gone: then the time inside its id stands for it. */
async function placeOf({ entity, entries }: Log, id: ObjectId): Promise<{ timestamp: Date; id: ObjectId }> {
  return { timestamp: (await entries.timeOf(entity, id)) ?? id.getTimestamp(), id };
}

function readRecordId(id: string): ObjectId {
  if (/^[0-9a-f]{24}$/i.test(id)) return ObjectId.createFromHexString(id);
  throw badRequest(`[${id.slice(0, 100)}] is not the id of a record`);
}
