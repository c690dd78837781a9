// Entities of the platform that every app has: users, OAuth apps and their authorizations (spec README, "definitions without sys.users").
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
