// `integer`: whole numbers that a JSON number holds exactly (spec field-types §4.12); also the base of autoIncrement.
import { Decimal } from 'decimal.js';
import { decimalOf, readDecimal } from './decimal-text.ts';
import { type Decoded, type FieldType, type Json, type Operand, Problem } from './field-type.ts';
import {
  checkRange,
  type NumberDisplay,
  rangeSchema,
  readNumberDisplay,
  readRange,
  showNumber,
  type ValueRange,
} from './number-options.ts';
import { Bounds, emptiness, equality, operandText, ordered } from './operators.ts';
import { invalid, wrongStructure } from './problems.ts';

export interface IntegerOptions {
  readonly range: ValueRange;
  readonly display: NumberDisplay;
}

const MESSAGE = 'Not a valid integer';

/** Reads an integer from JSON or text; `10.0` is 10, `10.5` is refused, and so is what a JSON number cannot hold exactly. */
function decodeInteger(input: Json): Decoded<number> {
  if (input === null) return null;
  if (typeof input === 'object') return wrongStructure(input);
  if (typeof input === 'string' && input.trim() === '') return null;
  const value = typeof input === 'string' ? readDecimal(input)?.toNumber() : input;
  // adding zero turns a negative zero into zero
  return Number.isSafeInteger(value) ? Number(value) + 0 : invalid(MESSAGE, input);
}

/** An operand: a decimal stands between two integers, so it equals none of them and compares as expected. */
function parseOperand(operand: Operand): number | Bounds | Problem {
  const text = typeof operand.value === 'boolean' ? invalid(MESSAGE, operand.value) : operandText(operand);
  if (text instanceof Problem) return text;
  const value = readDecimal(text);
  if (!value) return new Problem('badRequest', 'Not a valid number');
  const above = clamp(value.toDecimalPlaces(0, Decimal.ROUND_CEIL));
  const below = clamp(value.toDecimalPlaces(0, Decimal.ROUND_FLOOR));
  return above === below ? above : new Bounds(above, below);
}

/** Just outside of what is ever stored, operands are all alike. */
function clamp(value: Decimal): number {
  const limit = Number.MAX_SAFE_INTEGER + 1;
  return Math.min(Math.max(value.toNumber(), -limit), limit) + 0;
}

/** E N 0 C on numbers. */
export const integerOperators = {
  ...equality(parseOperand),
  ...emptiness(),
  ...ordered(parseOperand),
};

/** What integer and autoIncrement share. */
export const integerValue = {
  textLike: false,
  emptyNative: null,
  decode: decodeInteger,
  fromCsv: decodeInteger,
  encode: (value: number): Json => Number(value),
  toCsv: (value: number): string => String(value),
  equal: (a: number, b: number): boolean => a === b,
  isEmpty: (): boolean => false,
  operators: integerOperators,
  order: { sort: '', group: '', minMax: true, firstLast: true },
  indexSuffixes: [''],
  indexKind: 1,
} as const;

export const integer: FieldType<IntegerOptions, number> = {
  ...integerValue,
  name: 'integer',
  supports: {
    many: true,
    default: true,
    unique: true,
    required: true,
    indexable: true,
    sensitive: true,
    calculated: true,
    aggregatable: true,
  },
  automatic: false,
  lifecycle: null,
  options: (reader) => ({ range: readRange(reader), display: readNumberDisplay(reader) }),
  check: (value, { options }) => checkRange(decimalOf(value), options.range, value),
  plainText: (value, { options }) => {
    const { sign, digits } = showNumber(decimalOf(value), { ...options.display, limit: null });
    return sign + digits;
  },
  uniqueKey: { of: (value) => value, suffix: '' },
  schema: ({ options }) => ({ type: 'integer', ...rangeSchema(options.range) }),
};
