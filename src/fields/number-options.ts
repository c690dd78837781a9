// Type rules and display options of the number types, and how they apply (spec field-types §2.9, §4.12–4.16).
import {
  type Decimal,
  groupThousands,
  type LimitMode,
  limitDecimals,
  plainDecimal,
  readDecimal,
} from './decimal-text.ts';
import type { OptionReader, Problem } from './field-type.ts';
import { invalid } from './problems.ts';

/** Inclusive limits of a value. */
export interface ValueRange {
  readonly min: Decimal | null;
  readonly max: Decimal | null;
}

/** How many decimals a value may have, and what happens to more. */
export interface DecimalLimit {
  readonly places: number;
  readonly mode: LimitMode | 'throwError';
}

export interface NumberDisplay {
  readonly thousands: boolean;
  readonly limit: { readonly places: number; readonly mode: LimitMode } | null;
  readonly zeroPadding: boolean;
}

type Options = Readonly<Record<string, unknown>>;

const LIMIT_MODES: Readonly<Record<string, DecimalLimit['mode']>> = {
  round: 'round',
  truncate: 'truncate',
  throwerror: 'throwError',
  error: 'throwError',
};
const MAX_PLACES = 4;
const MAX_SHOWN_PLACES = 34;
/** What the vendor's script API does when limiting is asked for without saying how. */
const DEFAULT_MODE = 'truncate';
const DEFAULT_SHOWN_PLACES = 2;

/** Reads `minValue` and `maxValue`; numbers by their shortest text, texts exactly. */
export function readRange(reader: OptionReader): ValueRange {
  const range = { min: readLimit(reader, 'minValue'), max: readLimit(reader, 'maxValue') };
  if (range.min && range.max && range.min.gt(range.max)) {
    reader.error('typeRules.maxValue', 'must not be less than minValue');
  }
  return range;
}

function readLimit(reader: OptionReader, key: 'minValue' | 'maxValue'): Decimal | null {
  const value = reader.rules[key] ?? null;
  if (value === null || value === '') return null;
  const limit = typeof value === 'number' || typeof value === 'string' ? readDecimal(String(value)) : null;
  if (!limit) reader.error(`typeRules.${key}`, 'must be a number');
  return limit;
}

/** The broken limit of a range, if any. */
export function checkRange(value: Decimal, { min, max }: ValueRange, rejected: unknown): Problem | null {
  if (min && value.lt(min)) return invalid(`Minimum value is ${plainDecimal(min)}`, rejected);
  if (max && value.gt(max)) return invalid(`Maximum value is ${plainDecimal(max)}`, rejected);
  return null;
}

/** `minimum` and `maximum` of JSON Schema. */
export function rangeSchema({ min, max }: ValueRange): { readonly [key: string]: unknown } {
  return { ...(min && { minimum: min.toNumber() }), ...(max && { maximum: max.toNumber() }) };
}

/** Reads the rule `numberOfDecimals` (0–4) with its `decimalLimitRuleType`; null: not limited. */
export function readDecimalLimit(reader: OptionReader): DecimalLimit | null {
  const { numberOfDecimals, decimalLimitRuleType } = reader.rules;
  const mode = readMode(decimalLimitRuleType);
  if (mode === undefined) {
    reader.error('typeRules.decimalLimitRuleType', 'must be one of round, truncate, throwError');
  }
  if (isMissing(numberOfDecimals)) {
    if (!isMissing(decimalLimitRuleType)) {
      reader.warn('typeRules.decimalLimitRuleType', 'has no effect without numberOfDecimals');
    }
    return null;
  }
  const places = readPlaces(numberOfDecimals, MAX_PLACES);
  if (places === null) {
    reader.error('typeRules.numberOfDecimals', `must be an integer from 0 to ${MAX_PLACES}`);
    return null;
  }
  return { places, mode: mode ?? DEFAULT_MODE };
}

/**
 * Reads how a number is shown. Wrong display options are load warnings: they never change data.
 * @param defaults what applies to keys that neither the app nor the field sets
 */
export function readNumberDisplay(reader: OptionReader, defaults: Options = {}): NumberDisplay {
  const display = { ...defaults, ...reader.display };
  return {
    thousands: readFlag(display.showThousandsSeparator),
    limit: readShownLimit(reader, display),
    zeroPadding: readFlag(display.zeroPadding),
  };
}

function readShownLimit(reader: OptionReader, display: Options): NumberDisplay['limit'] {
  const { numberOfDecimals, decimalLimitRuleType } = display;
  if (isMissing(numberOfDecimals) && isMissing(decimalLimitRuleType)) return null;
  const places = isMissing(numberOfDecimals) ? DEFAULT_SHOWN_PLACES : readPlaces(numberOfDecimals, MAX_SHOWN_PLACES);
  if (places === null) {
    reader.warn('uiOptions.numberOfDecimals', `must be an integer from 0 to ${MAX_SHOWN_PLACES}; ignored`);
    return null;
  }
  const mode = readMode(decimalLimitRuleType) ?? DEFAULT_MODE;
  return { places, mode: mode === 'round' ? 'round' : 'truncate' };
}

/** A number as it is shown, split so that a symbol can go between sign and digits. */
export function showNumber(
  value: Decimal,
  display: NumberDisplay,
): { readonly sign: '' | '-'; readonly digits: string } {
  const { limit, thousands, zeroPadding } = display;
  const shown = limit ? limitDecimals(value, limit.places, limit.mode) : value;
  const digits = limit && zeroPadding ? plainDecimal(shown.abs(), limit.places) : plainDecimal(shown.abs());
  return { sign: shown.isNegative() ? '-' : '', digits: thousands ? groupThousands(digits) : digits };
}

/** A yes/no option: booleans and their usual texts. */
export function readFlag(value: unknown): boolean {
  return value === true || (typeof value === 'string' && /^(?:true|yes|1)$/i.test(value));
}

function readMode(value: unknown): DecimalLimit['mode'] | null | undefined {
  if (isMissing(value)) return null;
  return LIMIT_MODES[String(value).toLowerCase()];
}

function readPlaces(value: unknown, max: number): number | null {
  const places = typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value;
  return Number.isInteger(places) && Number(places) >= 0 && Number(places) <= max ? Number(places) : null;
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
