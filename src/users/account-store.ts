// The collections about people, prepared together.
import type { Db } from 'mongodb';
import { createFailureStore, createSessionStore, type FailureStore, type SessionStore } from '../auth/store.ts';
import { createUserStore, type UserStore } from './store.ts';

export interface AccountStores {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly failures: FailureStore;
}

/** Opens the stores once their indexes exist. */
export async function openAccountStores(db: Db): Promise<AccountStores> {
  const stores = {
    users: createUserStore(db),
    sessions: createSessionStore(db),
    failures: createFailureStore(db),
  };
  await Promise.all(Object.values(stores).map((store) => store.ensureIndexes()));
  return stores;
}
