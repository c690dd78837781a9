// The refusals that many field types share; wording of spec entity-model §2.1 and field-types §2.5.
import { type Json, Problem } from './field-type.ts';

/** A value that breaks the type's format or one of its rules. */
export const invalid = (message: string, rejected: unknown): Problem => new Problem('invalid', message, rejected);

/** JSON of the wrong shape where a scalar is expected: an object, or a list inside a list. */
export function wrongStructure(input: Json): Problem {
  const message = Array.isArray(input) ? 'Field must not be multi-valued' : 'Invalid structure';
  return new Problem('invalidStructure', message, input);
}
