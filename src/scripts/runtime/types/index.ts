// The table of types: how values of each field type look to scripts.
import { copyJson } from '../native.ts';
import type { TypeRule } from '../shape.ts';
import { Wrapper } from '../wrapper.ts';
import { choice, dynamicChoice } from './choices.ts';
import { date, dateMonthDay, dateTime, dateTimeNoTimezone, dateYearMonth, recordDate } from './dates.ts';
import { nestedFields } from './groups.ts';
import { autoIncrement, bigNumber, duration, number } from './numbers.ts';
import { file, geoPoint, group, relationship } from './references.ts';
import { boolean, phone, rank, text, time, url } from './text.ts';

const TYPES: Readonly<Record<string, TypeRule>> = {
  text,
  longText: text,
  html: text,
  email: text,
  maskedText: text,
  qr: text,
  color: text,
  phone,
  url,
  rank,
  time,
  boolean,
  choice,
  dynamicChoice,
  integer: number,
  decimal: number,
  money: number,
  percentage: number,
  bigNumber,
  autoIncrement,
  duration,
  date,
  dateTime,
  dateTimeNoTimezone,
  dateYearMonth,
  dateMonthDay,
  dateRecordCreated: recordDate,
  dateRecordModified: recordDate,
  relationship,
  group,
  fileUpload: file,
  nestedFields,
  geoPoint,
};

/** A type the table does not have shows its native JSON. */
const OTHER: TypeRule = { read: copyJson, write: () => null, wrapper: Wrapper };

export function ruleOf(type: string): TypeRule {
  return TYPES[type] ?? OTHER;
}

/** Names of the types the sandbox knows; a test compares them with the table of field types. */
export const TYPE_NAMES: readonly string[] = Object.keys(TYPES);
