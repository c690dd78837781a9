// `qr`: a text that user interfaces show as a QR image (spec field-types §4.8).
import type { FieldType } from './field-type.ts';
import { decodeString, stringOperators, stringValue, TEXT_SUPPORTS } from './string-value.ts';
import { checkTextRules, readTextRules, type TextRules, textSchema } from './text-rules.ts';

export const qr: FieldType<TextRules, string> = {
  ...stringValue,
  name: 'qr',
  supports: TEXT_SUPPORTS,
  options: readTextRules,
  decode: decodeString,
  fromCsv: decodeString,
  check: (value, field, env) => checkTextRules(value, field.options, env),
  operators: stringOperators,
  schema: ({ options }) => textSchema(options),
};
