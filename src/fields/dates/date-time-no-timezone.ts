// `dateTimeNoTimezone`: a wall clock that is the same for every viewer (spec field-types §4.20).
import { minuteText } from './calendar.ts';
import { wallTextType } from './date-value.ts';
import { DATE_PARTS } from './patterns.ts';

export const dateTimeNoTimezone = wallTextType({
  name: 'dateTimeNoTimezone',
  message: 'Not a valid date-time',
  text: minuteText,
  coarsest: 'day',
  zoned: true,
  keywords: () => true,
  format: 'yyyy-MM-dd HH:mm',
  parts: [...DATE_PARTS, 'time'],
  schema: {
    type: 'string',
    pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}$',
    examples: ['2026-11-05 19:00'],
  },
});
