// What every set-up step needs: the cache folder, child processes with a time limit, one line of news, a lock.
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { withFileLock } from './file-lock.mjs';

/** A failed set-up step; its message tells the person what to do. */
export class SetupError extends Error {}

/** The folder of the user in which downloaded programs are kept: `$XDG_CACHE_HOME/trebuchet` or `~/.cache/trebuchet`. */
export function cacheDir() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'trebuchet');
}

/**
 * Tells the person, in one line, what set-up is doing.
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`trebuchet set-up: ${text}\n`);
}

/**
 * @param {string} file
 * @returns {boolean} whether it is a regular file that this user may run
 */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * @param {string} name a program's name, without a folder
 * @returns {string | undefined} where PATH has it; `/usr/sbin` and `/usr/local/bin` are looked at too
 */
export function findOnPath(name) {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/local/bin',
    '/usr/bin',
    '/usr/sbin',
    '/opt/homebrew/bin',
  ];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/**
 * Runs a program to its end and collects what it printed.
 * @param {string} file
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, timeoutMs?: number }} [options] the time limit is 10 s when not given
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>} code 127: it could not be started, 124: it was killed for being late
 */
export function run(file, args, { env = process.env, cwd, timeoutMs = 10_000 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { env, ...(cwd === undefined ? {} : { cwd }), stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.stdout.on('data', (chunk) => {
      output.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output.stderr += chunk;
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ code: 127, ...output, stderr: error.message });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: late ? 124 : (code ?? 1), ...output });
    });
  });
}

/**
 * Runs `task` while no other process of this user does the same step: two `npm start` at once must not both install.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} task
 * @returns {Promise<T>}
 */
export function withLock(name, task) {
  return withFileLock(join(cacheDir(), `${name}.lock`), task, () => say('waiting for another set-up to end'));
}

/** The first lines of a failed program's messages, for our own message. @param {string} text */
export function firstLines(text) {
  return text.trim().split('\n').slice(0, 3).join(' / ');
}
