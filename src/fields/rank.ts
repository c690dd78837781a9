// `rank`: a text of base 36 digits that orders records; there is always room for another one between two (spec field-types §4.33).
import type { Decoded, FieldType, Json } from './field-type.ts';
import { invalid } from './problems.ts';
import { decodeString, stringOperators, stringValue } from './string-value.ts';

const FIRST = 'iiiii00000';
const WIDTH = 10;
/** Distance of ranks given one after the other. */
const STEP = 64n;
const BASE = 36n;

/** The rank of a new record: after the highest one, or the first of all. */
export function nextRank(highest: string | null): string {
  if (highest === null) return FIRST;
  const next = toNumber(highest, WIDTH) + STEP;
  // past the last rank of this width there is still room behind the digits
  return next < BASE ** BigInt(WIDTH) ? toText(next, WIDTH) : `${highest}i`;
}

/**
 * A rank between two others; null stands for the open end.
 * @throws RangeError when the second does not come after the first, or nothing comes before it
 */
export function rankBetween(before: string | null, after: string | null): string {
  if (after === null) return nextRank(before);
  const low = before ?? '';
  const width = Math.max(WIDTH, low.length, after.length);
  const from = toNumber(low, width);
  const to = toNumber(after, width);
  if (low >= after || from === to) throw new RangeError(`There is no rank between [${low}] and [${after}]`);
  const middle = (from + to) / 2n;
  // neighbours: half a step further is one digit longer
  return middle > from ? toText(middle, width) : `${toText(from, width)}i`;
}

/** Longer ones only come from somebody who plays: each digit makes room for thirty-six more. */
const MAX_LENGTH = 1_000;

/** The first digits as a number; missing ones are zeros, as they are in the order of texts. */
function toNumber(rank: string, width: number): bigint {
  let number = 0n;
  for (const digit of rank.padEnd(width, '0').slice(0, width))
    number = number * BASE + BigInt(Number.parseInt(digit, 36) || 0);
  return number;
}

const toText = (number: bigint, width: number): string => number.toString(36).padStart(width, '0');

function decode(input: Json, stored: string | null): Decoded<string> {
  const value = decodeString(input);
  // a rank is never cleared, it only moves
  if (value === null) return stored;
  if (typeof value !== 'string') return value;
  return /^[0-9a-z]+$/.test(value) && value.length <= MAX_LENGTH ? value : invalid('Not a valid rank', input);
}

export const rank: FieldType<null, string> = {
  ...stringValue,
  name: 'rank',
  supports: {
    many: false,
    default: false,
    unique: true,
    required: false,
    indexable: true,
    sensitive: true,
    calculated: false,
    aggregatable: false,
  },
  lifecycle: 'rank',
  textLike: false,
  options: () => null,
  decode: (input, _field, _env, stored) => decode(input, stored),
  fromCsv: (cell) => decode(cell, null),
  check: () => null,
  operators: stringOperators,
  schema: () => ({ type: 'string', pattern: '^[0-9a-z]+$', examples: ['iiiii00000'] }),
};
