// Runs a service program of our own (mongod, redis-server) beside the server: found again, taken over, moved to a free port.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess, identify, isRunning, type ProcessId, readRecord, writeRecord } from './process-record.ts';

/** How one program is started and asked whether it serves. */
export interface DaemonRecipe {
  /** Also the name of its folder, its record and its log in the data folder. */
  name: string;
  command(port: number, folder: string, logFile: string): { file: string; args: string[]; env?: NodeJS.ProcessEnv };
  /** Resolves when it serves on this port; rejects when `signal` ends the waiting. */
  ready(port: number, signal: AbortSignal): Promise<void>;
  /** A pid that the program itself wrote into its folder, for the case that our record of it was lost. */
  strayPid?(folder: string): number | undefined;
  /** The reason of a failed start, from the end of its log. */
  explain(logFile: string): string;
}

/** A service that runs. */
export interface Daemon {
  port: number;
  process: ProcessId;
}

interface DaemonRecord extends Daemon {
  /** The port is kept when the service is stopped, so that it comes back at the same place. */
  port: number;
}

/** A mongod that moved to another port asks for up to 30 s whether what listens at its old one is itself. */
const READY_MS = 90_000;
const TAKE_OVER_MS = 10_000;
const STOP_MS = 30_000;
const LOG_BYTES = 10_000_000;
const PORT_TRIES = 5;

/** Takes the service of this data folder over where it still runs, else starts it. The caller holds the folder's lock. */
export async function runDaemon(recipe: DaemonRecipe, dataDir: string): Promise<Daemon> {
  const folder = join(dataDir, recipe.name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const record = readRecord<DaemonRecord>(recordFile(recipe, dataDir));
  const left = await takeOver(recipe, record, folder);
  if (left) return left;
  let lastFailure = '';
  for (let tries = 0; tries < PORT_TRIES; tries += 1) {
    const port = await choosePort(tries === 0 ? record?.port : undefined);
    const started = await startOnce(recipe, dataDir, port);
    if (typeof started === 'object') return started;
    lastFailure = started;
    if (!/address already in use|in use/i.test(started)) break;
  }
  throw new Error(`${recipe.name} could not be started: ${lastFailure} (log: ${logFile(recipe, dataDir)})`);
}

/** Stops it and waits for its end; its data are on disk then. */
export async function stopDaemon(daemon: Daemon): Promise<void> {
  await endProcess(daemon.process, STOP_MS);
}

async function takeOver(
  recipe: DaemonRecipe,
  record: DaemonRecord | undefined,
  folder: string,
): Promise<Daemon | undefined> {
  if (record?.process && isRunning(record.process)) {
    if (await serves(recipe, record.port)) return record;
    await endProcess(record.process, STOP_MS);
    return undefined;
  }
  const stray = recipe.strayPid?.(folder);
  const id = stray === undefined ? undefined : identify(stray);
  if (id) await endProcess(id, STOP_MS);
  return undefined;
}

async function serves(recipe: DaemonRecipe, port: number): Promise<boolean> {
  try {
    await recipe.ready(port, AbortSignal.timeout(TAKE_OVER_MS));
    return true;
  } catch {
    return false; // hung: it is replaced
  }
}

/** @returns the reason where it did not start */
async function startOnce(recipe: DaemonRecipe, dataDir: string, port: number): Promise<Daemon | string> {
  const log = logFile(recipe, dataDir);
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES) renameSync(log, `${log}.old`);
  const { file, args, env } = recipe.command(port, join(dataDir, recipe.name), log);
  // a session of its own: Ctrl-C in the terminal, or a signal to our group, must not stop it before the last request
  const child = spawn(file, args, { detached: true, stdio: 'ignore', cwd: dataDir, env: env ?? process.env });
  child.unref();
  const daemon = remember(recipe, dataDir, child, port);
  const gaveUp = new AbortController();
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', () => resolve(recipe.explain(log)));
  });
  const ready = recipe.ready(port, AbortSignal.any([gaveUp.signal, AbortSignal.timeout(READY_MS)])).then(
    () => daemon,
    (error: Error) => error.message,
  );
  const outcome = await Promise.race([ready, ended]);
  gaveUp.abort();
  if (typeof outcome === 'string' && daemon) await endProcess(daemon.process, STOP_MS);
  return outcome ?? 'it ended at once';
}

function remember(recipe: DaemonRecipe, dataDir: string, child: ChildProcess, port: number): Daemon | undefined {
  const id = child.pid === undefined ? undefined : identify(child.pid);
  if (id === undefined) return undefined;
  const daemon = { port, process: id };
  writeRecord(recordFile(recipe, dataDir), daemon);
  return daemon;
}

/** The wanted port when it is free, else any free one. Another process may still be faster: the caller tries again. */
async function choosePort(wanted: number | undefined): Promise<number> {
  return (await listenOnce(wanted ?? 0)) ?? (await listenOnce(0)) ?? 0;
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      const found = typeof address === 'object' ? address?.port : undefined;
      probe.close(() => resolve(found));
    });
  });
}

/** Repeats a question until it is answered with yes. */
export async function waitUntil(ask: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await ask())) {
    signal.throwIfAborted();
    await sleep(30, undefined, { signal });
  }
}

/** The last lines of a log, without empty ones. */
export function lastLines(file: string, count: number): string[] {
  const text = statSync(file, { throwIfNoEntry: false }) ? readFileSync(file, 'utf8') : '';
  return text.trimEnd().split('\n').slice(-count).filter(Boolean);
}

function recordFile(recipe: DaemonRecipe, dataDir: string): string {
  return join(dataDir, `${recipe.name}.json`);
}

function logFile(recipe: DaemonRecipe, dataDir: string): string {
  return join(dataDir, `${recipe.name}.log`);
}
