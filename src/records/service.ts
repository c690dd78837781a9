// Records of entities: read, list, create, update, remove, aggregate. Every door to records (REST, jobs, scripts, CSV) comes here.
import { ObjectId } from 'mongodb';
import type { Context, EntityAccess } from '../context.ts';
import { DuplicateKeyError } from '../db/errors.ts';
import type { Session, Sessions } from '../db/transaction.ts';
import type { Definitions, EntityModel, StoredRecord } from '../definitions/model.ts';
import { badRequest, notFound, optimisticLocking, systemError, unavailable } from '../errors.ts';
import type { Json, ValueEnv } from '../fields/field-type.ts';
import { isObject, type JsonObject } from '../fields/references.ts';
import type { Sealer } from '../fields/sealed.ts';
import type { QueryPairs } from '../query/list.ts';
import { and, type Predicate } from '../query/predicate.ts';
import { requireAccess, requireEntity, requireRecord } from './access.ts';
import { type AggregateAnswer, aggregateRecords } from './aggregate.ts';
import { answerRecord } from './answer.ts';
import type { AppLog } from './app-log.ts';
import { auditOf } from './audit/entry.ts';
import { draftRecord } from './conditions.ts';
import type { CounterStore } from './counters/store.ts';
import { type Draft, draftErrors, SAVE_ALL, startDraft } from './draft.ts';
import { requireFile } from './file-access.ts';
import { writeWithFiles } from './file-changes.ts';
import type { Files } from './files.ts';
import type { Hooks } from './hooks.ts';
import { type ListAnswer, listRecords } from './list.ts';
import { createKeyedMutex } from './mutex.ts';
import { tellChange, tellingRefusals } from './record-log.ts';
import {
  type Removal,
  type RemovalListOptions,
  type RemoveManyOptions,
  readRemovalQuery,
  removeMany,
} from './remove-many.ts';
import type { ApiRecord } from './serialize.ts';
import type { RecordStore } from './store.ts';
import type { Totals } from './totals.ts';
import { reportDuplicates } from './unique.ts';
import { toStored } from './values.ts';
import { finishedRecord, prepareSave } from './write.ts';

export type { QueryPairs } from '../query/list.ts';

export interface RecordServices {
  /** The definitions in force; a request asks once and works with what it got. */
  readonly definitions: () => Definitions;
  readonly store: RecordStore;
  readonly counters: CounterStore;
  readonly hooks: Hooks;
  readonly files: Files;
  readonly appLog: AppLog;
  readonly sessions: Pick<Sessions, 'run'>;
  readonly sealer: Sealer;
  readonly totals: Totals;
  /** Entities without some of their unique indexes: duplicates are looked for before each write. */
  readonly unindexed: ReadonlySet<string>;
  readonly now: () => number;
  /** Zone of the app: of what is shown to everybody alike, and of users without one of their own. */
  readonly timezone: string;
}

/** What every operation of the service works with. */
export interface Operation extends Omit<RecordServices, 'definitions'> {
  readonly ctx: Context;
  readonly definitions: Definitions;
  readonly entity: EntityModel;
  readonly env: ValueEnv;
}

export type RecordService = ReturnType<typeof createRecordService>;

/** How often a save without a version is tried again when other processes keep changing the same record. */
const SAVE_ATTEMPTS = 100;

