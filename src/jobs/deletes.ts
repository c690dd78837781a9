// Deletes of several records, over a query or in the background, as REST asks for them (spec auth-jobs-logs-files §9.6).
import type { ObjectId } from 'mongodb';
import type { Context } from '../context.ts';
import type { Sessions } from '../db/transaction.ts';
import { badRequest, timeout } from '../errors.ts';
import { readParameters } from '../query/list-parameters.ts';
import { notThere, type Removal } from '../records/remove-many.ts';
import type { ApiRecord } from '../records/serialize.ts';
import type { QueryPairs, RecordService } from '../records/service.ts';
import type { JobLink, ResultEntry } from './handler.ts';
import type { DeleteInput } from './handlers/delete-records.ts';
import type { JobService } from './service.ts';

/** What became of each record, by the name the caller gave it. */
export type ResultMap = Readonly<Record<string, ResultEntry>>;

export interface DeleteService {
  /** `DELETE /data/{entity}/{ids}`: one id gives the deleted record, several a map, `_async` a job. */
  removeNamed(
    ctx: Context,
    entity: string,
    names: readonly string[],
    query: QueryPairs,
  ): Promise<ApiRecord | ResultMap | JobLink>;
  /** `DELETE /data/{entity}?query`. */
  removeMatching(ctx: Context, entity: string, query: QueryPairs): Promise<ResultMap | JobLink>;
}

export interface DeleteServiceDeps {
  readonly records: Pick<RecordService, 'admit' | 'remove' | 'removeMany' | 'identify' | 'idsToRemove'>;
  readonly jobs: Pick<JobService, 'submit'>;
  readonly sessions: Pick<Sessions, 'run'>;
  /** How many ids a path may list. */
  readonly maxIds: number;
  /** How long a synchronous delete may take, ms. */
  readonly timeoutMs: number;
  readonly monotonic?: () => number;
}

/** Records of a synchronous delete (spec §10). */
const MOST = 1_000;
/** Records of one transaction. */
const BATCH = 100;

export function createDeleteService(deps: DeleteServiceDeps): DeleteService {
  const { records } = deps;
  const monotonic = deps.monotonic ?? (() => performance.now());

  return {
    removeNamed: async (ctx, entity, given, query) => {
      records.admit(ctx, entity, 'delete');
      const { inBackground, lowPriority } = readMode(query);
      const names = [...new Set(given)];
      const [only] = names;
      if (only === undefined) throw badRequest('The path names no records to delete');
      if (names.length > deps.maxIds) throw badRequest(`A path may list at most ${deps.maxIds} ids`);
      if (inBackground) return submit(ctx, { entity, names }, lowPriority);
      if (names.length === 1) return records.remove(ctx, entity, only);
      requireFew(names.length);
      const ids = await records.identify(ctx, entity, names);
      const known = ids.filter((id) => id !== null);
      const removals = new Map((await removeAll(ctx, entity, known)).map((removal) => [removal.id, removal]));
      return Object.fromEntries(
        names.map((name, index) => {
          const removal = removals.get(ids[index]?.toHexString() ?? '');
          return [name, removal ? entryOf(removal) : { status: 'error', errorMessage: notThere(name, entity) }];
        }),
      );
    },

    removeMatching: async (ctx, entity, query) => {
      records.admit(ctx, entity, 'delete');
      const { inBackground, lowPriority, rest } = readMode(query);
      // Checked now, so that mistakes are answered; opened it reads nothing yet.
      const matches = records.idsToRemove(ctx, entity, rest, { batch: MOST + 1, madeUntil: null });
      if (inBackground) return submit(ctx, { entity, query: rest }, lowPriority);
      const ids = await firstIds(matches);
      requireFew(ids.length);
      return Object.fromEntries((await removeAll(ctx, entity, ids)).map((removal) => [removal.id, entryOf(removal)]));
    },
  };

  function submit(ctx: Context, input: DeleteInput, lowPriority: boolean): Promise<JobLink> {
    return deps.jobs.submit(ctx, {
      type: 'DELETE_RECORDS',
      label: `Delete records from entity ${input.entity}`,
      data: { entityName: input.entity },
      input: { ...input },
      lowPriority,
    });
  }

  /** A transaction for each batch: what is done when the time is over stays done. */
  async function removeAll(ctx: Context, entity: string, ids: readonly ObjectId[]): Promise<Removal[]> {
    const deadline = monotonic() + deps.timeoutMs;
    const removals: Removal[] = [];
    for (let at = 0; at < ids.length; at += BATCH) {
      if (monotonic() > deadline) throw late(removals.length, ids.length);
      const batch = ids.slice(at, at + BATCH);
      removals.push(
        ...(await deps.sessions.run((session) => records.removeMany(ctx, entity, batch, { session, print: true }))),
      );
    }
    return removals;
  }
}

function readMode(query: QueryPairs): { inBackground: boolean; lowPriority: boolean; rest: QueryPairs } {
  const parameters = readParameters(query);
  return {
    inBackground: parameters.boolean('_async') ?? false,
    lowPriority: parameters.boolean('_lowPriority') ?? false,
    rest: query.filter(([name]) => name !== '_async' && name !== '_lowPriority'),
  };
}

/** At most one more than a synchronous delete may have. */
async function firstIds(matches: AsyncIterable<readonly ObjectId[]>): Promise<ObjectId[]> {
  const ids: ObjectId[] = [];
  for await (const some of matches) {
    ids.push(...some);
    if (ids.length > MOST) break;
  }
  return ids;
}

function requireFew(count: number): void {
  if (count > MOST)
    throw badRequest(`More than ${MOST} records can only be deleted in the background: add _async=true`);
}

function late(done: number, all: number): Error {
  return timeout(
    `The time of a request is over: ${done} of ${all} records were deleted. Add _async=true to do it in the background`,
  );
}

function entryOf(removal: Removal): ResultEntry {
  if (removal.status !== 'removed') return { status: 'error', errorMessage: removal.message };
  return removal.record ? { status: 'ok', response: removal.record } : { status: 'ok' };
}
