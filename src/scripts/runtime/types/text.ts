// Text-like types: their native form is what scripts see.

import type { TypeRule } from '../shape.ts';
import { refusing } from '../unavailable.ts';
import { Wrapper } from '../wrapper.ts';

export const text: TypeRule = {
  read: (json) => json,
  write: (value) => String(value),
  isEmpty: (json) => json === '',
  wrapper: Wrapper,
};

/** Dashes every 3-3-4 digits from the right, the rest in front (spec field-types §4.5). */
export function formatPhone(digits: string): string {
  if (digits.length < 5) return digits;
  const tail = digits.slice(-4);
  const head = digits.slice(0, -4);
  if (head.length <= 3) return `${head}-${tail}`;
  const middle = head.slice(-3);
  const area = head.slice(-6, -3);
  return [head.slice(0, -6), area, middle, tail].filter((part) => part !== '').join('-');
}

class PhoneWrapper extends Wrapper {
  format(): string {
    return this.isEmpty() ? '' : String(this.val());
  }
}

export const phone: TypeRule = {
  ...text,
  write(value) {
    const digits = String(value).replace(/\D/g, '');
    return digits === '' ? null : formatPhone(digits);
  },
  wrapper: PhoneWrapper,
};

const MARKED_URL = /^\(([^)]*)\)<(.*)>$/s;

class UrlWrapper extends Wrapper {
  url(): string | null {
    const value = this.val();
    return typeof value === 'string' ? (MARKED_URL.exec(value)?.[1] ?? value) : null;
  }

  text(): string | null {
    const value = this.val();
    return typeof value === 'string' ? (MARKED_URL.exec(value)?.[2] ?? value) : null;
  }
}

export const url: TypeRule = { ...text, wrapper: UrlWrapper };

class RankWrapper extends Wrapper {}

// Ranks are made where all of an entity's ranks are known.
for (const name of ['rankBefore', 'rankAfter', 'rankBetween'])
  Object.defineProperty(RankWrapper.prototype, name, { value: refusing(`rank.${name}`), configurable: true });

export const rank: TypeRule = { ...text, wrapper: RankWrapper };

export const time: TypeRule = {
  ...text,
  write: (value) => (/^([01]\d|2[0-3]):[0-5]\d$/.test(String(value)) ? String(value) : null),
};

export const boolean: TypeRule = {
  read: (json) => json === true,
  write: (value) => Boolean(value),
  nothing: false,
  wrapper: Wrapper,
};
