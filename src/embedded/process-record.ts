// Which process is meant by a pid that was written down: the pid together with the moment that process began.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** `began` tells a process from a later one that got the same pid. */
export interface ProcessId {
  pid: number;
  began: string;
}

/** @returns undefined when there is no such process (any more) */
export function identify(pid: number): ProcessId | undefined {
  const began = process.platform === 'linux' ? beganOnLinux(pid) : beganByPs(pid);
  return began === undefined ? undefined : { pid, began };
}

export function isRunning(id: ProcessId): boolean {
  return identify(id.pid)?.began === id.began;
}

function beganOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'X' || (fields[0] === 'Z' && isWhollyDead(pid)) ? undefined : fields[19];
  } catch {
    return undefined; // no such process
  }
}

/** While the other threads of an ending process still hold its files and ports, the process looks like a zombie already. */
function isWhollyDead(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).length <= 1;
}

function beganByPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined; // ps answers 1 for no such process
  }
}

/**
 * Ends a process: asks it, and kills it when it has not ended after `patienceMs`.
 * @returns whether it ended by itself
 */
export async function endProcess(id: ProcessId, patienceMs: number): Promise<boolean> {
  const deadline = Date.now() + patienceMs;
  signal(id, 'SIGTERM');
  while (isRunning(id)) {
    if (Date.now() > deadline) {
      signal(id, 'SIGKILL');
      while (isRunning(id)) await sleep(20);
      return false;
    }
    await sleep(20);
  }
  return true;
}

function signal(id: ProcessId, name: NodeJS.Signals): void {
  if (!isRunning(id)) return;
  try {
    process.kill(id.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Reads a small JSON file that one of our processes wrote; undefined when it is not there or not whole. */
export function readRecord<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined; // absent, or of another layout: the caller starts anew
  }
}

/** Writes it so that a reader sees the old or the new content, never a part. */
export function writeRecord(file: string, value: unknown): void {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, `${JSON.stringify(value)}\n`);
  renameSync(own, file);
}
