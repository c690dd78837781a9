// `date`: a calendar day without zone (spec field-types §4.18).
import { dayText } from './calendar.ts';
import { wallTextType } from './date-value.ts';
import { DATE_PARTS } from './patterns.ts';

export const date = wallTextType({
  name: 'date',
  message: 'Not a valid date',
  text: dayText,
  coarsest: 'day',
  zoned: false,
  keywords: (keyword) => keyword.kind === 'now' || keyword.unit !== 'hour',
  format: 'yyyy-MM-dd',
  parts: DATE_PARTS,
  schema: { type: 'string', format: 'date', examples: ['2026-07-12'] },
});
