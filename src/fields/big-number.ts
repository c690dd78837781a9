// `bigNumber`: up to 34 exact digits that travel as text (spec field-types §4.14).
import { type ExactNumberOptions, exactNumber } from './exact-number.ts';

export const bigNumber = exactNumber<ExactNumberOptions>({
  name: 'bigNumber',
  places: null,
  shift: 0,
  native: 'text',
  options: (_reader, base) => base,
  displayDefaults: {},
  show: ({ sign, digits }) => sign + digits,
  schema: () => ({ type: 'string', pattern: '^-?[0-9]+(\\.[0-9]+)?$', examples: ['2.8'] }),
});
