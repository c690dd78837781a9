// Our own mongod: a replica set of one node on a loopback port.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { becomePrimary } from '../db/replica-set.ts';
import { type DaemonRecipe, lastLines } from './daemon.ts';
import { libraryEnv, type Mongod } from './mongod-binary.mjs';

const SET = 'trebuchet';

/** How much memory and disk the server may take for itself. */
export interface MongodSize {
  cacheGb: number;
  oplogMb: number;
}

/** Where clients reach it. */
export function mongodUri(port: number): string {
  return `mongodb://127.0.0.1:${port}/?replicaSet=${SET}`;
}

/** How to run this mongod. */
export function mongodRecipe(binary: Mongod, size: MongodSize): DaemonRecipe {
  return {
    name: 'mongodb',
    command: (port, folder, logFile) => ({
      file: binary.path,
      args: [
        ...['--replSet', SET, '--port', String(port), '--bind_ip', '127.0.0.1', '--dbpath', folder],
        // 8.2.0 has a known flaw in zlib decompression
        ...['--networkMessageCompressors', 'snappy,zstd'],
        ...['--wiredTigerCacheSizeGB', String(size.cacheGb), '--oplogSize', String(size.oplogMb)],
        ...['--logpath', logFile, '--logappend', '--quiet'],
        ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
        // a lone node has nobody to hand over to: no 15 s of waiting when it is stopped
        ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100'],
      ],
      env: libraryEnv(binary.libraryPath),
    }),
    ready: (port, signal) => becomePrimary(port, SET, signal),
    strayPid: readLockPid,
    explain: explainFromLog,
  };
}

/** mongod.lock holds the pid while it runs and is empty after a clean end. */
function readLockPid(folder: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(folder, 'mongod.lock'), 'utf8').trim());
    return pid > 0 && isMongodOf(pid, folder) ? pid : undefined;
  } catch {
    return undefined; // never started here
  }
}

function isMongodOf(pid: number, folder: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(folder);
  } catch {
    return false; // no such process, or no /proc to be sure with
  }
}

function explainFromLog(logFile: string): string {
  const entries = lastLines(logFile, 60).flatMap((line) => {
    try {
      return [JSON.parse(line) as { s: string; msg: string; attr?: unknown }];
    } catch {
      return []; // a stack trace, or the first line cut in two
    }
  });
  const worst = entries.filter(({ s }) => s === 'E' || s === 'F').at(0) ?? entries.at(-1);
  return worst ? `${worst.msg} ${JSON.stringify(worst.attr ?? {})}` : 'it ended without a word';
}
