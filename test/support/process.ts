// Real `trebuchet` processes for tests: started through the command line, watched, ended at the latest with the test file.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { isRunning, type ProcessId, readRecord } from '../../src/embedded/process-record.ts';
import type { TestDatabase } from './services.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const DEMO_APP = fileURLToPath(new URL('../../entities', import.meta.url));
const READY_MS = 60_000;

/** How a process ended. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A running command. */
export interface Running {
  child: ChildProcess;
  pid: number;
  /** What it has printed until now, stdout and stderr together. */
  output(): string;
  ended: Promise<Ended>;
  /** Resolves with the match when the output has it; rejects when the process ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** To the process, or to its whole group as Ctrl-C in a terminal does. */
  signal(name: NodeJS.Signals, to?: 'process' | 'group'): void;
}

/** A running API. */
export interface RunningApi extends Running {
  /** Base URL without a slash at the end, such as `http://127.0.0.1:1234/prod/runtime/api`. */
  apiUrl: string;
  origin: string;
}

const running = new Set<Running>();
const folders: string[] = [];

afterAll(async () => {
  for (const one of running) one.signal('SIGKILL', 'group');
  await Promise.all([...running].map(({ ended }) => ended));
  for (const folder of folders) killServicesOf(join(folder, 'data'));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Settings for a process on the services and the database of a test file. */
export function settingsOn({ uri, dbName, redisUrl, redisPrefix }: TestDatabase): Record<string, string> {
  return { MONGODB_URI: uri, MONGODB_DB: dbName, REDIS_URL: redisUrl, REDIS_PREFIX: redisPrefix };
}

/**
 * Starts `trebuchet …` in a process group of its own, with nothing of our environment but PATH and HOME.
 * @param cli another one than that of `src`; `npm` for the script of package.json
 */
export function startCommand(
  args: string[],
  env: Record<string, string> = {},
  cwd = temporaryFolder(),
  cli = CLI,
): Running {
  const { PATH = '', HOME = '' } = process.env;
  const settings = {
    PATH,
    HOME,
    PORT: '0',
    WORKER_PORT: '0',
    ENTITIES_DIR: DEMO_APP,
    DATA_DIR: join(cwd, 'data'),
    ...env,
  };
  const [file, first] = cli === 'npm' ? ['npm', 'run'] : [process.execPath, cli];
  const child = spawn(file, [first, ...args], {
    cwd: cli === 'npm' ? ROOT : cwd,
    env: settings,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<Ended>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  const pid = child.pid ?? 0;
  const command: Running = {
    child,
    pid,
    output: () => text,
    ended,
    printed: (pattern) => waitForText(pattern, () => text, listeners, ended),
    signal: (name, to = 'process') => kill(to === 'group' ? -pid : pid, name),
  };
  running.add(command);
  ended.then(() => running.delete(command));
  return command;
}

/** Starts the API and waits until it serves. */
export async function startApi(env: Record<string, string>, cwd?: string, cli?: string): Promise<RunningApi> {
  const command = startCommand(['start'], env, cwd, cli);
  const [, apiUrl = ''] = await command.printed(/Trebuchet serves (http[^\s"]+)/);
  return { ...command, apiUrl, origin: new URL(apiUrl).origin };
}

/** Removed with the test file's processes. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trebuchet-run-'));
  folders.push(folder);
  return folder;
}

/** Embedded services that a failed test has left without a server. */
function killServicesOf(dataDir: string): void {
  for (const name of ['mongodb.json', 'redis.json']) {
    const record = readRecord<{ process: ProcessId }>(join(dataDir, name));
    if (record && isRunning(record.process)) kill(record.process.pid, 'SIGKILL');
  }
}

function waitForText(
  pattern: RegExp,
  text: () => string,
  listeners: Set<() => void>,
  ended: Promise<Ended>,
): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${why} before it printed ${pattern}:\n${text()}`));
    const timer = setTimeout(() => fail('too late'), READY_MS);
    const look = () => {
      const match = pattern.exec(text());
      if (match === null) return;
      clearTimeout(timer);
      listeners.delete(look);
      resolve(match);
    };
    listeners.add(look);
    look();
    ended.then(({ code, signal }) => {
      clearTimeout(timer);
      fail(`ended with ${code ?? signal}`);
    });
  });
}

function kill(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended by itself
  }
}
