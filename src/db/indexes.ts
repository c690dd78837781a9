// Indexes of the record collections, made from the definitions at start. Start-up never drops one: the `indexes` command does.
import { type Db, type IndexDescription, MongoServerError } from 'mongodb';
import type { Logger } from 'pino';
import type { Definitions, EntityModel, IndexPlan } from '../definitions/model.ts';

/** Entities whose unique rules could not all be built as indexes, because stored records break them already. */
export type UnindexedEntities = ReadonlySet<string>;

/**
 * Builds every planned index that is missing. A unique index over existing duplicates is refused by MongoDB: the server starts
 * all the same, says so, and uniqueness is checked by reads at each save (spec entity-model §1.7).
 */
export async function ensureIndexes(db: Db, definitions: Definitions, log: Logger): Promise<UnindexedEntities> {
  const unindexed = new Set<string>();
  const targets = relationshipTargets(definitions);
  await Promise.all(
    [...definitions.entities.values()].map(async (entity) => {
      if (entity.abstract) return;
      const wanted = plannedIndexes(entity, targets.has(entity.name));
      for (const failed of await buildMissing(db, entity, wanted, log)) {
        if (failed.unique) unindexed.add(entity.name);
      }
    }),
  );
  return unindexed;
}

/** Names of indexes in the database that no definition asks for any more, by collection. */
export async function findUnusedIndexes(
  db: Db,
  definitions: Definitions,
): Promise<{ collection: string; name: string }[]> {
  const targets = relationshipTargets(definitions);
  const unused: { collection: string; name: string }[] = [];
  for (const entity of definitions.entities.values()) {
    if (entity.abstract) continue;
    const planned = new Set(plannedIndexes(entity, targets.has(entity.name)).map((index) => index.name));
    for (const name of await existingNames(db, entity.collection)) {
      // `system.`: made by the server for itself, not from definitions
      if (name !== '_id_' && !name.startsWith('system.') && !planned.has(name))
        unused.push({ collection: entity.collection, name });
    }
  }
  return unused;
}

/** Drops an index by name; used by the `indexes` command only. */
export async function dropIndex(db: Db, collection: string, name: string): Promise<void> {
  await db.collection(collection).dropIndex(name);
}

function relationshipTargets(definitions: Definitions): Set<string> {
  const targets = new Set<string>();
  for (const entity of definitions.entities.values()) {
    for (const field of entity.allFields) if (field.relationship) targets.add(field.relationship.entity);
  }
  return targets;
}

/** The planned indexes, and one on the label where other entities may name records by it. */
function plannedIndexes(entity: EntityModel, isTarget: boolean): IndexDescription[] {
  const planned = entity.indexes.map(describe);
  return isTarget ? [...planned, { name: 'label', key: { label: 1 } }] : planned;
}

function describe(plan: IndexPlan): IndexDescription {
  return {
    name: plan.name,
    key: Object.fromEntries(plan.keys),
    ...(plan.unique ? { unique: true } : {}),
    ...(plan.partialFilter ? { partialFilterExpression: { ...plan.partialFilter } } : {}),
  };
}

async function buildMissing(
  db: Db,
  entity: EntityModel,
  wanted: readonly IndexDescription[],
  log: Logger,
): Promise<IndexDescription[]> {
  const existing = await existingNames(db, entity.collection);
  const missing = wanted.filter((index) => !existing.has(index.name ?? ''));
  const failed: IndexDescription[] = [];
  for (const index of missing) {
    try {
      await db.collection(entity.collection).createIndexes([index]);
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error;
      failed.push(index);
      log.error({ err: error, entity: entity.name, index: index.name }, describeFailure(error, index));
    }
  }
  return failed;
}

const DUPLICATE_KEY = 11000;

function describeFailure(error: MongoServerError, index: IndexDescription): string {
  return error.code === DUPLICATE_KEY
    ? `unique index ${index.name} was not built, since stored records share values; each save checks them instead`
    : `index ${index.name} was not built`;
}

async function existingNames(db: Db, collection: string): Promise<Set<string>> {
  try {
    const indexes = await db.collection(collection).listIndexes().toArray();
    return new Set(indexes.map((index) => String(index.name)));
  } catch (error) {
    // A collection that does not exist yet has no indexes.
    if (error instanceof MongoServerError && error.codeName === 'NamespaceNotFound') return new Set();
    throw error;
  }
}
