// The table of field types: the one place that knows them all. A new type is a file and a line here.
import { autoIncrement } from './auto-increment.ts';
import { bigNumber } from './big-number.ts';
import { boolean } from './boolean.ts';
import { choice } from './choice.ts';
import { color } from './color.ts';
import { date } from './dates/date.ts';
import { dateMonthDay } from './dates/date-month-day.ts';
import { dateTime } from './dates/date-time.ts';
import { dateTimeNoTimezone } from './dates/date-time-no-timezone.ts';
import { dateYearMonth } from './dates/date-year-month.ts';
import { duration } from './dates/duration.ts';
import { dateRecordCreated, dateRecordModified } from './dates/record-dates.ts';
import { time } from './dates/time.ts';
import { decimal } from './decimal.ts';
import { dynamicChoice } from './dynamic-choice.ts';
import { email } from './email.ts';
import type { FieldType } from './field-type.ts';
import { fileUpload } from './file-upload.ts';
import { geoPoint } from './geo-point.ts';
import { group } from './group.ts';
import { html } from './html.ts';
import { integer } from './integer.ts';
import { longText } from './long-text.ts';
import { maskedText } from './masked-text.ts';
import { money } from './money.ts';
import { nestedFields } from './nested-fields.ts';
import { percentage } from './percentage.ts';
import { phone } from './phone.ts';
import { qr } from './qr.ts';
import { rank } from './rank.ts';
import { relationship } from './relationship.ts';
import { text } from './text.ts';
import { url } from './url.ts';

const types: readonly FieldType[] = [
  text,
  longText,
  html,
  email,
  phone,
  url,
  maskedText,
  qr,
  boolean,
  choice,
  dynamicChoice,
  color,
  rank,
  integer,
  decimal,
  bigNumber,
  money,
  percentage,
  autoIncrement,
  date,
  dateTime,
  dateTimeNoTimezone,
  time,
  duration,
  dateYearMonth,
  dateMonthDay,
  dateRecordCreated,
  dateRecordModified,
  relationship,
  group,
  fileUpload,
  nestedFields,
  geoPoint,
];

/** Canonical name to type (spec field-types §1). */
export const fieldTypes: ReadonlyMap<string, FieldType> = new Map(types.map((type) => [type.name, type]));

/** Other spellings, already normalized (spec field-types §2.1). */
const ALIASES: Readonly<Record<string, string>> = {
  file: 'fileUpload',
  timeduration: 'duration',
  yearmonth: 'dateYearMonth',
  monthday: 'dateMonthDay',
  user: 'relationship',
  users: 'relationship',
  nested: 'nestedFields',
  qrcode: 'qr',
};

const byNormalizedName: ReadonlyMap<string, FieldType> = new Map([
  ...types.map((type): [string, FieldType] => [normalize(type.name), type]),
  ...Object.entries(ALIASES).flatMap(([alias, name]): [string, FieldType][] => {
    const type = fieldTypes.get(name);
    return type ? [[alias, type]] : [];
  }),
]);

/** The type of any accepted spelling: `LONG_TEXT`, `date-time`, `nested`; undefined when there is none. */
export function resolveFieldType(name: string): FieldType | undefined {
  return byNormalizedName.get(normalize(name));
}

/** True for `user` and `users`: a relationship whose entity is `sys.users`, whatever its `typeRules` say. */
export function isUserAlias(name: string): boolean {
  return normalize(name) === 'user' || normalize(name) === 'users';
}

function normalize(name: string): string {
  return name.toLowerCase().replace(/[_\- ]/g, '');
}
