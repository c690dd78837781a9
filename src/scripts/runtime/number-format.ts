// Numbers as text: `format(options)` of number wrappers and `sys.utils.numbers.format` (spec scripting-api §1.8).
import { BigNumber } from './big-number.ts';

export interface NumberOptions {
  readonly thousandsSeparator?: unknown;
  readonly limitNumberOfDecimals?: unknown;
  readonly numberOfDecimals?: unknown;
  readonly limitRuleType?: unknown;
}

/** Plain decimal text, limited and grouped as the options say; decimals are truncated unless the rule is `ROUND`. */
export function formatNumber(value: number | string | BigNumber, options: NumberOptions = {}): string {
  const number = new BigNumber(value);
  if (!number.isFinite()) return '';
  const mode = options.limitRuleType === 'ROUND' ? BigNumber.ROUND_HALF_UP : BigNumber.ROUND_DOWN;
  const places = Number(options.numberOfDecimals ?? 2);
  const text = (options.limitNumberOfDecimals ? number.decimalPlaces(places, mode) : number).toFixed();
  return options.thousandsSeparator ? grouped(text) : text;
}

function grouped(text: string): string {
  const [whole = '', decimals] = text.split('.');
  const groups = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return decimals === undefined ? groups : `${groups}.${decimals}`;
}
