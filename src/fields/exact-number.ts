// The base of decimal, bigNumber, money and percentage: exact values in Decimal128, cut and compared on their decimal text.
import type { Decimal128 } from 'mongodb';
import {
  type Decimal,
  decimalOf,
  limitDecimals,
  MAX_DIGITS,
  neighbours,
  plainDecimal,
  readDecimal,
  shiftDecimal,
  storedDecimal,
} from './decimal-text.ts';
import { type Decoded, type FieldType, type Json, type Operand, type OptionReader, Problem } from './field-type.ts';
import {
  checkRange,
  type DecimalLimit,
  type NumberDisplay,
  readDecimalLimit,
  readNumberDisplay,
  readRange,
  showNumber,
  type ValueRange,
} from './number-options.ts';
import { Bounds, emptiness, equality, operandText, ordered } from './operators.ts';
import { invalid, wrongStructure } from './problems.ts';

export interface ExactNumberOptions {
  readonly range: ValueRange;
  readonly limit: DecimalLimit | null;
  readonly display: NumberDisplay;
}

/** How one of the four types differs from the others. */
export interface ExactNumberSpec<O extends ExactNumberOptions> {
  readonly name: string;
  /** Decimals (of the figure people see) that are kept, rounded, when the field sets no limit; null: all. */
  readonly places: number | null;
  /** Powers of ten between the stored value and the figure that people see, in CSV cells and as plain text: 2 for percentages. */
  readonly shift: number;
  /** bigNumber travels as text, so that no client's binary numbers can damage it. */
  readonly native: 'number' | 'text';
  readonly options: (reader: OptionReader, base: ExactNumberOptions) => O;
  readonly displayDefaults: Readonly<Record<string, unknown>>;
  /** Puts the parts of a shown number together. */
  readonly show: (parts: { readonly sign: string; readonly digits: string }, options: O) => string;
  readonly schema: (options: O) => { readonly [key: string]: unknown };
}

const MESSAGE = 'Not a valid number';

/** Makes a field type of a spec. */
export function exactNumber<O extends ExactNumberOptions>(spec: ExactNumberSpec<O>): FieldType<O, Decimal128> {
  const native = (value: Decimal128): Json =>
    spec.native === 'text' ? plainDecimal(decimalOf(value)) : Number(String(value)) + 0;
  const decode = (input: Json, { limit }: O, stored: Decimal128 | null, shift: number): Decoded<Decimal128> => {
    if (input === null) return null;
    if (typeof input === 'object') return wrongStructure(input);
    if (typeof input === 'string' && input.trim() === '') return null;
    const written = typeof input === 'boolean' ? null : readDecimal(sentText(input, stored), shift);
    if (!written) return invalid(MESSAGE, input);
    const value = storedDecimal(applyLimit(written, limit));
    if (spec.native === 'number' && !Number.isFinite(written.toNumber())) return invalid(MESSAGE, input);
    return value ?? invalid(tooLarge(written), input);
  };
  const applyLimit = (value: Decimal, limit: DecimalLimit | null): Decimal => {
    if (limit?.mode === 'throwError') return value;
    if (limit) return limitDecimals(value, limit.places + spec.shift, limit.mode);
    return spec.places === null ? value : limitDecimals(value, spec.places + spec.shift, 'round');
  };
  const check = (value: Decimal128, { limit, range }: O): Problem | null => {
    const exact = decimalOf(value);
    if (limit?.mode === 'throwError' && exact.decimalPlaces() > limit.places + spec.shift) {
      return invalid(`Maximum number of decimals is ${limit.places}`, native(value));
    }
    return checkRange(exact, range, native(value));
  };
  const figure = (value: Decimal128): Decimal => shiftDecimal(decimalOf(value), spec.shift);
  return {
    name: spec.name,
    supports: {
      many: true,
      default: true,
      unique: false,
      required: true,
      indexable: true,
      sensitive: true,
      calculated: true,
      aggregatable: true,
    },
    automatic: false,
    lifecycle: null,
    textLike: false,
    emptyNative: null,
    options: (reader) =>
      spec.options(reader, {
        range: readRange(reader),
        limit: readDecimalLimit(reader),
        display: readNumberDisplay(reader, spec.displayDefaults),
      }),
    decode: (input, field, _env, stored) => decode(input, field.options, stored, 0),
    fromCsv: (cell, field) => decode(cell, field.options, null, -spec.shift),
    check: (value, field) => check(value, field.options),
    encode: native,
    plainText: (value, { options }) => spec.show(showNumber(figure(value), options.display), options),
    toCsv: (value) => plainDecimal(figure(value)),
    equal: (a, b) => decimalOf(a).eq(decimalOf(b)),
    isEmpty: () => false,
    operators: { ...equality(parseOperand), ...emptiness(), ...ordered(parseOperand) },
    order: { sort: '', group: '', minMax: true, firstLast: true },
    uniqueKey: null,
    indexSuffixes: [''],
    indexKind: 1,
    schema: (field) => spec.schema(field.options),
  };
}

/**
 * The text of what was sent. A JSON number that is what a client read from the stored value stands for that value: sending a
 * record back must not cut the digits that JSON numbers cannot show.
 */
function sentText(input: string | number, stored: Decimal128 | null): string {
  if (typeof input === 'string') return input;
  return stored !== null && Number(String(stored)) === input ? String(stored) : String(input);
}

function tooLarge(value: Decimal): string {
  return value.precision() > MAX_DIGITS ? `Maximum number of significant digits is ${MAX_DIGITS}` : MESSAGE;
}

/** Operands with more digits than are ever stored equal nothing and still compare as expected. */
function parseOperand(operand: Operand): unknown {
  const text = typeof operand.value === 'boolean' ? invalid(MESSAGE, operand.value) : operandText(operand);
  if (text instanceof Problem) return text;
  const value = readDecimal(text);
  if (!value) return new Problem('badRequest', MESSAGE);
  const { below, above } = neighbours(value);
  const from = storedDecimal(above);
  const to = storedDecimal(below);
  if (!from || !to) return new Problem('badRequest', MESSAGE);
  return below.eq(above) ? from : new Bounds(from, to);
}
