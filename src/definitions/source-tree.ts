// Reads the text files of a definitions folder within fixed limits, whatever the folder contains.
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Problems } from './problems.ts';

/** Limits against mistakes (a folder too high up) and hostile trees. */
export interface Limits {
  readonly fileBytes: number;
  readonly totalBytes: number;
  readonly files: number;
  readonly depth: number;
}

const LIMITS: Limits = { fileBytes: 2 * 1024 * 1024, totalBytes: 64 * 1024 * 1024, files: 10_000, depth: 16 };

export interface TextFile {
  /** Relative to the definitions folder, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Last modification, epoch milliseconds. */
  readonly modified: number;
}

const EXTENSIONS = /\.(ya?ml|json|js)$/i;
/** Folders of an app's source tree that never hold definitions and may be large. */
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(['node_modules']);

/**
 * All YAML, JSON and JavaScript files below `dir`, sorted by path. Names with a leading dot are left out; symbolic links are
 * followed only while they stay inside the folder.
 * @param wanted says by relative path whether a folder or file can matter at all
 * @param limits what a folder may hold; more is an error
 */
export async function readTree(
  dir: string,
  wanted: (path: string) => boolean,
  problems: Problems,
  limits: Limits = LIMITS,
): Promise<TextFile[]> {
  const root = await realRoot(dir, problems);
  if (root === null) return [];
  const walk: Walk = { root, wanted, problems, limits, found: [], folders: new Set([root]), full: false };
  await listFolder(walk, root, '', 0);
  const files: TextFile[] = [];
  let total = 0;
  for (const { path, real } of walk.found.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const file = await readText(path, real, walk);
    if (!file) continue;
    total += file.text.length;
    if (total > limits.totalBytes) {
      complain(problems, path, `the definitions are larger than ${sizeText(limits.totalBytes)} together`);
      break;
    }
    files.push(file);
  }
  return files;
}

interface Walk {
  readonly root: string;
  readonly wanted: (path: string) => boolean;
  readonly problems: Problems;
  readonly limits: Limits;
  readonly found: { readonly path: string; readonly real: string }[];
  /** Real paths of folders already listed: a link to an outer folder must not loop. */
  readonly folders: Set<string>;
  full: boolean;
}

async function realRoot(dir: string, problems: Problems): Promise<string | null> {
  try {
    const root = await realpath(dir);
    if ((await stat(root)).isDirectory()) return root;
    complain(problems, dir, 'the definitions folder is not a folder');
  } catch (error) {
    complain(problems, dir, `the definitions folder can't be read (${codeOf(error)})`);
  }
  return null;
}

async function listFolder(walk: Walk, real: string, path: string, depth: number): Promise<void> {
  if (depth > walk.limits.depth) {
    complain(walk.problems, path, `folders are nested deeper than ${walk.limits.depth} levels`);
    return;
  }
  let names: string[];
  try {
    names = await readdir(real);
  } catch (error) {
    complain(walk.problems, path, `the folder can't be read (${codeOf(error)})`);
    return;
  }
  for (const name of names.toSorted()) {
    if (walk.full) return;
    if (name.startsWith('.') || SKIPPED_FOLDERS.has(name)) continue;
    await visit(walk, join(real, name), path === '' ? name : `${path}/${name}`, depth);
  }
}

async function visit(walk: Walk, at: string, path: string, depth: number): Promise<void> {
  if (!walk.wanted(path)) return;
  let real: string;
  let isFolder: boolean;
  let isFile: boolean;
  try {
    real = await realpath(at);
    const info = await stat(real);
    isFolder = info.isDirectory();
    isFile = info.isFile();
  } catch (error) {
    complain(walk.problems, path, `can't be read (${codeOf(error)})`);
    return;
  }
  if (!real.startsWith(walk.root + sep) && real !== walk.root) {
    complain(walk.problems, path, 'is a link that leads out of the definitions folder');
  } else if (isFolder) {
    if (walk.folders.has(real)) return;
    walk.folders.add(real);
    await listFolder(walk, real, path, depth + 1);
  } else if (EXTENSIONS.test(path)) {
    if (isFile) addFile(walk, path, real);
    else complain(walk.problems, path, 'is not a regular file');
  }
}

function addFile(walk: Walk, path: string, real: string): void {
  if (walk.found.length >= walk.limits.files) {
    walk.full = true;
    complain(walk.problems, path, `there are more than ${walk.limits.files} definition files`);
    return;
  }
  walk.found.push({ path, real });
}

/** Reads at most the limit, so that a file that grows meanwhile can't fill the memory. */
async function readText(path: string, real: string, { limits, problems }: Walk): Promise<TextFile | null> {
  try {
    await using file = await open(real, 'r');
    const info = await file.stat();
    if (info.size > limits.fileBytes) {
      complain(problems, path, `is larger than ${sizeText(limits.fileBytes)}`);
      return null;
    }
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(info.size + 1, limits.fileBytes + 1)));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, bytesRead));
    return { path, text, modified: Math.trunc(info.mtimeMs) };
  } catch (error) {
    const reason = error instanceof TypeError ? 'is not valid UTF-8' : `can't be read (${codeOf(error)})`;
    complain(problems, path, reason);
    return null;
  }
}

function complain(problems: Problems, file: string, message: string): void {
  problems.add({ file, line: null, path: '', message });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function sizeText(bytes: number): string {
  return bytes < 1024 * 1024 ? `${bytes} bytes` : `${bytes / 1024 / 1024} MB`;
}
