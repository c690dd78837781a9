// MongoDB and Redis of our own for one data folder: started by the first process that needs them, shared by those that
// come later, stopped by the last one. What a killed server left running is taken over.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, type DaemonRecipe, runDaemon, stopDaemon } from './daemon.ts';
import { claimDataDir } from './data-dir.ts';
import { withFileLock } from './file-lock.mjs';
import { type MongodSize, mongodRecipe, mongodUri } from './mongod.ts';
import { fetchMongod, findMongod } from './mongod-binary.mjs';
import { identify, isRunning, type ProcessId, readRecord, writeRecord } from './process-record.ts';
import { redisRecipe, redisUrl } from './redis.ts';
import { findRedis, installRedis } from './redis-binary.mjs';

/** For development and small installations; who needs more runs MongoDB as a service of its own. */
const DEFAULT_SIZE: MongodSize = { cacheGb: 1, oplogMb: 1024 };

/** Which services to run, and for which folder. */
export interface EmbeddedOptions {
  /** An absolute path. */
  dataDir: string;
  mongo: boolean;
  redis: boolean;
  size?: MongodSize;
}

/** Running services; `pids` for tests that kill them. */
export interface EmbeddedServices {
  mongodbUri?: string;
  redisUrl?: string;
  pids: { mongod?: number; redis?: number };
  /** Gives them up; stops them when no other process uses them. Doing it twice is fine. */
  release(): Promise<void>;
}

/**
 * Starts, takes over or shares the services of a data folder.
 * @throws {ConfigError} when the folder is not ours; {SetupError} when a program can't be had; Error when one does not start
 */
export async function acquireServices(options: EmbeddedOptions): Promise<EmbeddedServices> {
  const { dataDir } = options;
  claimDataDir(dataDir);
  const recipes = await chooseRecipes(options);
  const [mongod, redis] = await withFileLock(lockFile(dataDir), () => startAll(recipes, dataDir));
  const daemons = [redis, mongod].filter((daemon) => daemon !== undefined);
  let released: Promise<void> | undefined;
  return {
    ...(mongod ? { mongodbUri: mongodUri(mongod.port) } : {}),
    ...(redis ? { redisUrl: redisUrl(redis.port) } : {}),
    pids: { ...(mongod ? { mongod: mongod.process.pid } : {}), ...(redis ? { redis: redis.process.pid } : {}) },
    release: () => {
      released ??= release(dataDir, daemons);
      return released;
    },
  };
}

async function startAll(recipes: (DaemonRecipe | undefined)[], dataDir: string): Promise<(Daemon | undefined)[]> {
  register(dataDir);
  const outcomes = await Promise.allSettled(recipes.map(async (recipe) => recipe && runDaemon(recipe, dataDir)));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  const daemons = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined));
  if (failure === undefined) return daemons;
  await giveUp(
    dataDir,
    daemons.filter((daemon) => daemon !== undefined),
  );
  throw failure.reason;
}

async function chooseRecipes(options: EmbeddedOptions): Promise<[DaemonRecipe | undefined, DaemonRecipe | undefined]> {
  return [
    options.mongo ? mongodRecipe(await mongodBinary(), options.size ?? DEFAULT_SIZE) : undefined,
    options.redis ? redisRecipe(await redisBinary()) : undefined,
  ];
}

async function mongodBinary() {
  return (await findMongod(process.env)) ?? (await fetchMongod());
}

async function redisBinary() {
  if (findRedis() === undefined) await installRedis();
  return findRedis() ?? 'redis-server';
}

function release(dataDir: string, daemons: Daemon[]): Promise<void> {
  return withFileLock(lockFile(dataDir), () => giveUp(dataDir, daemons));
}

async function giveUp(dataDir: string, daemons: Daemon[]): Promise<void> {
  rmSync(join(usersDir(dataDir), String(process.pid)), { force: true });
  if (!hasUsers(dataDir)) await Promise.all(daemons.map(stopDaemon));
}

/** Writes down that this process uses the services. */
function register(dataDir: string): void {
  mkdirSync(usersDir(dataDir), { recursive: true });
  writeRecord(join(usersDir(dataDir), String(process.pid)), identify(process.pid));
}

/** Whether a living process uses them; forgets the dead ones. */
function hasUsers(dataDir: string): boolean {
  const names = existsSync(usersDir(dataDir)) ? readdirSync(usersDir(dataDir)) : [];
  const files = names.map((name) => join(usersDir(dataDir), name));
  const living = files.filter((file) => {
    const id = readRecord<ProcessId>(file);
    if (id && isRunning(id)) return true;
    rmSync(file, { force: true });
    return false;
  });
  return living.length > 0;
}

function usersDir(dataDir: string): string {
  return join(dataDir, 'in-use');
}

function lockFile(dataDir: string): string {
  return join(dataDir, 'services.lock');
}
