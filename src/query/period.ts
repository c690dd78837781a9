// The parameter `period` of logs: a span that ends now, or a day by name (spec auth-jobs-logs-files §1.2).
import { DateTime } from 'luxon';
import { badRequest } from '../errors.ts';

const UNITS: Readonly<Record<string, number>> = { M: 30 * 86_400, d: 86_400, h: 3_600, m: 60, s: 1 };

/** Units as written, also spelt out, in any number. */
function unitOf(written: string): number | undefined {
  if (written === 'M') return UNITS.M;
  const word = written.toLowerCase();
  if (/^months?$/.test(word)) return UNITS.M;
  const spelt = /^(?:(d)(?:ays?)?|(h)(?:ours?)?|(m)(?:in(?:ute)?s?)?|(s)(?:ec(?:ond)?s?)?)$/.exec(word);
  const letter = spelt?.slice(1).find(Boolean);
  return letter === undefined ? undefined : UNITS[letter];
}

/**
 * The time between the two ends, both inclusive.
 * @param now epoch ms
 * @param zone of the days that are named
 * @throws AppError `badRequest` when nothing in it can be understood
 */
export function readPeriod(text: string, now: number, zone: string): { $gte: Date; $lte: Date } {
  const word = text.trim().toLowerCase();
  if (word === 'today' || word === 'yesterday') return namedDay(word, now, zone);
  let seconds = 0;
  const rest = text.replace(/(\d{1,9})\s*([A-Za-z]+)/g, (all, count: string, written: string) => {
    const unit = unitOf(written);
    if (unit === undefined) return all;
    seconds += Number(count) * unit;
    return '';
  });
  if (rest.trim() !== '' || seconds === 0) {
    throw badRequest('[period] must be a span such as 1d 2h 30m, or today, or yesterday');
  }
  return { $gte: new Date(Math.max(now - seconds * 1_000, 0)), $lte: new Date(now) };
}

function namedDay(word: 'today' | 'yesterday', now: number, zone: string): { $gte: Date; $lte: Date } {
  const day = DateTime.fromMillis(now, { zone }).minus({ days: word === 'yesterday' ? 1 : 0 });
  return { $gte: day.startOf('day').toJSDate(), $lte: day.endOf('day').toJSDate() };
}
