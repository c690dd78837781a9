// The key that protects sensitive fields: made once and kept in the data folder when the settings give none.
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../config.ts';
import { claimDataDir } from './data-dir.ts';

const FILE = 'encryption.key';

/**
 * Reads the key of this data folder, or makes it (mode 0600). Several processes that start at once agree on one key.
 * @returns 64 hex digits
 * @throws {ConfigError} when the folder is not ours, or the file does not hold a key
 */
export function readOrCreateEncryptionKey(dataDir: string): string {
  claimDataDir(dataDir);
  const file = join(dataDir, FILE);
  const key = readKey(file) ?? createKey(file);
  if (/^[0-9a-f]{64}$/i.test(key)) return key.toLowerCase();
  throw new ConfigError([
    `ENCRYPTION_KEY: ${file} must hold 64 hex digits; put the lost key back, or give it in the variable`,
  ]);
}

function readKey(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new ConfigError([`ENCRYPTION_KEY: ${file} must be readable by this user (${code})`]);
  }
}

function createKey(file: string): string {
  const own = `${file}.${process.pid}`;
  const key = randomBytes(32).toString('hex');
  writeFileSync(own, `${key}\n`, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(own, file); // appears whole or not at all, and never over another one
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return readFileSync(file, 'utf8').trim();
  } finally {
    rmSync(own, { force: true });
  }
}
