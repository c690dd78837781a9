// `money`: an exact amount with at most four decimals and a symbol in plain text (spec field-types §4.15).
import { type ExactNumberOptions, exactNumber } from './exact-number.ts';
import { rangeSchema } from './number-options.ts';

export interface MoneyOptions extends ExactNumberOptions {
  readonly symbol: string;
}

/** What the vendor's sample app sets; used for each key that neither the app nor the field sets. */
const DISPLAY_DEFAULTS = { symbol: '$', numberOfDecimals: 2, decimalLimitRuleType: 'round' } as const;

export const money = exactNumber<MoneyOptions>({
  name: 'money',
  places: 4,
  shift: 0,
  native: 'number',
  displayDefaults: DISPLAY_DEFAULTS,
  options: (reader, base) => {
    const symbol = reader.display.symbol ?? DISPLAY_DEFAULTS.symbol;
    if (typeof symbol !== 'string') reader.warn('uiOptions.symbol', 'must be a text; ignored');
    return {
      ...base,
      display: { ...base.display, zeroPadding: true },
      symbol: typeof symbol === 'string' ? symbol : DISPLAY_DEFAULTS.symbol,
    };
  },
  show: ({ sign, digits }, { symbol }) => sign + symbol + digits,
  schema: ({ range }) => ({ type: 'number', ...rangeSchema(range) }),
});
