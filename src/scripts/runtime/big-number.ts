// BigNumber as scripts know it: what is no number is NaN, and what one function configures does not reach the next message.
import { BigNumber } from 'bignumber.js';

const SETTINGS = {
  DECIMAL_PLACES: 20,
  ROUNDING_MODE: BigNumber.ROUND_HALF_UP,
  EXPONENTIAL_AT: [-7, 20] as [number, number],
  RANGE: [-1e9, 1e9] as [number, number],
  CRYPTO: false,
  STRICT: false,
  MODULO_MODE: BigNumber.ROUND_DOWN,
  POW_PRECISION: 0,
};

const { config } = BigNumber;
config(SETTINGS);

let changed = false;

/** Notes when a script changes the settings, which live outside of BigNumber's objects. */
export function watchSettings(): void {
  const noting = (...args: unknown[]): unknown => {
    changed = true;
    return Reflect.apply(config, BigNumber, args);
  };
  Object.assign(BigNumber, { config: noting, set: noting });
}

/** Puts the settings back after a message that changed them. */
export function restoreSettings(): void {
  if (!changed) return;
  changed = false;
  config(SETTINGS);
}

export { BigNumber };
