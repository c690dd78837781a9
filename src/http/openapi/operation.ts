// What the tables of operations are made of.
import type { Part } from './components.ts';

export type Method = 'get' | 'post' | 'put' | 'delete';

/** One operation of a document. */
export interface Operation {
  readonly method: Method;
  /** Below the base path, parameters in braces. */
  readonly path: string;
  readonly part: Part;
}

/** Does the server have a route like this? Names of parameters don't matter: `/data/:entity/:id`. */
export type Serves = (method: Method, route: string) => boolean;

export const pathParameter = (name: string, description: string, example: string): Part => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string' },
  example,
});

export const queryParameter = (name: string, description: string, schema: Part, example?: unknown): Part => ({
  name,
  in: 'query',
  description,
  schema,
  ...(example !== undefined && { example }),
});
