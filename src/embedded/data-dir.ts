// The folder of everything this installation keeps on disk: data of its own services and the encryption key.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../config.ts';

const MARKER = 'trebuchet.json';

/** What a file system may put into a fresh volume by itself. */
const IGNORED = new Set(['lost+found', '.DS_Store']);

/**
 * Makes `dataDir` ours: creates it, or marks it when it is empty. Safe when several processes do it at once.
 * @throws {ConfigError} when it holds something else: nothing is ever written into a folder that is not ours
 */
export function claimDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const names = readdirSync(dataDir).filter((name) => !IGNORED.has(name));
    if (names.includes(MARKER)) return;
    if (names.length > 0) {
      throw new ConfigError([
        `DATA_DIR (${dataDir}) must be a new or empty folder, or one that Trebuchet has made: it holds other files`,
      ]);
    }
    writeFileSync(join(dataDir, MARKER), `${JSON.stringify({ product: 'trebuchet', layout: 1 })}\n`, { flag: 'wx' });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') return; // another process of ours marked it at the same moment
    if (code === undefined) throw error;
    throw new ConfigError([`DATA_DIR (${dataDir}) must be a folder that this user may write to (${code})`]);
  }
}
