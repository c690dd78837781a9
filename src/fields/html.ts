// `html`: markup from people, made safe on every write and kept beside its plain text (spec field-types §4.3).
import { type Decoded, type FieldType, type Json, type Operand, Problem } from './field-type.ts';
import { plainTextOf, sanitize, TooDeep } from './html-markup.ts';
import { emptiness, equality, like, operandText, ordered } from './operators.ts';
import { invalid } from './problems.ts';
import { decodeString, stringValue, TEXT_SUPPORTS } from './string-value.ts';

export interface StoredHtml {
  /** What filters, sorting and plain text see. */
  readonly plain: string;
  /** Sanitized markup. */
  readonly value: string;
}

function decode(input: Json): Decoded<StoredHtml> {
  const text = decodeString(input);
  if (text === null || typeof text !== 'string') return text;
  try {
    const value = sanitize(text);
    const plain = plainTextOf(value);
    return plain === '' && !/<(?:img|hr)\b/.test(value) ? null : { plain, value };
  } catch (error) {
    if (error instanceof TooDeep) return invalid('Tags are nested too deeply', input);
    throw error;
  }
}

/** Operands are plain text; tags in them are stripped, since no value holds any. */
function plainOperand(text: string): string | Problem {
  if (!text.includes('<')) return text;
  try {
    return plainTextOf(text);
  } catch (error) {
    if (error instanceof TooDeep) return new Problem('badRequest', 'Tags are nested too deeply');
    throw error;
  }
}

function parse(operand: Operand): string | Problem {
  const text = operandText(operand);
  return text instanceof Problem ? text : plainOperand(text);
}

const PLAIN = '.plain';

export const html: FieldType<null, StoredHtml> = {
  ...stringValue,
  name: 'html',
  supports: TEXT_SUPPORTS,
  options: () => null,
  decode,
  fromCsv: decode,
  check: () => null,
  encode: ({ value }) => value,
  plainText: ({ plain }) => plain,
  toCsv: ({ value }) => value,
  equal: (a, b) => a.value === b.value,
  isEmpty: ({ plain, value }) => plain === '' && value === '',
  operators: {
    ...equality<null>(parse, { suffix: PLAIN }),
    ...emptiness<null>(),
    ...ordered<null>(parse, { suffix: PLAIN }),
    ...like<null>({ text: plainOperand, suffixes: [PLAIN] }),
  },
  order: { sort: PLAIN, group: '.value', minMax: true, firstLast: true },
  // what filters call equal is what unique refuses, and what the hash of a sensitive value is made of
  uniqueKey: { of: ({ plain }) => plain, suffix: PLAIN },
  indexSuffixes: [PLAIN],
  schema: () => ({ type: 'string', contentMediaType: 'text/html', examples: ['<p>Some <b>text</b></p>'] }),
};