/** Builds the service over its stores and hooks. */
export function createRecordService(services: RecordServices) {
  const mutex = createKeyedMutex();

  /** @throws AppError `notFound` */
  function open(ctx: Context, entityName: string): Operation {
    const definitions = services.definitions();
    const entity = requireEntity(definitions, entityName);
    const env: ValueEnv = {
      zone: ctx.zone,
      now: services.now(),
      language: ctx.principal.language ?? 'english',
      groups: definitions.groups,
      testPattern: (source, value) => services.hooks.testPattern(ctx, source, value),
    };
    return { ...services, ctx, definitions, entity, env };
  }

  return {
    /**
     * The checks that come before the syntax of query and body (spec README, "order of checks"): doors call it before they refuse those.
     * @throws AppError `notFound`, `forbidden`
     */
    admit(ctx: Context, entityName: string, operation: 'read' | 'create' | 'update' | 'delete'): void {
      requireAccess(ctx, open(ctx, entityName).entity, operation);
    },

    /** `GET /data/{entity}/{id}`. */
    async read(ctx: Context, entityName: string, id: string, query: QueryPairs): Promise<ApiRecord> {
      const operation = open(ctx, entityName);
      const access = requireAccess(ctx, operation.entity, 'read');
      const answer = answerRecord(operation, access, query);
      const record = await find(operation, access, id);
      requireRecord(access, 'read', record);
      return answer(record);
    },

    /**
     * The file of a record, by its id, when the caller may have it (spec auth-jobs-logs-files §6.3).
     * @throws AppError `notFound` for entity, record or file, `forbidden`
     */
    async file(ctx: Context, entityName: string, id: string, fileId: string): Promise<ObjectId> {
      const operation = open(ctx, entityName);
      const access = requireAccess(ctx, operation.entity, 'read');
      const record = await find(operation, access, id);
      requireRecord(access, 'read', record);
      return requireFile(operation, access, record, fileId);
    },

    /** `GET /data/{entity}`. */
    list(ctx: Context, entityName: string, query: QueryPairs): Promise<ListAnswer> {
      const operation = open(ctx, entityName);
      return listRecords(operation, requireAccess(ctx, operation.entity, 'read'), query);
    },

    /** `PUT /data/{entity}/aggregate`. */
    async aggregate(ctx: Context, entityName: string, body: unknown): Promise<AggregateAnswer> {
      const operation = open(ctx, entityName);
      requireAccess(ctx, operation.entity, 'read');
      return aggregateRecords(operation, body);
    },

    /** `POST /data/{entity}`. */
    async create(ctx: Context, entityName: string, body: unknown): Promise<ApiRecord> {
      const operation = open(ctx, entityName);
      const access = requireAccess(ctx, operation.entity, 'create');
      const input = requireBody(body);
      const draft = draftOf(operation, null);
      const record = await tellingRefusals(operation, draft, input, async () => {
        await prepareSave(draft, input, operation);
        requireRecord(access, 'create', draftRecord(draft));
        const created = finishedRecord(draft, 0);
        const companions = auditOf(operation, { before: null, after: created });
        await storing(draft, created, operation, async (session) => {
          await operation.store.insert(operation.entity, created, { session, companions });
          return true;
        });
        return created;
      });
      tellChange(operation, 'created', record);
      return answerRecord(operation, access, [])(record);
    },

    /** `PUT /data/{entity}/{id}`: with a version optimistic locking, without one the last writer of each field wins. */
    async update(ctx: Context, entityName: string, id: string, body: unknown): Promise<ApiRecord> {
      const operation = open(ctx, entityName);
      const access = requireAccess(ctx, operation.entity, 'update');
      const input = requireBody(body);
      const expected = requestedVersion(input);
      const record = await mutex(`${operation.entity.name}:${id}`, async () => {
        for (let attempt = 0; attempt < SAVE_ATTEMPTS; attempt++) {
          const stored = await find(operation, access, id);
          requireRecord(access, 'update', stored);
          if (expected !== null && expected !== stored.version) throw staleVersion(operation.entity, id);
          const draft = draftOf(operation, stored);
          const saved = await tellingRefusals(operation, draft, input, async () => {
            await prepareSave(draft, input, operation);
            const next = finishedRecord(draft, stored.version + 1);
            const companions = auditOf(operation, { before: stored, after: next });
            const done = await storing(draft, next, operation, (session) =>
              operation.store.replace(operation.entity, next, stored.version, { session, companions }),
            );
            return done ? next : null;
          });
          if (saved) return saved;
        }
        throw systemError(`Record [${id}] kept changing while it was saved`);
      });
      tellChange(operation, 'changed', record);
      return answerRecord(operation, access, [])(record);
    },

    /** `DELETE /data/{entity}/{id}`: the deleted record. */
    async remove(ctx: Context, entityName: string, id: string): Promise<ApiRecord> {
      const operation = open(ctx, entityName);
      const access = requireAccess(ctx, operation.entity, 'delete');
      for (;;) {
        const stored = await find(operation, access, id);
        requireRecord(access, 'delete', stored);
        requireCaller(ctx);
        // The version ties the deletion to the state whose rights were checked.
        const deletion = { entity: operation.entity, before: stored, after: null, draft: null };
        const companions = auditOf(operation, deletion);
        const removed = await writeWithFiles(deletion, operation, (session) =>
          operation.store.remove(operation.entity, stored._id, stored.version, { session, companions }),
        );
        if (!removed) continue;
        tellChange(operation, 'deleted', stored);
        return answerRecord(operation, access, [])(stored);
      }
    },

    /**
     * Deletes many records in a transaction of the caller.
     * @throws AppError `notFound`, `forbidden` for the entity as a whole; what concerns one record is in its {@link Removal}
     */
    removeMany(
      ctx: Context,
      entityName: string,
      ids: readonly ObjectId[],
      options: RemoveManyOptions,
    ): Promise<Removal[]> {
      const operation = open(ctx, entityName);
      return removeMany(operation, requireAccess(ctx, operation.entity, 'delete'), ids, options);
    },

    /** Ids of records that a path names, by id or by lookup value; null for those that don't exist. */
    async identify(ctx: Context, entityName: string, names: readonly string[]): Promise<(ObjectId | null)[]> {
      const operation = open(ctx, entityName);
      const access = requireAccess(ctx, operation.entity, 'delete');
      const isName = operation.entity.lookupFields.length > 0;
      const found: (ObjectId | null)[] = [];
      for (const name of names) {
        if (isId(name)) found.push(ObjectId.createFromHexString(name));
        else found.push(isName ? ((await lookUp(operation, access, name))?._id ?? null) : null);
      }
      return found;
    },

    /**
     * Checks the query of a delete and streams the ids that it means now.
     * @throws AppError at once for a malformed query
     */
    idsToRemove(
      ctx: Context,
      entityName: string,
      query: QueryPairs,
      { batch, madeUntil }: RemovalListOptions,
    ): AsyncIterable<readonly ObjectId[]> {
      const operation = open(ctx, entityName);
      const access = requireAccess(ctx, operation.entity, 'delete');
      const { filter, limit, sort } = readRemovalQuery(operation, access, query, madeUntil);
      return operation.store.streamIds(operation.entity, filter, { limit, sort: sort && [...sort] }, batch);
    },
  };
}

