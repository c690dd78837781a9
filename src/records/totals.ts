// The `total` of lists: exact, but as cheap as it can be.
import { LRUCache } from 'lru-cache';
import type { Counts } from '../db/counts.ts';
import type { EntityModel } from '../definitions/model.ts';
import type { Predicate } from '../query/predicate.ts';
import type { RecordStore } from './store.ts';

export interface Totals {
  /**
   * Number of records that match.
   * @param following the page continues another one: a total of the same query may be up to {@link REUSE_MS} old
   */
  count(entity: EntityModel, filter: Predicate, following: boolean): Promise<number>;
}

/** A client that walks through pages gets the total of its first page again for so long. */
const REUSE_MS = 2000;
const REMEMBERED = 1000;

/** @param counts of whole collections; without them these are counted like everything else */
export function createTotals(store: Pick<RecordStore, 'count'>, counts?: Pick<Counts, 'all'>): Totals {
  const known = new LRUCache<string, number>({ max: REMEMBERED, ttl: REUSE_MS });
  return {
    count: async (entity, filter, following) => {
      if (filter.kind === 'all' && counts) return counts.all(entity.collection);
      // The reader's rule is part of the filter, so no total passes from one reader to another with other rights.
      const key = `${entity.name} ${JSON.stringify(filter)}`;
      const before = following ? known.get(key) : undefined;
      if (before !== undefined) return before;
      const total = await store.count(entity, filter);
      known.set(key, total);
      return total;
    },
  };
}
