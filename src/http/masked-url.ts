// URLs as the app's log shows them: without passwords, tokens and values of sensitive fields (spec auth-jobs-logs-files §7.1).
import type { EntityModel } from '../definitions/model.ts';
import { MASK } from '../records/secrets.ts';

const LONGEST_URL = 2_000;
/** Parameters that never mean anything else, where they are no fields of the entity. */
const SECRET_NAMES = /password|passwd|^pwd$|token|secret|^code$|authorization|api_?key/i;
const ID = /^[0-9a-f]{24}(,[0-9a-f]{24})*$/i;
/** What stands in the place of a record's name. */
const NO_RECORD: ReadonlySet<string> = new Set(['aggregate', 'import', 'export', 'auditLogs']);

const sensitivePaths = new WeakMap<EntityModel, readonly string[]>();

/**
 * Path and query of a request below the base path.
 * @param parts of its path
 * @param entity whose records the request is about
 */
export function maskedUrl(url: string, parts: readonly string[], entity: EntityModel | undefined): string {
  const cut = url.indexOf('?');
  const path = cut === -1 ? url : url.slice(0, cut);
  const query = cut === -1 ? '' : `?${maskedQuery(url.slice(cut + 1), entity)}`;
  const shown = maskedPath(path, parts, entity) + query;
  return shown.length > LONGEST_URL ? `${shown.slice(0, LONGEST_URL)}…` : shown;
}

/** A record may be named by the value of a lookup field, which may be a sensitive one. */
function maskedPath(path: string, [, name = '', target]: readonly string[], entity: EntityModel | undefined): string {
  if (!entity || target === undefined || ID.test(target)) return path;
  if (NO_RECORD.has(target) || entity.actions.has(target)) return path;
  if (!entity.lookupFields.some(({ sensitive }) => sensitive)) return path;
  return path.replace(`/${name}/${target}`, `/${name}/${MASK}`);
}

function maskedQuery(query: string, entity: EntityModel | undefined): string {
  const paths = entity?.has.sensitive ? pathsOf(entity) : [];
  return query
    .split('&')
    .map((part) => {
      const equals = part.indexOf('=');
      if (equals === -1) return part;
      const name = part.slice(0, equals);
      const secret =
        isSecretName(decoded(name), entity) || isSensitive(decoded(name), decoded(part.slice(equals + 1)), paths);
      return secret ? `${name}=${MASK}` : part;
    })
    .join('&');
}

function isSecretName(name: string, entity: EntityModel | undefined): boolean {
  return SECRET_NAMES.test(name) && !entity?.fieldByPath.has(name);
}

/** Expressions and maps name their fields inside. */
function isSensitive(name: string, value: string, paths: readonly string[]): boolean {
  return paths.some((path) => concerns(name, path) || (mayNameFields(name, value) && value.includes(lastOf(path))));
}

function concerns(name: string, path: string): boolean {
  return name === path || name.startsWith(`${path}.`);
}

function mayNameFields(name: string, value: string): boolean {
  return name === '_query' || name.startsWith('_indexedFilter') || value.includes('{');
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function pathsOf(entity: EntityModel): readonly string[] {
  let paths = sensitivePaths.get(entity);
  if (!paths) {
    paths = entity.allFields.filter(({ sensitive }) => sensitive).map(({ path }) => path);
    sensitivePaths.set(entity, paths);
  }
  return paths;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    // what is no percent-encoding was refused by the route; it is shown as it came
    if (error instanceof URIError) return text;
    throw error;
  }
}
