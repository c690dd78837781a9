// `email`: an address, checked for its form and stored as sent (spec field-types §4.4).
import { type Decoded, type FieldType, type Json, Problem } from './field-type.ts';
import { decodeString, stringOperators, stringValue, TEXT_SUPPORTS } from './string-value.ts';

// neighbours in these never share a character, so there is nothing to backtrack into
const LOCAL = /^[\w-]+(?:[.+][\w-]+)*$/;
const DOMAIN = /^(?:[\w-]+\.)+[a-z]{2,15}$/i;

/** The form that the vendor's own client library accepts. */
export function isEmail(text: string): boolean {
  const at = text.indexOf('@');
  return at > 0 && LOCAL.test(text.slice(0, at)) && DOMAIN.test(text.slice(at + 1));
}

function decode(input: Json): Decoded<string> {
  const value = decodeString(input);
  if (value === null || typeof value !== 'string') return value;
  return isEmail(value) ? value : new Problem('invalidEmail', 'Not a valid email', input);
}

export const email: FieldType<null, string> = {
  ...stringValue,
  name: 'email',
  supports: TEXT_SUPPORTS,
  options: () => null,
  decode,
  fromCsv: decode,
  check: () => null,
  operators: stringOperators,
  // `format` would ask for more than the contract does
  schema: () => ({ type: 'string', examples: ['ann.lee@example.com'] }),
};
