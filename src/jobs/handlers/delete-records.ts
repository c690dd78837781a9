// DELETE_RECORDS: deletes records named by id, or all that a query meant when the job first started. Each batch of deletions is
// stored together with the job's position, so that every record is deleted, counted and reported once, whatever dies in between.
import type { ObjectId } from 'mongodb';
import { notThere, type Removal } from '../../records/remove-many.ts';
import type { QueryPairs, RecordService } from '../../records/service.ts';
import type { Batch, JobHandler, Outcome, Run } from '../handler.ts';
import { type ItemStore, packIds } from '../item-store.ts';

/** What the job is about; one of `names` and `query`. */
export interface DeleteInput {
  readonly entity: string;
  /** Ids or lookup values. */
  readonly names?: readonly string[];
  readonly query?: QueryPairs;
}

export interface DeleteDeps {
  readonly records: Pick<RecordService, 'removeMany' | 'identify' | 'idsToRemove'>;
  readonly items: ItemStore;
}

/** Where the job stands: at first it fixes its list, a part at a time, then it goes through the parts. */
interface Position {
  readonly listed: boolean;
  /** Parts of the list that are stored. */
  readonly parts: number;
  readonly total: number;
  readonly part: number;
  readonly offset: number;
}

const START: Position = { listed: false, parts: 0, total: 0, part: 0, offset: 0 };

/** Ids of one part of the list, about, and ids read at once while it is made. */
const PART = 10_000;
const LISTED_AT_ONCE = 1_000;

/** A batch grows while it is quick, so that large records make small batches: a stop, or another writer, waits for one batch only. */
const FIRST_BATCH = 100;
const LARGEST_BATCH = 1_000;
const SMALLEST_BATCH = 10;
const SLOW_MS = 400;

export function createDeleteRecords({ records, items }: DeleteDeps): JobHandler {
  return async (run) => {
    const input = run.job.input as unknown as DeleteInput;
    return input.names ? deleteNamed(run, input.entity, input.names) : deleteListed(run, input);
  };

  async function deleteNamed(run: Run, entity: string, names: readonly string[]): Promise<Outcome> {
    const ids = await records.identify(run.ctx, entity, names);
    return inBatches(run, positionOf(run), names.length, async (position, size) => {
      const end = Math.min(position.offset + size, names.length);
      const here = names.slice(position.offset, end);
      await run.commit(async (batch) => {
        if (position.offset === 0) batch.expect(names.length);
        const known = ids.slice(position.offset, end).filter((id) => id !== null);
        const removals = new Map((await remove(run, entity, known, batch)).map((removal) => [removal.id, removal]));
        here.forEach((name, index) => {
          const id = ids[position.offset + index]?.toHexString();
          report(batch, name, id === undefined ? undefined : removals.get(id), entity);
        });
        batch.processed(here.length);
        batch.moveTo({ ...position, offset: end });
      });
    });
  }

  async function deleteListed(run: Run, { entity, query = [] }: DeleteInput): Promise<Outcome> {
    if (!positionOf(run).listed && (await list(run, entity, query)) === 'stopped') return 'stopped';
    const { parts } = positionOf(run);
    for (let part = positionOf(run).part; part < parts; part += 1) {
      const ids = await items.read(run.job.id, part);
      const start = positionOf(run);
      const outcome = await inBatches(run, start, ids.length, async (position, size) => {
        const end = Math.min(position.offset + size, ids.length);
        const here = ids.slice(position.offset, end);
        const next = end === ids.length ? { ...position, part: part + 1, offset: 0 } : { ...position, offset: end };
        await run.commit(async (batch) => {
          for (const removal of await remove(run, entity, here, batch)) {
            // A record that went away by itself since the list was made is not among the matches any more.
            if (removal.status !== 'missing') report(batch, removal.id, removal, entity);
          }
          batch.processed(here.length);
          batch.moveTo(next);
        });
      });
      if (outcome === 'stopped') return 'stopped';
    }
    run.log('INFO', 'Cleaning up');
    await run.commit((batch) => items.removeOf([run.job.id], batch.session));
    return 'finished';
  }

  /**
   * Fixes which records are meant. Interrupted, it begins anew, since nothing has been deleted by then; records that were made
   * after the first start stay out.
   */
  async function list(run: Run, entity: string, query: QueryPairs): Promise<Outcome> {
    const madeUntil = run.position === null ? null : run.job.started;
    await run.commit(async (batch) => {
      await items.removeOf([run.job.id], batch.session);
      batch.moveTo(START);
    });
    let waiting: Buffer[] = [];
    let count = 0;
    const store = async (listed: boolean): Promise<void> => {
      const packed = Buffer.concat(waiting);
      await run.commit(async (batch) => {
        const { parts, total } = positionOf(run);
        if (count > 0) await items.insert(run.job.id, parts, packed, batch.session);
        const all = total + count;
        batch.moveTo({ ...START, listed, parts: parts + (count > 0 ? 1 : 0), total: all });
        if (listed) batch.expect(all);
      });
      waiting = [];
      count = 0;
    };
    for await (const ids of records.idsToRemove(run.ctx, entity, query, { batch: LISTED_AT_ONCE, madeUntil })) {
      if (run.shouldStop()) return 'stopped';
      waiting.push(packIds(ids));
      count += ids.length;
      if (count >= PART) await store(false);
    }
    await store(true);
    return 'finished';
  }

  function remove(run: Run, entity: string, ids: readonly ObjectId[], { session }: Batch): Promise<Removal[]> {
    return records.removeMany(run.ctx, entity, ids, { session, print: false });
  }
}

function positionOf(run: Run): Position {
  return (run.position as Position | null) ?? START;
}

/** Goes through `length` units from the position on; stops between batches when it should. */
async function inBatches(
  run: Run,
  start: Position,
  length: number,
  work: (position: Position, size: number) => Promise<void>,
): Promise<Outcome> {
  let size = FIRST_BATCH;
  for (let position = start; position.offset < length && position.part === start.part; position = positionOf(run)) {
    if (run.shouldStop()) return 'stopped';
    const began = performance.now();
    await work(position, size);
    size =
      performance.now() - began > SLOW_MS ? Math.max(SMALLEST_BATCH, size >> 1) : Math.min(LARGEST_BATCH, size * 2);
  }
  return 'finished';
}

function report(batch: Batch, name: string, removal: Removal | undefined, entity: string): void {
  if (removal?.status === 'removed') batch.result(name, { status: 'ok' });
  else batch.result(name, { status: 'error', errorMessage: removal?.message ?? notThere(name, entity) });
}