function draftOf({ ctx, definitions, entity, env }: Operation, stored: StoredRecord | null): Draft {
  return startDraft({ ctx, definitions, entity, env, access: ctx.accessTo(entity), options: SAVE_ALL, stored });
}

/**
 * Runs the write; a unique index that refuses becomes the same answer as a failed check, with every taken value named.
 * @throws AppError `validationErrors`
 */
async function storing(
  draft: Draft,
  after: StoredRecord,
  operation: Operation,
  write: (session?: Session) => Promise<boolean>,
): Promise<boolean> {
  const { ctx, store, unindexed, entity } = operation;
  requireCaller(ctx);
  const attempt = () => writeWithFiles({ entity, before: draft.stored, after, draft }, operation, write);
  if (unindexed.has(entity.name)) await refuseDuplicates(draft, store);
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error;
    await refuseDuplicates(draft, store);
    // The other holder is gone again by now: a second try decides.
    return attempt();
  }
}

/** A write that begins after its caller was told of its failure could undo what that caller did since. */
function requireCaller(ctx: Context): void {
  if (ctx.isGivenUp?.()) throw unavailable('The database was not available for too long');
}

async function refuseDuplicates(draft: Draft, store: RecordStore): Promise<void> {
  if (!(await reportDuplicates(draft, store))) return;
  const errors = draftErrors(draft);
  if (errors) throw errors;
}

/** @throws AppError `notFound`, also for a malformed id (spec README) */
async function find(operation: Operation, access: EntityAccess, id: string): Promise<StoredRecord> {
  const { entity, store } = operation;
  const record = isId(id) ? await store.findById(entity, ObjectId.createFromHexString(id)) : null;
  const found = record ?? (await lookUp(operation, access, id));
  if (!found) throw notFound(`Record [${id}] was not found in entity [${entity.name}]`);
  return found;
}

/** A lookup value in place of the id (spec entity-model §2.14): of readable records only, or 403 would tell that it exists. */
async function lookUp(
  { entity, store, env }: Operation,
  access: EntityAccess,
  value: string,
): Promise<StoredRecord | null> {
  if (access.read === false) return null;
  for (const field of entity.lookupFields) {
    const stored = toStored(field, value as Json, env);
    if (stored === undefined) continue;
    const match: Predicate = { kind: 'in', path: field.storagePath, values: [stored] };
    const hits = await store.find(entity, access.read ? and([access.read, match]) : match, 2);
    if (hits.length === 1) return hits[0] ?? null;
  }
  return null;
}

function isId(text: string): boolean {
  return text.length === 24 && /^[0-9a-f]{24}$/i.test(text);
}

function requireBody(body: unknown): JsonObject {
  // The door has parsed JSON: there is nothing else that it can be.
  const json = body as Json;
  if (!isObject(json)) throw badRequest('The body must be a JSON object with the fields of the record');
  return json;
}

/** `version` of the body, or null when absent. */
function requestedVersion(body: JsonObject): number | null {
  const { version } = body;
  if (version == null) return null;
  if (typeof version === 'number' && Number.isInteger(version)) return version;
  throw badRequest('[version] must be an integer');
}

function staleVersion(entity: EntityModel, id: string): Error {
  return optimisticLocking(`Record [${id}] of entity [${entity.name}] was changed by somebody else`);
}
