// `longText`: text of any length (spec field-types §4.2).
import type { FieldType } from './field-type.ts';
import { decodeString, stringOperators, stringValue, TEXT_SUPPORTS } from './string-value.ts';
import { checkTextRules, readLengths, type TextRules, textSchema } from './text-rules.ts';

export const longText: FieldType<TextRules, string> = {
  ...stringValue,
  name: 'longText',
  supports: TEXT_SUPPORTS,
  options: readLengths,
  decode: decodeString,
  fromCsv: decodeString,
  check: (value, field, env) => checkTextRules(value, field.options, env),
  operators: stringOperators,
  schema: ({ options }) => textSchema(options),
};
