// A mongod and a redis-server for tests, in a temporary folder, started through the code that `npm start` uses.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireServices } from '../../src/embedded/services.ts';

/** Small in memory and on disk; the journal stays on, since crash tests rely on it. */
const SIZE = { cacheGb: 0.25, oplogMb: 256 };

/** Services that belong to the caller alone. */
export interface OwnServices {
  mongodbUri: string;
  redisUrl: string;
  dataDir: string;
  /** For tests that kill them. */
  pids: { mongod: number; redis: number };
  /** Brings back what was killed, at the same ports. */
  restart(): Promise<void>;
  /** Stops both and removes their data. */
  stop(): Promise<void>;
}

/** Starts both; whatever happens to this process, they end with it. */
export async function startOwnServices(): Promise<OwnServices> {
  const dataDir = mkdtempSync(join(tmpdir(), 'trebuchet-test-'));
  const start = () => acquireServices({ dataDir, mongo: true, redis: true, size: SIZE });
  let running = await start();
  const services: OwnServices = {
    mongodbUri: running.mongodbUri ?? '',
    redisUrl: running.redisUrl ?? '',
    dataDir,
    pids: { mongod: running.pids.mongod ?? 0, redis: running.pids.redis ?? 0 },
    restart: async () => {
      running = await start();
      services.pids = { mongod: running.pids.mongod ?? 0, redis: running.pids.redis ?? 0 };
      watch(dataDir, services.pids);
    },
    stop: async () => {
      await running.release();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  watch(dataDir, services.pids);
  return services;
}

/** Outlives this process, even a killed one, to end the services and remove their data. */
function watch(dataDir: string, pids: { mongod: number; redis: number }): void {
  const script =
    'while kill -0 "$1" 2>/dev/null && [ -d "$4" ]; do sleep 1; done; [ -d "$4" ] || exit 0; kill -9 "$2" "$3"; sleep 1; rm -rf "$4"';
  const args = ['-c', script, 'watch', String(process.pid), String(pids.mongod), String(pids.redis), dataDir];
  spawn('sh', args, { detached: true, stdio: 'ignore' }).unref();
}
