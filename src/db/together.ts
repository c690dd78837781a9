// Several writes, over several collections, that happen all together or not at all: one call to MongoDB inside a transaction.
import type { AnyClientBulkWriteModel, Db, Document } from 'mongodb';
import { guarded } from './errors.ts';
import { inTransaction, type Session } from './transaction.ts';

/** A write that belongs to another one: both happen, or neither. */
export type Companion = { readonly collection: string } & (
  | { readonly name: 'insertOne'; readonly document: Document }
  | { readonly name: 'updateMany'; readonly filter: Document; readonly update: Document }
  | { readonly name: 'deleteMany'; readonly filter: Document }
);

/** The write that the others belong to. */
export type MainWrite = { readonly collection: string } & (
  | { readonly name: 'insertOne'; readonly document: Document }
  | { readonly name: 'updateOne'; readonly filter: Document; readonly update: Document }
  | { readonly name: 'deleteOne' | 'deleteMany'; readonly filter: Document }
);

/** As long as a plain write waits for a primary; conflicts with other transactions are over much sooner. */
const PATIENCE_MS = 4_000;

/** Thrown to leave a transaction whose main write found nothing. */
class NothingFound extends Error {}

/**
 * Writes `main` and its companions.
 * @param session a transaction of the caller, which must not be committed when the answer is false; without one this makes its own
 * @returns whether the main write found what it is for; when not, nothing is written
 * @throws DuplicateKeyError when a unique index refuses one of them; AppError `applicationUnavailable`
 */
export async function writeTogether(
  db: Db,
  main: MainWrite,
  companions: readonly Companion[],
  session?: Session,
): Promise<boolean> {
  const models = [main, ...companions].map((write) => modelOf(db, write));
  if (session) return guarded(() => send(db, main, models, session));
  const own = db.client.startSession({ causalConsistency: false });
  const work = async (): Promise<void> => {
    if (!(await guarded(() => send(db, main, models, own)))) throw new NothingFound();
  };
  try {
    await inTransaction(own, work, PATIENCE_MS);
    return true;
  } catch (error) {
    if (error instanceof NothingFound) return false;
    throw error;
  } finally {
    await own.endSession();
  }
}

async function send(
  { client }: Db,
  { name }: MainWrite,
  models: readonly AnyClientBulkWriteModel<Document>[],
  session: Session,
): Promise<boolean> {
  // only the details tell the main write's matches from those of its companions
  const result = await client.bulkWrite(models, { session, verboseResults: name !== 'insertOne' });
  if (name === 'updateOne') return result.updateResults?.get(0)?.matchedCount === 1;
  if (name === 'deleteOne') return result.deleteResults?.get(0)?.deletedCount === 1;
  return true;
}

function modelOf(db: Db, { collection, ...write }: MainWrite | Companion): AnyClientBulkWriteModel<Document> {
  return { namespace: `${db.databaseName}.${collection}`, ...write };
}
