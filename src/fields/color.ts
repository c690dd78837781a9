// `color`: `#rrggbb` or `#rgb`, stored as sent and compared without regard to case (spec field-types §4.32).
import type { Decoded, FieldType, Json } from './field-type.ts';
import { emptiness, equality, like, operandText } from './operators.ts';
import { invalid } from './problems.ts';
import { decodeString, stringValue, TEXT_SUPPORTS } from './string-value.ts';

const COLOR = /^#(?:[0-9a-f]{3}){1,2}$/i;

function decode(input: Json): Decoded<string> {
  const value = decodeString(input);
  if (value === null || typeof value !== 'string') return value;
  return COLOR.test(value) ? value : invalid('Not a valid color', input);
}

export const color: FieldType<null, string> = {
  ...stringValue,
  name: 'color',
  supports: { ...TEXT_SUPPORTS, unique: false },
  textLike: false,
  options: () => null,
  decode,
  fromCsv: decode,
  check: () => null,
  operators: {
    ...equality<null>(operandText, { foldCase: 'always' }),
    ...emptiness<null>(),
    ...like<null>(),
  },
  uniqueKey: null,
  schema: () => ({ type: 'string', pattern: '^#([0-9a-fA-F]{3}){1,2}$', examples: ['#f5a9a9'] }),
};
