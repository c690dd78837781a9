// Date types: Date objects for scripts, strings or milliseconds in native JSON (spec scripting-api §3).
import type { Json } from '../../../fields/field-type.ts';
import { printDate, readDate } from '../date-pattern.ts';
import { badRequest } from '../exceptions.ts';
import type { Moment, TypeRule } from '../shape.ts';
import { placeOf, Wrapper } from '../wrapper.ts';
import { instantOf, offsetAt } from '../zones.ts';

const DAY_MS = 86_400_000;

class DateWrapper extends Wrapper {
  /** Prints with Java's letters; '' when empty. Instants are shown in a zone, by default the acting one. */
  format(pattern?: unknown, zone?: unknown): string {
    const date = this.val();
    if (!(date instanceof Date)) return '';
    const { shape, view } = placeOf(this);
    const rule = shape.rule as DateRule;
    const written = typeof pattern === 'string' ? pattern : (shape.format ?? rule.pattern);
    if (!rule.instant) return printDate(date.getTime(), written);
    const offset = offsetAt(typeof zone === 'string' ? zone : view.moment.zone, date.getTime());
    return printDate(date.getTime() + offset, written, offset);
  }
}

class DayWrapper extends DateWrapper {
  addDays(days: unknown): this {
    if (typeof days !== 'number' || !Number.isFinite(days)) throw badRequest('addDays() needs a number');
    const date = this.val();
    if (date instanceof Date) this.val(new Date(date.getTime() + days * DAY_MS));
    return this;
  }
}

class InstantWrapper extends DateWrapper {
  toMillis(): number | null {
    const date = this.val();
    return date instanceof Date ? date.getTime() : null;
  }
}

interface DateRule extends TypeRule {
  /** Default pattern of `format()`. */
  readonly pattern: string;
  /** A moment in time; else a clock reading, kept as if it were UTC. */
  readonly instant: boolean;
}

interface Form {
  readonly pattern: string;
  /** Patterns of strings that are read. */
  readonly reads: readonly string[];
  readonly toDate: (json: Json) => number;
  readonly toJson: (wall: number) => Json;
  readonly instant?: true;
  readonly wrapper: TypeRule['wrapper'];
}

function dateType({ pattern, reads, toDate, toJson, instant, wrapper }: Form): DateRule {
  return {
    pattern,
    instant: instant === true,
    read: (json) => new Date(toDate(json)),
    write(value, _shape, moment) {
      const time = timeOf(value, reads, instant === true, moment);
      return time === null ? null : toJson(time);
    },
    text: (json) => printDate(toDate(json), pattern),
    wrapper,
  };
}

/** A Date, milliseconds, or a string in one of the patterns; null for anything else. */
function timeOf(value: unknown, reads: readonly string[], instant: boolean, moment: Moment): number | null {
  const time = value instanceof Date ? value.getTime() : value;
  if (typeof time === 'number') return Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? Math.trunc(time) : null;
  if (typeof time !== 'string') return null;
  for (const pattern of reads) {
    const found = readDate(time, pattern);
    if (found) return instant ? instantOf(moment.zone, found.wall) : found.wall;
  }
  return null;
}

const fixed = (pattern: string) => ({
  pattern,
  toDate: (json: Json): number => readDate(String(json), pattern)?.wall ?? Number.NaN,
  toJson: (wall: number): Json => printDate(wall, pattern),
});

const MOMENT: Form = {
  pattern: 'yyyy-MM-dd HH:mm',
  reads: ['yyyy-MM-dd HH:mm', 'yyyy-MM-dd', 'yyyy-MM-dd HH:mm:ss'],
  toDate: Number,
  toJson: (time) => time,
  instant: true,
  wrapper: InstantWrapper,
};

export const date = dateType({ ...fixed('yyyy-MM-dd'), reads: ['yyyy-MM-dd'], wrapper: DayWrapper });
export const dateTime = dateType(MOMENT);
export const recordDate: TypeRule = { ...dateType(MOMENT), automatic: true };
export const dateTimeNoTimezone = dateType({
  ...fixed('yyyy-MM-dd HH:mm'),
  reads: ['yyyy-MM-dd HH:mm', 'yyyy-MM-dd'],
  wrapper: DateWrapper,
});
export const dateYearMonth = dateType({
  ...fixed('yyyy-MM'),
  reads: ['yyyy-MM', 'yyyy-MM-dd'],
  wrapper: DateWrapper,
});
/** Shown in the current year. */
export const dateMonthDay = dateType({
  pattern: 'MM-dd',
  reads: ['MM-dd'],
  toDate: (json) => monthDay(String(json)),
  toJson: (wall) => printDate(wall, 'MM-dd'),
  wrapper: DayWrapper,
});

/** Reads `02-29` in a leap year when the current one has none, so that the day survives. */
function monthDay(text: string): number {
  const year = new Date().getUTCFullYear();
  return (readDate(`${year}-${text}`, 'yyyy-MM-dd') ?? readDate(`2000-${text}`, 'yyyy-MM-dd'))?.wall ?? Number.NaN;
}
