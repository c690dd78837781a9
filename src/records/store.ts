// The only file that touches record collections: versioned writes, reads, lookups. Sensitive values are sealed on the way in and
// unsealed on the way out, so everything above works on clear documents.
import type { Collection, Db, Document, Filter, FindOptions, ObjectId, Sort } from 'mongodb';
import { DuplicateKeyError, guarded } from '../db/errors.ts';
import { withinSize } from '../db/size.ts';
import { type Companion, type MainWrite, writeTogether } from '../db/together.ts';
import type { Session } from '../db/transaction.ts';
import type { EntityModel, StoredRecord } from '../definitions/model.ts';
import type { Sealer } from '../fields/sealed.ts';
import type { Predicate } from '../query/predicate.ts';
import { toMongo } from '../query/to-mongo.ts';
import { sealRecord, unsealRecord } from './sealing.ts';
import { findTaken, type UniqueKey } from './unique-store.ts';

/** What a save needs from one target entity of its references. */
export interface TargetQuery {
  readonly ids: readonly ObjectId[];
  readonly labels: readonly string[];
  /** Stored values of lookup fields. */
  readonly values: readonly { readonly path: string; readonly value: unknown }[];
  /** Storage paths to fetch besides id and label. */
  readonly copied: readonly string[];
  /** The caller's read rule: labels and lookup values of other records find nothing. */
  readonly access: Predicate | null | false;
}

export interface PageQuery {
  readonly filter: Predicate;
  /** Null: nearest first, the order of a `near` test in the filter. */
  readonly sort: Sort | null;
  readonly skip: number;
  readonly limit: number;
  readonly projection: Document | null;
}

/** How a record is written. */
export interface WriteOptions {
  /** A transaction of the caller, which must be left without a commit when the write answers false. */
  readonly session?: Session | undefined;
  /** What happens together with the write or not at all; without any it is one plain call. */
  readonly companions?: readonly Companion[];
}

export type RecordStore = ReturnType<typeof createRecordStore>;

/**
 * The store of all record collections of one database.
 * @param limits `queryTimeoutMs`: `maxTimeMS` of every query; past it the caller gets `timeout`
 */
