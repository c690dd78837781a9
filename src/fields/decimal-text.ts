// Exact decimal arithmetic on text: from what a client wrote to Decimal128 and back, never through a binary fraction.
import { Decimal } from 'decimal.js';
import { Decimal128 } from 'mongodb';

export type { Decimal };

/** Decimal128 keeps this many significant digits (spec field-types §4.14). */
export const MAX_DIGITS = 34;

// 40 digits: a stored value times or by a power of ten stays exact; rounding is half away from zero
const Exact = Decimal.clone({ precision: 40, rounding: Decimal.ROUND_HALF_UP, defaults: true });
const ZERO = new Exact(0);

const NUMBER = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d{1,5}))?$/;
const MAX_TEXT = 10_000;
const LOWEST_EXPONENT = -6176;
const HIGHEST_EXPONENT = 6144;

/** Ways to cut decimals: `round` is half away from zero, on the decimal text. */
export type LimitMode = 'round' | 'truncate';

/**
 * Reads a plain decimal number: `.` as separator, optional sign and exponent, blanks around it ignored (spec field-types §2.4).
 * @param shift powers of ten applied on the text: -2 turns a percent figure into its fraction
 * @returns the exact value, or null when the text is no such number
 */
export function readDecimal(text: string, shift = 0): Decimal | null {
  if (text.length > MAX_TEXT) return null;
  const match = NUMBER.exec(text.trim());
  if (!match) return null;
  const value = new Exact(`${match[1]}e${Number(match[2] ?? 0) + shift}`);
  return value.isZero() ? ZERO : value;
}

/** The exact value of a stored number; plain numbers by their shortest text. */
export function decimalOf(stored: Decimal128 | number): Decimal {
  return new Exact(String(stored));
}

/** The value in the canonical stored form, or null when it has more than 34 digits or lies outside of what Decimal128 can hold. */
export function storedDecimal(value: Decimal): Decimal128 | null {
  if (value.isZero()) return Decimal128.fromString('0');
  const digits = value.precision();
  const lowest = value.e - digits + 1;
  if (digits > MAX_DIGITS || lowest < LOWEST_EXPONENT || value.e > HIGHEST_EXPONENT) return null;
  return Decimal128.fromString(value.toString());
}

/** At most `places` decimals, cut by `mode`. */
export function limitDecimals(value: Decimal, places: number, mode: LimitMode): Decimal {
  const limited = value.toDecimalPlaces(places, mode === 'round' ? Decimal.ROUND_HALF_UP : Decimal.ROUND_DOWN);
  return limited.isZero() ? ZERO : limited;
}

/** The nearest values with at most 34 digits below and above; the same value twice when it fits. */
export function neighbours(value: Decimal): { readonly below: Decimal; readonly above: Decimal } {
  return {
    below: value.toSignificantDigits(MAX_DIGITS, Decimal.ROUND_FLOOR),
    above: value.toSignificantDigits(MAX_DIGITS, Decimal.ROUND_CEIL),
  };
}

/** Moves the decimal point: `shiftDecimal(0.5, 2)` is 50. Exact for stored values. */
export function shiftDecimal(value: Decimal, powers: number): Decimal {
  return value.times(new Exact(10).pow(powers));
}

/** Plain notation without exponent and without trailing zeros, or padded with zeros to `places` decimals. */
export function plainDecimal(value: Decimal, places?: number): string {
  return places === undefined ? value.toFixed() : value.toFixed(Math.max(places, value.decimalPlaces()));
}

/** `1234567.5` as `1,234,567.5`. */
export function groupThousands(text: string): string {
  const [whole = '', decimals] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return decimals === undefined ? grouped : `${grouped}.${decimals}`;
}
