// `dateYearMonth`: a month of a year (spec field-types §4.23).
import { monthText } from './calendar.ts';
import { wallTextType } from './date-value.ts';

export const dateYearMonth = wallTextType({
  name: 'dateYearMonth',
  message: 'Not a valid month',
  text: monthText,
  coarsest: 'month',
  zoned: false,
  keywords: () => false,
  format: 'yyyy-MM',
  parts: ['year', 'month'],
  schema: { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}$', examples: ['2026-07'] },
});
