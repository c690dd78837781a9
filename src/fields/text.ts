// `text`: a short string (spec field-types §4.1).
import type { FieldType } from './field-type.ts';
import { invalid } from './problems.ts';
import { decodeString, lengthOf, stringOperators, stringValue, TEXT_SUPPORTS } from './string-value.ts';
import { checkTextRules, readTextRules, type TextRules, textSchema } from './text-rules.ts';

/** Hard limit of the type, in code points; no rule raises it. */
const MAX_LENGTH = 300;

const decode = (input: Parameters<typeof decodeString>[0]): ReturnType<typeof decodeString> => {
  const value = decodeString(input);
  if (value === null || typeof value !== 'string') return value;
  return lengthOf(value) > MAX_LENGTH ? invalid(`Maximum length is ${MAX_LENGTH}`, value) : value;
};

export const text: FieldType<TextRules, string> = {
  ...stringValue,
  name: 'text',
  supports: TEXT_SUPPORTS,
  options: readTextRules,
  decode,
  fromCsv: decode,
  check: (value, field, env) => checkTextRules(value, field.options, env),
  operators: stringOperators,
  schema: ({ options }) => textSchema(options, MAX_LENGTH),
};
