// A mongod that is not what the server wants: standalone, or of a replica set that nobody initiated.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { fetchMongod, findMongod, libraryEnv } from '../../src/embedded/mongod-binary.mjs';

/** @param args further arguments, such as `--replSet` */
export async function startLoneMongod(args: string[] = []): Promise<{ port: number; stop(): Promise<void> }> {
  const binary = (await findMongod(process.env)) ?? (await fetchMongod());
  const folder = mkdtempSync(join(tmpdir(), 'trebuchet-lone-'));
  const port = await freePort();
  const all = [
    '--port',
    String(port),
    '--bind_ip',
    '127.0.0.1',
    '--dbpath',
    folder,
    '--wiredTigerCacheSizeGB',
    '0.25',
    ...args,
  ];
  const child = spawn(binary.path, all, { stdio: 'ignore', env: libraryEnv(binary.libraryPath) });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGKILL');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 20_000,
  });
  await client.db('admin').command({ hello: 1 });
  await client.close();
  return { port, stop };
}

/** A port that is free at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
