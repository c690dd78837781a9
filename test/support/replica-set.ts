// A replica set of three nodes, each of which can be killed, frozen and started again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { fetchMongod, findMongod, libraryEnv } from '../../src/embedded/mongod-binary.mjs';
import { freePort } from './lone-mongod.ts';

export interface Node {
  readonly port: number;
  signal(name: NodeJS.Signals): void;
  /** Starts it again on its data after a kill. */
  restart(): Promise<void>;
}

export interface ReplicaSet {
  readonly uri: string;
  readonly nodes: readonly Node[];
  /** The node that is primary now; waits for one. */
  primary(): Promise<Node>;
  stop(): Promise<void>;
}

const NAME = 'three';

/** @param electionTimeoutMs how long secondaries wait for a silent primary; MongoDB's default is 10 s */
export async function startReplicaSet(electionTimeoutMs: number): Promise<ReplicaSet> {
  const binary = (await findMongod(process.env)) ?? (await fetchMongod());
  const folder = mkdtempSync(join(tmpdir(), 'trebuchet-set-'));
  const running = new Map<number, ChildProcess>();
  const ports: number[] = [];
  while (ports.length < 3) ports.push(await freePort());

  const start = async (port: number): Promise<void> => {
    const data = join(folder, String(port));
    mkdirSync(data, { recursive: true });
    const place = ['--port', String(port), '--bind_ip', '127.0.0.1', '--dbpath', data];
    const size = ['--wiredTigerCacheSizeGB', '0.25', '--oplogSize', '256'];
    const child = spawn(binary.path, ['--replSet', NAME, ...place, ...size], {
      stdio: 'ignore',
      env: libraryEnv(binary.libraryPath),
    });
    running.set(port, child);
    await ask(port, { hello: 1 }, 20_000);
  };
  const nodes = ports.map(
    (port): Node => ({
      port,
      signal: (name) => void running.get(port)?.kill(name),
      restart: async () => {
        const old = running.get(port);
        if (old && old.exitCode === null && old.signalCode === null)
          await new Promise((done) => old.once('exit', done));
        await start(port);
      },
    }),
  );
  const primary = async (): Promise<Node> => {
    for (;;) {
      for (const node of nodes) {
        const hello = await ask(node.port, { hello: 1 }, 500).catch(() => null); // killed or frozen
        if (hello?.isWritablePrimary) return node;
      }
      await sleep(50);
    }
  };

  await Promise.all(ports.map(start));
  const members = ports.map((port, _id) => ({ _id, host: `127.0.0.1:${port}` }));
  const config = { _id: NAME, members, settings: { electionTimeoutMillis: electionTimeoutMs } };
  await ask(ports[0] ?? 0, { replSetInitiate: config }, 20_000);
  await primary();
  return {
    uri: `mongodb://${members.map(({ host }) => host).join(',')}/?replicaSet=${NAME}`,
    nodes,
    primary,
    stop: async () => {
      for (const child of running.values()) child.kill('SIGKILL');
      await Promise.all([...running.values()].map(ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** A command to one node, whatever its state. */
export async function ask(port: number, command: object, withinMs: number) {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: withinMs,
    connectTimeoutMS: withinMs,
    socketTimeoutMS: withinMs,
  });
  try {
    return await client.db('admin').command(command);
  } finally {
    await client.close();
  }
}
