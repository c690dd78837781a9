// Does MongoDB take writes at this moment?
import type { MongoClient } from 'mongodb';

const PATIENCE_MS = 1_500;

/** True when the set has a primary that answers; never throws away more than {@link PATIENCE_MS}. */
export async function hasPrimary(client: MongoClient): Promise<boolean> {
  const hello = await client.db('admin').command({ hello: 1 }, { timeoutMS: PATIENCE_MS, readPreference: 'primary' });
  return hello.isWritablePrimary === true;
}
