// All that the job engine keeps in one database.
import type { Db, MongoClient } from 'mongodb';
import { createSessions, type Sessions } from '../db/transaction.ts';
import { createItemStore, type ItemStore } from './item-store.ts';
import { createLogStore, type LogStore } from './log-store.ts';
import { createResultStore, type ResultStore } from './result-store.ts';
import { createRunStore, type RunStore } from './run-store.ts';
import { createJobStore, type JobStore } from './store.ts';
import { createWorkerStore, type WorkerStore } from './worker-store.ts';

export interface EngineStore {
  readonly jobs: JobStore;
  readonly runs: RunStore;
  readonly logs: LogStore;
  readonly results: ResultStore;
  readonly items: ItemStore;
  readonly workers: WorkerStore;
  readonly sessions: Sessions;
  ensureIndexes(): Promise<void>;
}

/** @param limits `queryTimeoutMs`: how long one list may take in MongoDB */
export function createEngineStore(
  client: MongoClient,
  db: Db,
  limits: { readonly queryTimeoutMs: number },
): EngineStore {
  const jobs = createJobStore(db, limits);
  const logs = createLogStore(db, limits);
  const results = createResultStore(db);
  const items = createItemStore(db);
  return {
    jobs,
    runs: createRunStore(client, db),
    logs,
    results,
    items,
    workers: createWorkerStore(db),
    sessions: createSessions(client),
    ensureIndexes: async () => {
      await Promise.all([jobs, logs, results, items].map((store) => store.ensureIndexes()));
    },
  };
}
