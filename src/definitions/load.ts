// Loading definitions: a folder in, frozen Definitions out, or one error that names every mistake.
import { type AppFiles, readAppFiles } from './app-files.ts';
import { builtInHashes, withBuiltInGroups } from './built-in.ts';
import { type CompileInput, compile } from './compile.ts';
import { hashOf } from './hash.ts';
import { type Identities, provisionalIdentities } from './identities.ts';
import { findLayout } from './layout.ts';
import type { Definitions } from './model.ts';
import { folderVariables } from './placeholders.ts';
import { Problems } from './problems.ts';
import { readTree, type TextFile } from './source-tree.ts';

export interface LoadOptions {
  /** Variables of the app, by the name that `${NAME}` uses: `APP_VAR_<NAME>` of the environment. They win over `.env` of the folder. */
  readonly appVars?: Readonly<Record<string, string>>;
  /** See {@link systemVariables}; `APP_VERSION` is the time of the newest file. */
  readonly system?: Readonly<Record<string, string>>;
  /** Names of custom queues, beside `mix`, `light`, `heavy` and `system`. */
  readonly queues?: readonly string[];
}

/** Three of the four variables that every app has (spec scripting-api §0.1). */
export function systemVariables(config: {
  readonly appName: string;
  readonly envName: string;
  readonly publicUrl: string;
}): Record<string, string> {
  return { APP_NAME: config.appName, APP_ENV: config.envName, APP_URL: config.publicUrl };
}

/** Definitions that were read and found to be right, but have no ids yet: {@link compileDefinitions} gives them theirs. */
export interface LoadedDefinitions {
  /** Hash of all source files, and of the variables that the folder gives. */
  readonly hash: string;
  readonly warnings: readonly string[];
  /** Full names of all entities with the hash of what defines each: its files, its parents', the platform's. */
  readonly entities: ReadonlyMap<string, string>;
  /** Names of all groups. */
  readonly groups: readonly string[];
  readonly input: CompileInput;
}

/**
 * Reads and checks the definitions of a folder, in the vendor's export layout or the flat one.
 * @throws DefinitionsError with all mistakes of all files together (spec entity-model §0.2)
 */
export async function loadDefinitions(dir: string, options: LoadOptions = {}): Promise<LoadedDefinitions> {
  const problems = new Problems();
  const layout = await findLayout(dir);
  const texts = await readTree(dir, layout.wanted, problems);
  const own = await folderVariables(dir, problems);
  const files = withBuiltInGroups(readAppFiles(texts, layout, variablesOf(own, texts, options), problems));
  const hash = hashOf(...texts.flatMap(({ path, text }) => [path, text]), ...[...own].flat());
  const input: CompileInput = { files, hash, queues: new Set(options.queues) };
  const entities = entityHashes(files);
  const groups = files.groups.map(({ name }) => name);
  const { warnings } = compile(input, provisionalIdentities(entities.keys(), groups), problems);
  problems.throwIfAny();
  return { hash, warnings, entities, groups, input };
}

/**
 * Compiles loaded definitions under their real ids and versions (see `store.ts`).
 * @throws Error when an entity or group has no identity
 */
export function compileDefinitions(loaded: LoadedDefinitions, identities: Identities): Definitions {
  const problems = new Problems();
  const definitions = compile(loaded.input, identities, problems);
  problems.throwIfAny();
  return Object.freeze({ ...definitions, warnings: loaded.warnings });
}

function variablesOf(
  own: ReadonlyMap<string, string>,
  texts: readonly TextFile[],
  { appVars = {}, system }: LoadOptions,
): Map<string, string> {
  const newest = texts.reduce((time, { modified }) => Math.max(time, modified), 0);
  return new Map([...own, ...Object.entries(appVars), ...Object.entries({ ...system, APP_VERSION: String(newest) })]);
}

/** An entity changes with its own files and with those of its parents. */
function entityHashes(files: AppFiles): Map<string, string> {
  const platform = builtInHashes();
  const byName = new Map(files.entities.map((entity) => [entity.name, entity]));
  const hashOfChain = (name: string, seen: ReadonlySet<string>): string => {
    const parent = byName.get(name)?.content.parentEntity;
    const own = [platform.get(name) ?? '', files.entityHashes.get(name) ?? ''];
    return parent === undefined || seen.has(parent)
      ? hashOf(...own)
      : hashOf(...own, hashOfChain(parent, new Set([...seen, name])));
  };
  const names = new Set([...platform.keys(), ...byName.keys()]);
  return new Map(Array.from(names, (name) => [name, hashOfChain(name, new Set([name]))]));
}
