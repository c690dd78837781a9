// `phone`: digits in storage, dashes outside (spec field-types §4.5).
import { type Decoded, type FieldType, type Json, type OptionReader, Problem } from './field-type.ts';
import { emptiness, equality, like, ordered } from './operators.ts';
import { invalid } from './problems.ts';
import { decodeString, parseText, stringValue, TEXT_SUPPORTS } from './string-value.ts';

export interface PhoneOptions {
  readonly international: boolean;
  /** Digits put in front of international numbers without a `+`; empty: none. */
  readonly prefix: string;
}

const MESSAGE = 'Not a valid phone number';

const digitsOf = (text: string): string => text.replace(/\D/g, '');

/** Groups of 3, 3 and 4 digits from the right; what remains is the prefix. */
function withDashes(digits: string): string {
  const cuts = [10, 7, 4].map((fromRight) => digits.length - fromRight).filter((cut) => cut > 0);
  return [0, ...cuts].map((cut, i) => digits.slice(cut, cuts[i])).join('-');
}

/** Digits of an operand; one without any finds nothing and is surely a mistake. */
const operandDigits = (text: string): string | Problem => digitsOf(text) || new Problem('badRequest', MESSAGE);

function isValid(digits: string, { international }: PhoneOptions): boolean {
  if (international) return digits.length >= 7 && digits.length <= 15;
  return digits.length === 10 || (digits.length === 11 && digits.startsWith('1'));
}

function decode(input: Json, options: PhoneOptions, stored: string | null): Decoded<string> {
  const text = decodeString(input);
  if (text === null || typeof text !== 'string') return text;
  const digits = digitsOf(text);
  // a number that comes back as it was read has no +, and its prefix already
  const complete = !options.international || text.trimStart().startsWith('+') || digits === stored;
  const prefixed = complete ? digits : options.prefix + digits;
  return digits !== '' && isValid(prefixed, options) ? prefixed : invalid(MESSAGE, input);
}

function readOptions({ rules, error }: OptionReader): PhoneOptions {
  const prefix = rules.defaultInternationalPrefix ?? '';
  const digits = typeof prefix === 'string' || typeof prefix === 'number' ? digitsOf(String(prefix)) : '';
  if (prefix !== '' && digits === '') error('typeRules.defaultInternationalPrefix', 'must be a prefix such as +54');
  return { international: rules.international === true, prefix: digits };
}

export const phone: FieldType<PhoneOptions, string> = {
  ...stringValue,
  name: 'phone',
  supports: TEXT_SUPPORTS,
  options: readOptions,
  decode: (input, { options }, _env, stored) => decode(input, options, stored),
  fromCsv: (cell, { options }) => decode(cell, options, null),
  check: () => null,
  encode: withDashes,
  plainText: withDashes,
  toCsv: withDashes,
  operators: {
    ...equality<PhoneOptions>(parseText(operandDigits), { foldCase: 'never' }),
    ...emptiness<PhoneOptions>(),
    ...ordered<PhoneOptions>(parseText(operandDigits)),
    // a regular expression is tested on the digits as it stands
    ...like<PhoneOptions>({ text: operandDigits }),
  },
  schema: () => ({ type: 'string', examples: ['1-702-845-9380'] }),
};
