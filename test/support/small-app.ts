// The whole application on definitions that a test writes down, for questions about the contract that no fixture app asks.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startTestApp, type TestAnswer, type TestApp } from './app.ts';
import { scratchFolder } from './scratch.ts';

/** A field as its file has it; the label is the name unless given. */
export interface FieldFile {
  readonly name: string;
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Writes entity files (and others, by relative path) to a folder of this test file and starts the application on them. */
export function startSmallApp(
  entities: Readonly<Record<string, { readonly fields: readonly FieldFile[]; readonly [key: string]: unknown }>>,
  settings: Record<string, string> = {},
  others: Readonly<Record<string, object | string>> = {},
): TestApp {
  const folder = join(scratchFolder(), 'app');
  const files = Object.entries(entities).map(([name, entity]) => [`${name}.json`, { name, ...entity }] as const);
  for (const [path, content] of [...files, ...Object.entries(others)]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return startTestApp({ ENTITIES_DIR: folder, ...settings });
}

/** The body of an answer that must be a success. */
export function ok({ status, body }: TestAnswer): TestAnswer['body'] {
  if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body).slice(0, 2_000)}`);
  return body;
}

/** The field errors of a refused save, in short: `path code message`. */
export function complaints({ status, body }: TestAnswer): string[] {
  if (status === 200) return [];
  if (!body.errors) throw new Error(`${status}: ${JSON.stringify(body).slice(0, 2_000)}`);
  return (body.errors as Record<string, string>[]).map(({ field, code, message }) => `${field} ${code} ${message}`);
}
