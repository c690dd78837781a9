// `${NAME}` placeholders in metadata and scripts: only variables given for the app, never the server's own settings.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Problems } from './problems.ts';

const PREFIX = 'APP_VAR_';
const NAME = /^[A-Z][A-Z0-9_]*$/;
const PLACEHOLDER = /\$\{([A-Z][A-Z0-9_]*)\}/g;

export type Variables = ReadonlyMap<string, string>;

/**
 * App variables among environment settings: `APP_VAR_TOKEN` becomes `TOKEN`; names that no placeholder can spell are left out.
 */
export function appVariables(environment: Readonly<Record<string, string | undefined>>): Map<string, string> {
  const variables = new Map<string, string>();
  for (const [key, value] of Object.entries(environment)) {
    const name = key.slice(PREFIX.length);
    if (key.startsWith(PREFIX) && NAME.test(name) && value !== undefined) variables.set(name, value);
  }
  return variables;
}

const ENV_FILE = '.env';
const MAX_ENV_BYTES = 1024 * 1024;

/** `APP_VAR_…` lines of `.env` in the definitions folder; empty when there is no such file. */
export async function folderVariables(dir: string, problems: Problems): Promise<Map<string, string>> {
  const path = join(dir, ENV_FILE);
  const refuse = (message: string): Map<string, string> => {
    problems.add({ file: ENV_FILE, line: null, path: '', message });
    return new Map();
  };
  try {
    const info = await stat(path);
    if (!info.isFile()) return refuse('is not a regular file');
    if (info.size > MAX_ENV_BYTES) return refuse('is larger than 1 MB');
    return appVariables(parseEnv(await readFile(path, 'utf8')));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? new Map() : refuse(`can't be read (${code})`);
  }
}

/**
 * Replaces `${NAME}` where NAME is a defined variable; everything else stays, JavaScript template strings among it
 * (spec scripting-api §0.1).
 */
export function replacePlaceholders(text: string, variables: Variables): string {
  if (!text.includes('${')) return text;
  return text.replaceAll(PLACEHOLDER, (written, name: string) => variables.get(name) ?? written);
}