export function createRecordStore(db: Db, sealer: Sealer, limits: { readonly queryTimeoutMs: number }) {
  const collections = new Map<string, Collection<StoredRecord>>();
  const of = (entity: EntityModel): Collection<StoredRecord> => {
    let collection = collections.get(entity.collection);
    if (!collection) {
      collection = db.collection<StoredRecord>(entity.collection);
      collections.set(entity.collection, collection);
    }
    return collection;
  };
  const options = (entity: EntityModel, extra: FindOptions = {}): FindOptions => ({
    maxTimeMS: limits.queryTimeoutMs,
    // System entities keep secrets beside `data` that no record read may fetch.
    ...(entity.kind === 'system' ? { projection: { auth: 0 } } : {}),
    ...extra,
  });
  const filterOf = (entity: EntityModel, predicate: Predicate): Filter<StoredRecord> =>
    toMongo(predicate, { entity, sealer }) as Filter<StoredRecord>;
  const clear = (entity: EntityModel, record: StoredRecord): StoredRecord =>
    entity.has.sensitive ? unsealRecord(entity, record, sealer) : record;
  const sealed = (entity: EntityModel, record: StoredRecord): StoredRecord =>
    entity.has.sensitive ? sealRecord(entity, record, sealer) : record;
  const together = (main: MainWrite, { companions = [], session }: WriteOptions): Promise<boolean> =>
    writeTogether(db, main, companions, session);

  return {
    /** One record by id, or null. */
    async findById(entity: EntityModel, id: ObjectId): Promise<StoredRecord | null> {
      const record = await guarded(() => of(entity).findOne({ _id: id } as Filter<StoredRecord>, options(entity)));
      return record && clear(entity, record as StoredRecord);
    },

    /** Records by id, in no promised order; ids that do not exist are left out. */
    async findByIds(entity: EntityModel, ids: readonly ObjectId[]): Promise<StoredRecord[]> {
      const filter = { _id: { $in: [...ids] } } as Filter<StoredRecord>;
      const found = await guarded(() =>
        of(entity)
          .find(filter, options(entity, oneBatch(ids.length)))
          .toArray(),
      );
      return (found as StoredRecord[]).map((record) => clear(entity, record));
    },

    /** Up to `limit` records that match, in no promised order. */
    async find(entity: EntityModel, predicate: Predicate, limit: number): Promise<StoredRecord[]> {
      const found = await guarded(() =>
        of(entity).find(filterOf(entity, predicate), options(entity)).limit(limit).toArray(),
      );
      return (found as StoredRecord[]).map((record) => clear(entity, record));
    },

    /** One page of a list. */
    async page(entity: EntityModel, query: PageQuery): Promise<StoredRecord[]> {
      const extra = { ...oneBatch(query.limit), ...(query.projection ? { projection: query.projection } : {}) };
      const near = query.sort === null ? 'order' : 'within';
      const filter = toMongo(query.filter, { entity, sealer, near }) as Filter<StoredRecord>;
      const cursor = of(entity).find(filter, options(entity, extra));
      if (query.sort) cursor.sort(query.sort);
      const found = await guarded(() => cursor.skip(query.skip).limit(query.limit).toArray());
      return (found as StoredRecord[]).map((record) => clear(entity, record));
    },

    /** Is there a record that matches? */
    async exists(entity: EntityModel, predicate: Predicate): Promise<boolean> {
      const only = options(entity, { projection: { _id: 1 } });
      return (await guarded(() => of(entity).findOne(filterOf(entity, predicate), only))) !== null;
    },

    /** Exact number of matches. */
    async count(entity: EntityModel, predicate: Predicate): Promise<number> {
      if (predicate.kind === 'none') return 0;
      const maxTimeMS = limits.queryTimeoutMs;
      return guarded(() => of(entity).countDocuments(filterOf(entity, predicate), { maxTimeMS }));
    },

    /** Rows of a checked pipeline. */
    async aggregate(entity: EntityModel, pipeline: readonly Document[]): Promise<Document[]> {
      const maxTimeMS = limits.queryTimeoutMs;
      return guarded(() =>
        of(entity)
          .aggregate([...pipeline], { maxTimeMS })
          .toArray(),
      );
    },

    /**
     * Stores a new record.
     * @throws DuplicateKeyError when a unique index refuses; never when the refusal is only the echo of an insert of this very
     *   record that did happen although its reply got lost
     */
    async insert(entity: EntityModel, record: StoredRecord, options: WriteOptions = {}): Promise<void> {
      const document = sealed(entity, record);
      try {
        await withinSize(document, async () => {
          if (isAlone(options)) await guarded(() => of(entity).insertOne(document as never, within(options)));
          else await together({ collection: entity.collection, name: 'insertOne', document }, options);
        });
      } catch (error) {
        if (!(error instanceof DuplicateKeyError)) throw error;
        const mine = await guarded(() =>
          of(entity).findOne({ _id: record._id } as Filter<StoredRecord>, { projection: { _id: 1 } }),
        );
        if (!mine) throw error;
      }
    },

    /** Stores the next state of a record if its version is still `expected`; false when somebody was faster or it is gone. */
    async replace(
      entity: EntityModel,
      record: StoredRecord,
      expected: number,
      options: WriteOptions = {},
    ): Promise<boolean> {
      const { _id, ...rest } = sealed(entity, record);
      const update: Document = rest.keys || !entity.has.unique ? { $set: rest } : { $set: rest, $unset: { keys: '' } };
      const filter = { _id, version: expected } as Filter<StoredRecord>;
      return withinSize(rest, async () => {
        if (!isAlone(options)) {
          return together({ collection: entity.collection, name: 'updateOne', filter, update }, options);
        }
        const result = await guarded(() => of(entity).updateOne(filter, update, within(options)));
        return result.matchedCount === 1;
      });
    },

    /** Deletes a record if its version is still `expected`; false when somebody was faster. */
    async remove(entity: EntityModel, id: ObjectId, expected: number, options: WriteOptions = {}): Promise<boolean> {
      const filter = { _id: id, version: expected } as Filter<StoredRecord>;
      if (!isAlone(options)) return together({ collection: entity.collection, name: 'deleteOne', filter }, options);
      const result = await guarded(() => of(entity).deleteOne(filter, within(options)));
      return result.deletedCount === 1;
    },

    // Deleting many, inside a transaction of the caller.

    /** Records by id as the transaction sees them; without `whole` only their ids are worth something. */
    async readForRemoval(
      entity: EntityModel,
      ids: readonly ObjectId[],
      whole: boolean,
      session: Session,
    ): Promise<StoredRecord[]> {
      const filter = { _id: { $in: [...ids] } } as Filter<StoredRecord>;
      const extra: FindOptions = whole ? { session } : { session, projection: { _id: 1 } };
      const found = (await guarded(() => of(entity).find(filter, options(entity, extra)).toArray())) as StoredRecord[];
      return whole ? found.map((record) => clear(entity, record)) : found;
    },

    /** Deletes records that this transaction has read, and writes what belongs to that. */
    async removeAll(
      entity: EntityModel,
      ids: readonly ObjectId[],
      companions: readonly Companion[],
      session: Session,
    ): Promise<void> {
      if (ids.length === 0) return;
      const filter = { _id: { $in: [...ids] } } as Filter<StoredRecord>;
      if (companions.length > 0) {
        await together({ collection: entity.collection, name: 'deleteMany', filter }, { session, companions });
      } else await guarded(() => of(entity).deleteMany(filter, { session }));
    },

    /**
     * Ids of all matches, a batch at a time, as the database finds them: no time limit holds for the whole.
     * @param limit null: all
     * @param sort null: in no promised order
     */
    async *streamIds(
      entity: EntityModel,
      predicate: Predicate,
      page: { readonly limit: number | null; readonly sort: Sort | null },
      batch: number,
    ): AsyncGenerator<ObjectId[]> {
      const cursor = of(entity).find(filterOf(entity, predicate), { projection: { _id: 1 }, batchSize: batch });
      if (page.sort) cursor.sort(page.sort);
      if (page.limit !== null) cursor.limit(page.limit);
      try {
        while (await guarded(() => cursor.hasNext())) yield cursor.readBufferedDocuments(batch).map(({ _id }) => _id);
      } finally {
        await cursor.close();
      }
    },

    /** The targets of a save's references, in one query. */
    async findTargets(entity: EntityModel, query: TargetQuery): Promise<StoredRecord[]> {
      const byName = [
        ...(query.labels.length ? [{ label: { $in: [...query.labels] } }] : []),
        ...query.values.map(({ path, value }) => toMongo({ kind: 'in', path, values: [value] }, { entity, sealer })),
      ];
      const rule =
        query.access === null ? {} : query.access === false ? { _id: { $in: [] } } : filterOf(entity, query.access);
      const either: Document[] = query.ids.length ? [{ _id: { $in: [...query.ids] } }] : [];
      if (byName.length) either.push({ $and: [{ $or: byName }, rule] });
      if (either.length === 0) return [];
      const needed = query.access ? {} : { projection: targetProjection(query.copied) };
      const filter = (either.length === 1 ? either[0] : { $or: either }) as Filter<StoredRecord>;
      // A label that thousands of records share must not be read whole: two of each are enough to call it ambiguous.
      const limit = query.ids.length + byName.length * 50 + query.labels.length * 50;
      const found = await guarded(() => of(entity).find(filter, options(entity, needed)).limit(limit).toArray());
      const records = found.length < limit ? found : await findEach(entity, query, byName, rule, needed);
      return (records as StoredRecord[]).map((record) => clear(entity, record));
    },

    /** For each value, whether another record than `id` holds it. */
    findTaken: (entity: EntityModel, id: ObjectId, values: readonly UniqueKey[]): Promise<boolean[]> =>
      findTaken(of(entity), sealer, id, values),
  };

  async function findEach(
    entity: EntityModel,
    query: TargetQuery,
    byName: readonly Document[],
    rule: Document,
    needed: FindOptions,
  ): Promise<StoredRecord[]> {
    const labels = query.labels.map((label) => ({ label }));
    const others = byName.filter((filter) => !('label' in filter));
    const parts: [Document, number][] = [...labels, ...others].map((filter) => [{ $and: [filter, rule] }, 2]);
    if (query.ids.length) parts.push([{ _id: { $in: [...query.ids] } }, query.ids.length]);
    const found = await Promise.all(
      parts.map(([filter, limit]) =>
        guarded(() =>
          of(entity)
            .find(filter as Filter<StoredRecord>, options(entity, needed))
            .limit(limit)
            .toArray(),
        ),
      ),
    );
    return found.flat() as StoredRecord[];
  }
}

/**
 * All in the first answer, with room for one more so that the server knows that it is the last. Its own first batches have 101
 * documents, and the rest can't be asked for again when a reply is lost.
 */
const oneBatch = (most: number): FindOptions => ({ batchSize: most + 1 });

const isAlone = ({ companions }: WriteOptions): boolean => companions === undefined || companions.length === 0;
const within = ({ session }: WriteOptions): { session?: Session } => (session ? { session } : {});

function targetProjection(copied: readonly string[]): Document {
  const projection: Document = { version: 1, label: 1, __label_lower_case__: 1 };
  for (const path of copied) projection[path] = 1;
  if (copied.length === 0) projection.data = { $literal: {} };
  return projection;
}
