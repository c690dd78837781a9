// Answers of operations: what a success holds, and the errors with their bodies.
import type { Components, Part } from './components.ts';
import { type SharedName, shared } from './shared.ts';

const ERRORS = {
  400: ['BadRequest', 'The request is not valid'],
  401: ['Unauthorized', 'The token is missing, unknown or no longer valid'],
  403: ['Forbidden', 'You have no permission for this'],
  404: ['NotFound', 'What the path names does not exist'],
  409: ['Conflict', 'Somebody else has changed the record since that version'],
  429: ['TooManyRequests', 'Too many requests; `Retry-After` says how many seconds to wait'],
} as const;

export type ErrorStatus = keyof typeof ERRORS;

export const json = (schema: Part, extra: Part = {}): Part => ({ 'application/json': { schema, ...extra } });

/** Refers to the answer of that error. */
function errorAnswer(components: Components, status: ErrorStatus): Part {
  const [name, description] = ERRORS[status];
  return components.use('responses', name, () => ({
    description,
    ...(status === 429 && {
      headers: { 'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' } } },
    }),
    content: json(shared(components, 'ApiError')),
  }));
}

/** The 400 of what writes fields: every mistake of the body together, or what is wrong with the request as a whole. */
function invalidAnswer(components: Components): Part {
  return components.use('responses', 'Invalid', () => ({
    description: 'Fields have values that they must not have, or the request is not valid',
    content: json({ anyOf: [shared(components, 'ValidationErrors'), shared(components, 'ApiError')] }),
  }));
}

export interface Success {
  readonly description: string;
  readonly content: Part;
}

/** A success whose body is a shared schema. */
export const sharedAnswer = (components: Components, description: string, name: SharedName): Success => ({
  description,
  content: json(shared(components, name)),
});

/** @param errors statuses that the operation documents; `invalid` stands for a 400 with field errors */
export function answers(
  components: Components,
  success: Success,
  errors: readonly (ErrorStatus | 'invalid')[],
): Record<string, Part> {
  const entries = errors.map((status): [string, Part] =>
    status === 'invalid' ? ['400', invalidAnswer(components)] : [String(status), errorAnswer(components, status)],
  );
  const other = components.use('responses', 'Unexpected', () => ({
    description: 'Any other error',
    content: json(shared(components, 'ApiError')),
  }));
  return { 200: { ...success }, ...Object.fromEntries(entries), default: other };
}
