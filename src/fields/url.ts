// `url`: a link, or a link with a label, `(http://www.test.com)<Test>` (spec field-types §4.6).
import type { Decoded, FieldType, Json } from './field-type.ts';
import { invalid } from './problems.ts';
import { decodeString, stringOperators, stringValue, TEXT_SUPPORTS } from './string-value.ts';

const MAX_LENGTH = 2_048;

const WITH_SCHEME = /^(?:https?|ftp):\/\/[^/?#]/i;
const MAIL = /^mailto:[^@]+@[^@]+$/i;
const HOST = /^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.?(?::\d{1,5})?(?:[/?#].*)?$/u;
/** `javascript:1/alert()` looks like a host with a port, and runs where somebody makes a link of it. */
const RUNNABLE = /^(?:javascript|vbscript|data|blob|file|about):/i;
/** What no link holds unencoded: blanks, control characters, and what ends a link in markup. */
const FORBIDDEN = /[\s\p{Cc}<>"\\]/u;

function isUrl(text: string): boolean {
  if (text.length > MAX_LENGTH || FORBIDDEN.test(text)) return false;
  if (WITH_SCHEME.test(text)) return URL.canParse(text);
  return MAIL.test(text) || (HOST.test(text) && !RUNNABLE.test(text) && URL.canParse(`http://${text}`));
}

/** Link and label of a value; the label is empty in the plain form. */
export function splitUrl(text: string): { readonly link: string; readonly label: string } {
  const end = text.startsWith('(') && text.endsWith('>') ? text.indexOf(')<') : -1;
  return end < 0 ? { link: text, label: '' } : { link: text.slice(1, end), label: text.slice(end + 2, -1) };
}

function decode(input: Json): Decoded<string> {
  const value = decodeString(input);
  if (value === null || typeof value !== 'string') return value;
  const good = typeof input === 'string' && value.length <= MAX_LENGTH && isUrl(splitUrl(value).link);
  return good ? value : invalid('Not a valid URL', input);
}

export const url: FieldType<null, string> = {
  ...stringValue,
  name: 'url',
  supports: TEXT_SUPPORTS,
  options: () => null,
  decode,
  fromCsv: decode,
  check: () => null,
  plainText: (value) => {
    const { link, label } = splitUrl(value);
    return label.trim() === '' ? link : label;
  },
  operators: stringOperators,
  schema: () => ({ type: 'string', maxLength: MAX_LENGTH, examples: ['https://www.example.com'] }),
};
