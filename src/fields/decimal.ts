// `decimal`: an exact number that travels as a JSON number (spec field-types §4.13).
import { type ExactNumberOptions, exactNumber } from './exact-number.ts';
import { rangeSchema } from './number-options.ts';

export const decimal = exactNumber<ExactNumberOptions>({
  name: 'decimal',
  places: null,
  shift: 0,
  native: 'number',
  options: (_reader, base) => base,
  displayDefaults: {},
  show: ({ sign, digits }) => sign + digits,
  schema: ({ range }) => ({ type: 'number', ...rangeSchema(range) }),
});
