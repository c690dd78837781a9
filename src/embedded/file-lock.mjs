// A lock between processes of one machine: a file that holds the owner's pid. A dead owner's lock is taken over.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `task` while no other process runs one with the same lock file; waits for as long as that takes.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} task
 * @param {() => void} [onWait] called once when it has to wait
 * @returns {Promise<T>}
 */
export async function withFileLock(file, task, onWait) {
  mkdirSync(dirname(file), { recursive: true });
  for (let tries = 0; !take(file); tries += 1) {
    if (tries === 1) onWait?.();
    await sleep(tries < 5 ? 20 : 200);
  }
  try {
    return await task();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function take(file) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, file); // appears with its content or not at all
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    removeIfStale(file);
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/** @param {string} file */
function removeIfStale(file) {
  const owner = readOwner(file);
  if (owner === undefined || isAlive(owner)) return;
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return; // another one was faster
  }
  // between reading and renaming, another process may have replaced the stale lock by its own: give that back
  if (readOwner(aside) !== owner) renameSync(aside, file);
  rmSync(aside, { force: true });
}

/** @param {string} file @returns {number | undefined} */
function readOwner(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(pid) && statSync(file).isFile() ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH';
  }
}
