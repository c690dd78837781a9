// The collections of audit entries: their indexes, and pages of them. Entries are written with the records (see records/store.ts).
import type { Collection, Db, Document, Filter, ObjectId } from 'mongodb';
import type { Counts } from '../../db/counts.ts';
import { guarded } from '../../db/errors.ts';
import type { Definitions, EntityModel } from '../../definitions/model.ts';
import type { Sealer } from '../../fields/sealed.ts';
import type { Predicate } from '../../query/predicate.ts';
import { toMongo } from '../../query/to-mongo.ts';
import { type AuditDocument, auditCollection } from './entry.ts';
import type { AuditEventType } from './events.ts';

/** Which entries are meant. */
export interface AuditQuery {
  /** Null: of all records of the entity. */
  readonly record: ObjectId | null;
  readonly events: readonly AuditEventType[] | null;
  readonly timestamp: { readonly $gte?: Date; readonly $lte?: Date } | null;
  /** Only of records that exist and pass; null: of deleted ones too. */
  readonly live: Predicate | null;
}

export interface AuditPage {
  readonly after: { readonly timestamp: Date; readonly id: ObjectId } | null;
  readonly skip: number;
  readonly limit: number;
}

export type AuditStore = ReturnType<typeof createAuditStore>;

const NEWEST_FIRST = { timestamp: -1, _id: -1 } as const;

/** Both listings are ranges of an index, and what expires is found by the database itself. */
const INDEXES = [
  { name: 'record', key: { record: 1, timestamp: -1, _id: -1 } },
  { name: 'entity', key: { timestamp: -1, _id: -1, event: 1 } },
  {
    name: 'expiry',
    key: { expireAt: 1 },
    expireAfterSeconds: 0,
    partialFilterExpression: { expireAt: { $exists: true } },
  },
];

/** Makes collections and indexes for every entity that has an audit log. */
export async function ensureAuditIndexes(db: Db, { entities }: Pick<Definitions, 'entities'>): Promise<void> {
  const audited = [...entities.values()].filter(({ audit, abstract }) => audit !== null && !abstract);
  await Promise.all(
    audited.map((entity) => guarded(() => db.collection(auditCollection(entity)).createIndexes(INDEXES))),
  );
}

export interface AuditStoreDeps {
  readonly sealer: Sealer;
  readonly counts: Pick<Counts, 'all'>;
  readonly queryTimeoutMs: number;
}

export function createAuditStore(db: Db, { sealer, counts, queryTimeoutMs }: AuditStoreDeps) {
  const maxTimeMS = queryTimeoutMs;
  const of = (entity: EntityModel): Collection<AuditDocument> => db.collection(auditCollection(entity));

  /** Stages that keep the entries whose records pass. */
  const liveOnly = (entity: EntityModel, live: Predicate, record: string): Document[] => [
    {
      $lookup: {
        from: entity.collection,
        localField: record,
        foreignField: '_id',
        pipeline: [{ $match: toMongo(live, { entity, sealer }) }, { $project: { _id: 1 } }],
        as: 'live',
      },
    },
    { $match: { live: { $ne: [] } } },
    { $project: { live: 0 } },
  ];

  return {
    /** Newest first. */
    page(entity: EntityModel, query: AuditQuery, { after, skip, limit }: AuditPage): Promise<AuditDocument[]> {
      const filter: Filter<AuditDocument> = after ? { $and: [filterOf(query), following(after)] } : filterOf(query);
      if (query.live === null) {
        return guarded(() =>
          of(entity).find(filter, { maxTimeMS }).sort(NEWEST_FIRST).skip(skip).limit(limit).toArray(),
        );
      }
      const pipeline = [
        { $match: filter },
        { $sort: NEWEST_FIRST },
        ...liveOnly(entity, query.live, 'record'),
        { $skip: skip },
        { $limit: limit },
      ];
      return guarded(() => of(entity).aggregate<AuditDocument>(pipeline, { maxTimeMS }).toArray());
    },

    async count(entity: EntityModel, query: AuditQuery): Promise<number> {
      const filter = filterOf(query);
      if (query.live !== null) return countLive(entity, filter, query.live);
      if (Object.keys(filter).length === 0) return counts.all(auditCollection(entity));
      return guarded(() => of(entity).countDocuments(filter, { maxTimeMS }));
    },

    /** When an entry was made; null when it is gone. */
    async timeOf(entity: EntityModel, id: ObjectId): Promise<Date | null> {
      const projection = { timestamp: 1 };
      return (await guarded(() => of(entity).findOne({ _id: id }, { projection, maxTimeMS })))?.timestamp ?? null;
    },
  };

  /** Each record is looked at once, however many entries it has. */
  async function countLive(entity: EntityModel, filter: Filter<AuditDocument>, live: Predicate): Promise<number> {
    const pipeline = [
      { $match: filter },
      { $group: { _id: '$record', entries: { $sum: 1 } } },
      ...liveOnly(entity, live, '_id'),
      { $group: { _id: null, total: { $sum: '$entries' } } },
    ];
    const [row] = await guarded(() => of(entity).aggregate<{ total: number }>(pipeline, { maxTimeMS }).toArray());
    return row?.total ?? 0;
  }
}

function filterOf({ record, events, timestamp }: AuditQuery): Filter<AuditDocument> {
  return {
    ...(record !== null && { record }),
    ...(events !== null && { event: { $in: [...events] } }),
    ...(timestamp !== null && { timestamp }),
  };
}

function following({ timestamp, id }: { readonly timestamp: Date; readonly id: ObjectId }): Filter<AuditDocument> {
  return { $or: [{ timestamp: { $lt: timestamp } }, { timestamp, _id: { $lt: id } }] };
}
