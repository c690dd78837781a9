// What the platform brings to every app: users, OAuth apps and their authorizations (spec README, "definitions without sys.users"), and
// the group of developers.
import type { AppFiles } from './app-files.ts';
import type { EntitySource } from './declared.ts';
import { builtInSource } from './document.ts';
import type { EntityFile } from './entity-schema.ts';
import { hashOf } from './hash.ts';
import type { ScriptFile } from './model.ts';
import type { Problems } from './problems.ts';
import { scriptFunctions } from './script-functions.ts';
import { oauthApps, oauthAppsScript, oauthAuthorizations, oauthAuthorizationsScript } from './sys-oauth.ts';
import { users, usersScript } from './sys-users.ts';

export interface BuiltIn {
  readonly entity: EntitySource;
  readonly script: ScriptFile;
}

const PLATFORM: readonly (readonly [EntityFile, script: string])[] = [
  [users, usersScript],
  [oauthApps, oauthAppsScript],
  [oauthAuthorizations, oauthAuthorizationsScript],
];

/** All built-in entities with their scripts. */
export function builtIns(problems: Problems): BuiltIn[] {
  return PLATFORM.map(([content, source]) => builtIn(content, source, problems));
}

/** Hashes of what the platform itself defines, by full name. */
export function builtInHashes(): Map<string, string> {
  return new Map(PLATFORM.map(([content, source]) => [`sys.${content.name}`, hashOf(JSON.stringify(content), source)]));
}

/** The group that developers belong to (spec auth-jobs-logs-files §3.1). */
export const DEVELOPERS = 'developers';

/** The files of an app, with the group of developers where the app has none of its own. */
export function withBuiltInGroups(files: AppFiles): AppFiles {
  if (files.unusable.groups.has(DEVELOPERS) || files.groups.some(({ name }) => name === DEVELOPERS)) return files;
  const file = `(built in)/groups/${DEVELOPERS}`;
  const content = { name: DEVELOPERS, label: 'Developers', description: 'May do everything' };
  const place = { source: builtInSource(`${file}.yaml`, content), path: [] };
  const group = {
    name: DEVELOPERS,
    content,
    place,
    scope: { file: `${file}.js`, functions: new Map() },
    damaged: false,
  };
  return { ...files, groups: [...files.groups, group] };
}

/** File names that no file of an app can have. */
const FOLDER = '(built in)/sys';

function builtIn(content: EntityFile, source: string, problems: Problems): BuiltIn {
  const name = `sys.${content.name}`;
  const file = `${FOLDER}/${content.name}.js`;
  const scope = { file, functions: scriptFunctions(file, source, problems) };
  const place = { source: builtInSource(`${FOLDER}/${content.name}.yaml`, content), path: [] };
  return {
    entity: { name, content, place, scope, damaged: false },
    script: Object.freeze({ file, source, kind: 'entity', owner: name }),
  };
}
