// `percentage`: a fraction in the API (50 % is 0.5), a percent figure in CSV and plain text (spec field-types §4.16).
import { type ExactNumberOptions, exactNumber } from './exact-number.ts';
import { rangeSchema } from './number-options.ts';

export const percentage = exactNumber<ExactNumberOptions>({
  name: 'percentage',
  places: 2,
  shift: 2,
  native: 'number',
  options: (_reader, base) => base,
  displayDefaults: {},
  show: ({ sign, digits }) => `${sign}${digits}%`,
  schema: ({ range }) => ({ type: 'number', ...rangeSchema(range) }),
});
