// The composition root: builds every service of a process from its settings, and closes them in reverse order.
import type { Logger } from 'pino';
import type { AuthService } from './auth/service.ts';
import type { RunConfig } from './config.ts';
import { type Context, FULL_ACCESS, NO_ACCESS, type Principal } from './context.ts';
import { createCounts } from './db/counts.ts';
import { ensureIndexes } from './db/indexes.ts';
import { connectMongo, type MongoConnection } from './db/mongo.ts';
import type { PrimaryWatch } from './db/primary.ts';
import { connectRedis } from './db/redis.ts';
import { createAnnouncementStore } from './definitions/announcement-store.ts';
import type { Identities } from './definitions/identities.ts';
import type { LiveDefinitions } from './definitions/live.ts';
import type { LoadedDefinitions } from './definitions/load.ts';
import type { Definitions } from './definitions/model.ts';
import { keepCurrent, openDefinitions, readDefinitions } from './definitions/open.ts';
import { ensureStorageFormat, resolveIdentities } from './definitions/store.ts';
import { createSealer } from './fields/sealed.ts';
import { openFiles } from './files/build.ts';
import type { FileService } from './files/service.ts';
import { createShareStore } from './files/share-store.ts';
import { createFileStore } from './files/store.ts';
import { createHealth, type Health } from './health.ts';
import { createJobContexts } from './jobs/context.ts';
import type { DeleteService } from './jobs/deletes.ts';
import { createJobEngine } from './jobs/engine.ts';
import { createEngineStore } from './jobs/engine-store.ts';
import type { Runner } from './jobs/runner.ts';
import type { JobService } from './jobs/service.ts';
import { type Closers, createClosers } from './lifecycle.ts';
import { openLogs } from './logs/open.ts';
import { writeScriptLine } from './logs/script-line.ts';
import type { LogService } from './logs/service.ts';
import { createLogStore } from './logs/store.ts';
import { createMetrics, type Metrics } from './metrics/registry.ts';
import { type AuditService, createAuditService } from './records/audit/service.ts';
import { createAuditStore, ensureAuditIndexes } from './records/audit/store.ts';
import { createCounterStore } from './records/counters/store.ts';
import { type ResealProgress, resealEntity } from './records/reseal/store.ts';
import { createRecordService, type RecordService } from './records/service.ts';
import { createRecordStore } from './records/store.ts';
import { createTotals } from './records/totals.ts';
import { createScriptPool } from './scripts/pool.ts';
import { openAccounts } from './users/accounts.ts';
import type { UserService } from './users/service.ts';

export interface Services {
  readonly config: RunConfig;
  readonly log: Logger;
  /** The definitions in force; a request asks once and works with what it got. */
  readonly definitions: () => Definitions;
  /** Reads the definitions again and puts them in force: here at once, in the other processes within seconds. */
  readonly reload: LiveDefinitions['reload'];
  readonly records: RecordService;
  readonly audit: AuditService;
  /** The app's log, for developers of the app; that of the process is `log`. */
  readonly logs: LogService;
  readonly files: FileService;
  readonly auth: AuthService;
  readonly users: UserService;
  /** What a person with these groups may do. */
  readonly accessOf: (principal: Principal) => Context['accessTo'];
  readonly jobs: JobService;
  readonly deletes: DeleteService;
  readonly health: Health;
  /** Null without METRICS_PORT. */
  readonly metrics: Metrics | null;
  readonly database: Pick<PrimaryWatch, 'outage'>;
  /** Begins to run jobs in this process; whoever calls it stops the runner before the services close. */
  startRunner(): Promise<Runner>;
  /** Moves all sensitive values to the current encryption key; what happened, entity by entity. */
  reencrypt(): Promise<ResealProgress[]>;
  /** Closes what this process has opened, the last first. */
  close(): Promise<void>;
}

/**
 * Connects, loads the definitions, makes their indexes, and wires everything.
 * @throws {StartError} when MongoDB or Redis can't be had or are of no use
 * @throws {DefinitionsError} with every mistake of the definitions
 */
