// Number types; bigNumber values are BigNumber objects for scripts and strings in native JSON.
import { BigNumber } from '../big-number.ts';
import { formatNumber, type NumberOptions } from '../number-format.ts';
import type { TypeRule } from '../shape.ts';
import { placeOf, Wrapper } from '../wrapper.ts';

class NumberWrapper extends Wrapper {
  toHex(): string {
    const json = placeOf(this).value();
    return json === null ? '' : new BigNumber(String(json)).toString(16);
  }

  format(options?: NumberOptions): string {
    const json = placeOf(this).value();
    return json === null ? '' : formatNumber(String(json), options);
  }
}

/** Numbers and numeric strings; anything else is no value (spec scripting-api §3). */
function toNumber(value: unknown): number | null {
  const number =
    typeof value === 'string' && value.trim() !== ''
      ? Number(value)
      : BigNumber.isBigNumber(value)
        ? Number(value)
        : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

export const number: TypeRule = { read: (json) => json, write: toNumber, wrapper: NumberWrapper };

export const autoIncrement: TypeRule = { ...number, automatic: true };

export const duration: TypeRule = { read: (json) => json, write: toNumber, wrapper: Wrapper };

export const bigNumber: TypeRule = {
  read: (json) => new BigNumber(String(json)),
  write(value) {
    if (typeof value !== 'number' && typeof value !== 'string' && !BigNumber.isBigNumber(value)) return null;
    const big = new BigNumber(value);
    return big.isFinite() ? big.toFixed() : null;
  },
  text: String,
  wrapper: NumberWrapper,
};
