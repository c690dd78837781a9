// A temporary folder for one test file, removed when its tests are done.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Call it at the top of a test file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trebuchet-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
