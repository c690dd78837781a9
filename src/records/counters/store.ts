// Counters that hand out numbers and ranks, one document each: atomic across processes, with gaps after failed creates.
import type { Db } from 'mongodb';
import { DuplicateKeyError, guarded } from '../../db/errors.ts';
import type { EntityModel, Field } from '../../definitions/model.ts';
import { nextRank } from '../../fields/rank.ts';
import { createKeyedMutex } from '../mutex.ts';

interface Counter {
  readonly _id: string;
  readonly value?: number;
  readonly rank?: string;
}

export interface CounterStore {
  /** One more than the last number given, at least `minValue` (spec field-types §4.17). */
  nextNumber(entity: EntityModel, field: Field): Promise<number>;
  /** The rank after the highest one, stored or given to another writer meanwhile (spec field-types §4.33). */
  nextRank(entity: EntityModel, field: Field): Promise<string>;
}

export function createCounterStore(db: Db): CounterStore {
  const counters = db.collection<Counter>('counters');
  const mutex = createKeyedMutex();
  /** The last rank that this process gave: where no other process gave one meanwhile, it need not be read again. */
  const lastRank = new Map<string, string>();
  const idOf = (entity: EntityModel, field: Field): string => `${entity.name}:${field.path}`;

  return {
    async nextNumber(entity, field) {
      const value = { $max: [{ $add: [{ $ifNull: ['$value', 0] }, 1] }, field.type.sequenceFrom?.(field) ?? 1] };
      const update = [{ $set: { value } }];
      const counter = await retryRace(() =>
        counters.findOneAndUpdate({ _id: idOf(entity, field) }, update, { upsert: true, returnDocument: 'after' }),
      );
      return Number(counter?.value);
    },

    async nextRank(entity, field) {
      const path = field.storagePath;
      const highest = await guarded(() =>
        db
          .collection(entity.collection)
          .find({ [path]: { $type: 'string' } }, { projection: { [path]: 1 } })
          .sort({ [path]: -1 })
          .limit(1)
          .toArray(),
      );
      const stored = highest[0]?.data?.[field.name];
      const id = idOf(entity, field);
      return mutex(id, () => reserve(id, typeof stored === 'string' ? stored : null));
    },
  };

  async function reserve(_id: string, stored: string | null): Promise<string> {
    for (
      let given = lastRank.get(_id) ?? null;
      ;
      given = (await guarded(() => counters.findOne({ _id })))?.rank ?? null
    ) {
      const last = given !== null && (stored === null || given > stored) ? given : stored;
      const next = nextRank(last);
      if (!(await replaceRank(_id, given, next))) continue;
      lastRank.set(_id, next);
      return next;
    }
  }

  /** Compare and set: whoever loses reads the winner's rank and goes past it. */
  async function replaceRank(_id: string, given: string | null, next: string): Promise<boolean> {
    const isFirst = given === null;
    const filter = isFirst ? { _id, rank: { $exists: false } } : { _id, rank: given };
    try {
      const result = await guarded(() => counters.updateOne(filter, { $set: { rank: next } }, { upsert: isFirst }));
      return result.matchedCount + result.upsertedCount === 1;
    } catch (error) {
      // another first one was faster
      if (error instanceof DuplicateKeyError) return false;
      throw error;
    }
  }
}

/** Two first users of one counter may both try to insert it; the loser's second try finds it. */
async function retryRace<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await guarded(operation);
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error;
    return guarded(operation);
  }
}
