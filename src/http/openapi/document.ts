// An OpenAPI document of the API as one reader may use it, made of the compiled definitions.
import type { Context } from '../../context.ts';
import type { Definitions, EntityModel } from '../../definitions/model.ts';
import { answers, json, sharedAnswer } from './answers.ts';
import { Components, type Part } from './components.ts';
import { entityOperations } from './entity-operations.ts';
import type { Method, Operation, Serves } from './operation.ts';

export interface DocumentInput {
  readonly definitions: Pick<Definitions, 'entities' | 'hash'>;
  readonly accessTo: Context['accessTo'];
  readonly title: string;
  /** Base URL of the API. */
  readonly server: string;
  /** Does the server have such a route? What it does not have is not described. */
  readonly serves: Serves;
}

/** The document: entities in order of their names, each with the operations that the reader has rights for. */
export function describeApi({ definitions, accessTo, title, server, serves }: DocumentInput): Part {
  const components = new Components();
  const entities = [...definitions.entities.values()].filter(isServed).sort((a, b) => (a.name < b.name ? -1 : 1));
  const operations = [
    ...loginOperation(components),
    ...entities.flatMap((entity) =>
      entityOperations({ entity, access: accessTo(entity), components, prefix: prefixOf(entity) }, serves),
    ),
  ];
  const used = new Set(operations.flatMap(({ part }) => (part.tags as readonly string[] | undefined) ?? []));
  return {
    openapi: '3.1.0',
    info: {
      title,
      version: definitions.hash.slice(0, 12),
      license: { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' },
    },
    servers: [{ url: server }],
    security: [{ token: [] }],
    tags: [
      { name: 'auth', description: 'Logging in' },
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

function loginOperation(components: Components): Operation[] {
  const text = { type: 'string' };
  const schema = {
    type: 'object',
    required: ['email', 'password'],
    properties: { email: text, password: text, emailImpersonatedUser: { type: ['string', 'null'] } },
  };
  const example = { email: 'user@example.com', password: 'secret' };
  const part: Part = {
    operationId: 'login',
    tags: ['auth'],
    summary: 'Log in',
    description: 'Answers the token that every other request carries in the header `token`.',
    security: [],
    requestBody: { required: true, content: json(schema, { example }) },
    responses: answers(components, sharedAnswer(components, 'A session', 'Session'), [400, 401, 403]),
  };
  return [{ method: 'post', path: '/auth/login', part }];
}

function pathsOf(operations: readonly Operation[]): Record<string, Partial<Record<Method, Part>>> {
  const paths: Record<string, Partial<Record<Method, Part>>> = {};
  for (const { method, path, part } of operations) paths[path] = { ...paths[path], [method]: part };
  return paths;
}
