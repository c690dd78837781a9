// Small apps written to a folder of their own and loaded, for tests of definitions.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provisionalIdentities } from '../../../src/definitions/identities.ts';
import { compileDefinitions, type LoadOptions, loadDefinitions } from '../../../src/definitions/load.ts';
import type { Definitions, EntityModel, Field } from '../../../src/definitions/model.ts';
import { DefinitionsError, formatProblem } from '../../../src/definitions/problems.ts';

/** The demo app of the repository. */
export const DEMO = fileURLToPath(new URL('../../../entities', import.meta.url));
/** An app in the vendor's export layout. */
export const EXPORT = fileURLToPath(new URL('../../fixtures/apps/export', import.meta.url));

/** Relative path -> text; an object is written as JSON. */
export type Files = Readonly<Record<string, string | object>>;

/** Writes files to a new folder, hands it over, and removes it. */
export async function withApp<T>(files: Files, use: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'trebuchet-app-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    }
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

export async function loadFolder(dir: string, options?: LoadOptions): Promise<Definitions> {
  const loaded = await loadDefinitions(dir, options);
  return compileDefinitions(loaded, provisionalIdentities(loaded.entities.keys(), loaded.groups));
}

/** The definitions of an app that must be right. */
export function load(files: Files, options?: LoadOptions): Promise<Definitions> {
  return withApp(files, (dir) => loadFolder(dir, options));
}

/** The mistakes of an app, as printed; empty when it loads. */
export async function mistakes(files: Files, options?: LoadOptions): Promise<string[]> {
  try {
    await load(files, options);
    return [];
  } catch (error) {
    if (error instanceof DefinitionsError) return error.problems.map(formatProblem);
    throw error;
  }
}

export function entityOf(definitions: Definitions, name: string): EntityModel {
  const entity = definitions.entities.get(name);
  if (!entity) throw new Error(`there is no entity ${name}`);
  return entity;
}

export function fieldOf(definitions: Definitions, entity: string, path: string): Field {
  const field = entityOf(definitions, entity).fieldByPath.get(path);
  if (!field) throw new Error(`there is no field ${path} in ${entity}`);
  return field;
}

/** An entity file with these lines below `fields:`. */
export function entityFile(name: string, fields: string, more = ''): string {
  return `name: ${name}\nfields:\n${fields.replaceAll(/^/gm, '  ')}\n${more}`;
}
