// Dates as people write them: text to wall clock and back, with how exact the text was.
import { DateTime } from 'luxon';

/** The smallest unit that a text names. */
export type Precision = 'month' | 'day' | 'minute' | 'second' | 'millisecond';

export interface Written {
  /** The calendar date and time as written, in a luxon value whose zone is UTC. */
  readonly wall: DateTime;
  readonly precision: Precision;
  /** Offset from UTC in milliseconds when the text names one, else null: the acting zone counts. */
  readonly offset: number | null;
}

const OFFSET = String.raw`\s?(?<utc>Z)|\s?(?<sign>[+-])(?<offsetHour>\d\d)(?::?(?<offsetMinute>\d\d))?`;
const TIME = String.raw`(?<hour>\d{1,2}):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d{1,9}))?)?`;
const DATE = String.raw`(?<year>\d{4}|[+-]\d{6})-(?<month>\d\d)(?:-(?<day>\d\d)`;
const MOMENT = new RegExp(`^${DATE}(?:[T ]${TIME}(?:${OFFSET})?)?)?$`, 'i');

/**
 * Reads `yyyy-MM`, `yyyy-MM-dd`, and those days with a time: `HH:mm[:ss[.SSS]]` after a blank or `T`, with or without an offset.
 * Digits below the millisecond are dropped.
 * @returns null for any other text and for days and times that do not exist
 */
export function readMoment(text: string): Written | null {
  const parts = MOMENT.exec(text.trim())?.groups;
  if (!parts) return null;
  const { year, month, day, hour, minute, second, fraction } = parts;
  if (Number(hour ?? 0) > 23 || Number(year) === 0) return null;
  const wall = DateTime.utc(
    Number(year),
    Number(month),
    Number(day ?? 1),
    Number(hour ?? 0),
    Number(minute ?? 0),
    Number(second ?? 0),
    Number((fraction ?? '0').padEnd(3, '0').slice(0, 3)),
  );
  const offset = readOffset(parts);
  if (!wall.isValid || Number.isNaN(offset)) return null;
  const precision = fraction ? 'millisecond' : second ? 'second' : minute ? 'minute' : day ? 'day' : 'month';
  return { wall, precision, offset };
}

function readOffset({ utc, sign, offsetHour, offsetMinute }: Record<string, string | undefined>): number | null {
  if (utc) return 0;
  if (!sign) return null;
  const [hours, minutes] = [Number(offsetHour), Number(offsetMinute ?? 0)];
  if (hours > 18 || minutes > 59) return Number.NaN;
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** Epoch milliseconds written as text: an integer that a JSON number holds exactly. */
export function readEpoch(text: string): number | null {
  const value = /^\s*[+-]?\d{1,16}\s*$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value + 0 : null;
}

/** Last millisecond of the unit that a text names, as wall clock. */
export function endOf({ wall, precision }: Written): DateTime {
  return precision === 'millisecond' ? wall : wall.plus({ [precision]: 1 }).minus({ millisecond: 1 });
}

/** Years that have four digits, which is what the text forms can hold. */
export function isWritable(wall: DateTime): boolean {
  return wall.isValid && wall.year >= 1 && wall.year <= 9999;
}

const pad = (value: number): string => String(value).padStart(2, '0');

/** `yyyy-MM-dd` */
export const dayText = (wall: DateTime): string => `${monthText(wall)}-${pad(wall.day)}`;
/** `yyyy-MM` */
export const monthText = (wall: DateTime): string => `${String(wall.year).padStart(4, '0')}-${pad(wall.month)}`;
/** `yyyy-MM-dd HH:mm` */
export const minuteText = (wall: DateTime): string => `${dayText(wall)} ${pad(wall.hour)}:${pad(wall.minute)}`;
