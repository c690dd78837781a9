// Quartz cron expressions: whether one can be right (spec entity-model §1.5, §2.17). When it fires is the scheduler's matter.

const NUMBER = String.raw`\d{1,4}`;
const NAMES = '[A-Za-z]{3}';

/** Seconds, minutes, hours, day of month, month, day of week, year: what one part of each may look like. */
const FIELDS: readonly { readonly name: string; readonly item: RegExp; readonly max: number; readonly min: number }[] =
  [
    field('seconds', 0, 59),
    field('minutes', 0, 59),
    field('hours', 0, 23),
    field('day of month', 1, 31, String.raw`|\?|L(-\d{1,2})?W?|\d{1,2}W`),
    field('month', 1, 12, '', NAMES),
    field('day of week', 1, 7, String.raw`|\?|L|[1-7]L|${NAMES}L|([1-7]|${NAMES})#[1-5]`, NAMES),
    field('year', 1970, 2099),
  ];

/** What is wrong with an expression, or null. */
export function checkQuartz(expression: string): string | null {
  const parts = expression.trim().split(/\s+/);
  if (parts.length < 6 || parts.length > 7) {
    return `a Quartz expression has 6 or 7 parts (seconds first), not ${expression.trim() === '' ? 0 : parts.length}`;
  }
  for (const [index, part] of parts.entries()) {
    const rule = FIELDS[index];
    if (!rule) continue;
    const wrong = part.split(',').find((item) => !rule.item.test(item) || !inRange(item, rule));
    if (wrong !== undefined) return `"${wrong}" is not possible as ${rule.name}`;
  }
  return null;
}

function field(name: string, min: number, max: number, special = '', names = '(?!)') {
  const value = `(?:${NUMBER}|${names})`;
  return {
    name,
    min,
    max,
    item: new RegExp(`^(?:\\*(?:/${NUMBER})?|${value}(?:-${value})?(?:/${NUMBER})?${special})$`),
  };
}

function inRange(item: string, { min, max }: { readonly min: number; readonly max: number }): boolean {
  const [range = ''] = item.split(/[/#]/);
  if (range.startsWith('L')) return true;
  return (range.match(/\d+/g) ?? []).every((digits) => Number(digits) >= min && Number(digits) <= max);
}