export async function createServices(config: RunConfig, log: Logger): Promise<Services> {
  const closers = createClosers(log);
  try {
    return await openServices(config, log, closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function openServices(config: RunConfig, log: Logger, closers: Closers): Promise<Services> {
  const metrics = config.metricsPort === undefined ? null : createMetrics();
  // What fails first is reported; the others must not count as rejections that nobody heard of.
  const [loaded, mongo, redis] = await settleAll(
    readDefinitions(config),
    openMongo(config, log, closers, metrics),
    openRedis(config, log, closers),
  );
  const { db } = mongo;
  await ensureStorageFormat(db);
  const counts = createCounts({ ...mongo, queryTimeoutMs: config.queryTimeoutMs, log });
  await closers.add('the counts', counts.close);
  const logs = await openLogs({ store: createLogStore(db, { ...config, counts }), config, log });
  await closers.add('the app log', logs.close);
  const unindexed = new Set<string>();
  /** What new definitions need before they are in force, and who has to know when they are. */
  const prepare = async (next: Definitions) => {
    const [found] = await Promise.all([ensureIndexes(db, next, log), ensureAuditIndexes(db, next)]);
    const changeScripts = next === definitions ? null : await pool.stage(next);
    return () => {
      unindexed.clear();
      for (const name of config.encryptionKeyOld ? withSealedUnique(found, next) : found) unindexed.add(name);
      changeScripts?.();
    };
  };
  const announcements = createAnnouncementStore(db);
  const identitiesOf = (found: LoadedDefinitions): Promise<Identities> => resolveIdentities(db, found);
  const live = await openDefinitions(loaded, { announcements, identitiesOf, config, log, prepare });
  const { current } = live;
  const definitions = current();

  const pool = createScriptPool({
    scripts: definitions.scripts,
    entities: definitions.entities,
    hosts: config.scriptHosts,
    memoryMb: config.scriptMemoryMb,
    hookTimeoutMs: config.hookTimeoutMs,
    scriptTimeoutMs: config.scriptTimeoutMs,
    log,
    onLog: (ctx, line) => writeScriptLine(logs.service, ctx, line),
  });
  await closers.add('the script hosts', () => pool.close());
  const [indexed, accounts] = await Promise.all([
    prepare(definitions),
    openAccounts({ db, config, groups: () => current().groups, log }),
    pool.ready(),
  ]);
  indexed();
  await closers.add('the accounts', accounts.close);
  announceAdministrator(accounts.administrator, log);

  const sealer = createSealer({ key: config.encryptionKey, oldKey: config.encryptionKeyOld ?? null });
  const store = createRecordStore(db, sealer, config);
  const jobStore = createEngineStore(mongo.client, db, config);
  const fileParts = await openFiles({
    store: createFileStore(db),
    shares: createShareStore(db),
    records: store,
    liveJobs: jobStore.jobs.live,
    definitions: current,
    config,
    log,
  });
  const records = createRecordService({
    definitions: current,
    store,
    files: fileParts.ofRecords,
    sessions: jobStore.sessions,
    counters: createCounterStore(db),
    hooks: pool.hooks,
    appLog: logs.service,
    sealer,
    totals: createTotals(store, counts),
    unindexed,
    now: Date.now,
    timezone: config.timezone,
  });
  const engine = await createJobEngine({
    config,
    store: jobStore,
    redis,
    records,
    contextFor: createJobContexts({
      activePrincipal: accounts.activePrincipal,
      accessOf,
      log,
      zone: config.timezone,
    }),
    log,
    ...(metrics && { onDone: ({ type, queue }, done) => metrics.jobs.done({ type, queue, ...done }) }),
  });
  await closers.add('the job engine', engine.close);
  metrics?.watch({
    jobDepths: jobStore.jobs.depths,
    scripts: pool.stats,
    definitions: () => current().hash,
  });
  const audit = createAuditService({
    definitions: current,
    store,
    entries: createAuditStore(db, { ...config, sealer, counts }),
  });
  const files = fileParts.serve(records);
  await closers.add('the sweep of files', fileParts.startSweep(files).close);
  const health = createHealth([
    { name: 'mongodb', essential: true, check: () => isPrimaryThere(mongo) },
    { name: 'redis', essential: false, check: () => redis.isReady() },
    { name: 'workers', essential: false, check: engine.hasWorkers },
  ]);
  await closers.add('the look at new definitions', await keepCurrent(live, { announcements, config, log }));
  const { auth, users } = accounts;
  const reencrypt = async (): Promise<ResealProgress[]> => {
    const progress: ResealProgress[] = [];
    for (const entity of current().entities.values()) {
      if (!entity.abstract && entity.has.sensitive) progress.push(await resealEntity(db, entity, sealer));
    }
    return progress;
  };
  return {
    config,
    log,
    definitions: current,
    reload: live.reload,
    records,
    audit,
    logs: logs.service,
    files,
    auth,
    users,
    accessOf,
    jobs: engine.jobs,
    deletes: engine.deletes,
    startRunner: engine.startRunner,
    health,
    metrics,
    database: mongo.primary,
    reencrypt,
    close: closers.closeAll,
  };
}

/** What people may do: as yet developers and system users everything, others nothing. */
function accessOf({ developer, system }: Principal): Context['accessTo'] {
  const access = developer || system ? FULL_ACCESS : NO_ACCESS;
  return () => access;
}

/** While values are sealed with two keys, equal ones have two hashes: the index can't tell, so saves look themselves. */
function withSealedUnique(unindexed: ReadonlySet<string>, { entities }: Definitions): ReadonlySet<string> {
  const sealed = [...entities.values()].filter(({ allFields }) =>
    allFields.some((field) => field.unique && field.sensitive),
  );
  return new Set([...unindexed, ...sealed.map(({ name }) => name)]);
}

async function openMongo(
  config: RunConfig,
  log: Logger,
  closers: Closers,
  metrics: Metrics | null,
): Promise<MongoConnection> {
  const mongo = await connectMongo(config, log, metrics?.observeMongo);
  await closers.add('the connection to MongoDB', mongo.close);
  return mongo;
}

async function openRedis(config: RunConfig, log: Logger, closers: Closers) {
  const redis = await connectRedis(config, log);
  await closers.add('the connections to Redis', redis.close);
  return redis;
}

async function isPrimaryThere({ db }: MongoConnection): Promise<boolean> {
  const { isWritablePrimary, msg } = await db.admin().command({ hello: 1 });
  return isWritablePrimary === true || msg === 'isdbgrid';
}

/** The password exists nowhere else, so it goes to the terminal, never into the log. */
function announceAdministrator(administrator: { email: string; password: string | null } | null, log: Logger): void {
  if (!administrator) return;
  log.info({ email: administrator.email }, 'created the administrator');
  if (administrator.password === null) return;
  process.stderr.write(
    `\n  Administrator  ${administrator.email}\n  Password       ${administrator.password}   (shown only this once)\n\n`,
  );
}

/** Like `Promise.all`, but waits for all before it fails, so that what was opened meanwhile is known and closed. */
async function settleAll<T extends readonly unknown[]>(
  ...promises: { readonly [K in keyof T]: Promise<T[K]> }
): Promise<T> {
  const outcomes = await Promise.allSettled(promises);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
