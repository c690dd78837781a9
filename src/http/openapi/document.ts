// An OpenAPI document of the API as one reader may use it, made of the compiled definitions.
import type { Context } from '../../context.ts';
import type { Definitions, EntityModel } from '../../definitions/model.ts';
import { APP_TAGS, appOperations } from './app-operations.ts';
import { Components, type Part } from './components.ts';
import { entityOperations } from './entity-operations.ts';
import type { Method, Operation, Serves } from './operation.ts';

export interface DocumentInput {
  readonly definitions: Pick<Definitions, 'entities' | 'hash'>;
  readonly accessTo: Context['accessTo'];
  readonly title: string;
  /** Markdown; empty: none. */
  readonly description: string;
  readonly license: string;
  /** Also what only developers may do with the server. */
  readonly developer: boolean;
  /** Base URL of the API. */
  readonly server: string;
  /** Does the server have such a route? What it does not have is not described. */
  readonly serves: Serves;
}

/** The document: entities in order of their names, each with the operations that the reader has rights for. */
export function describeApi(input: DocumentInput): Part {
  const { definitions, accessTo, developer, serves } = input;
  const components = new Components();
  const entities = [...definitions.entities.values()].filter(isServed).sort((a, b) => (a.name < b.name ? -1 : 1));
  const operations = [
    ...appOperations(components, developer, serves),
    ...entities.flatMap((entity) =>
      entityOperations({ entity, access: accessTo(entity), components, prefix: prefixOf(entity) }, serves),
    ),
  ];
  const used = new Set(operations.flatMap(({ part }) => (part.tags as readonly string[] | undefined) ?? []));
  return {
    openapi: '3.1.0',
    info: {
      title: input.title,
      ...(input.description && { description: input.description }),
      version: definitions.hash.slice(0, 12),
      license: licenseOf(input.license),
    },
    servers: [{ url: input.server }],
    security: [{ token: [] }],
    tags: [
      ...Object.entries(APP_TAGS)
        .filter(([name]) => used.has(name))
        .map(([name, description]) => ({ name, description })),
      ...entities
        .filter(({ name }) => used.has(name))
        .map(({ name, label, description }) => ({ name, description: description || label })),
    ],
    paths: pathsOf(operations),
    components: {
      ...components.print(),
      securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'token', description: 'The token of a login' } },
    },
  };
}

const isServed = ({ served, abstract }: EntityModel): boolean => served && !abstract;

/** `sys.users` begins operations such as `sysUsersFindMany`. */
const prefixOf = ({ name }: EntityModel): string =>
  name.replaceAll(/[^A-Za-z0-9]+(.)?/g, (_match, next: string | undefined) => next?.toUpperCase() ?? '');

/** A licence by its name; the linter wants an identifier too. */
const licenseOf = (name: string): Part => ({
  name,
  identifier: `LicenseRef-${name.replaceAll(/[^A-Za-z0-9.-]+/g, '-')}`,
});

function pathsOf(operations: readonly Operation[]): Record<string, Partial<Record<Method, Part>>> {
  const paths: Record<string, Partial<Record<Method, Part>>> = {};
  for (const { method, path, part } of operations) paths[path] = { ...paths[path], [method]: part };
  return paths;
}
