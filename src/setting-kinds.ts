// The kinds of value a setting may have: how its text is read, and the words for what it must be.
import { accessSync, constants } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { IANAZone } from 'luxon';

/** One kind: `parse` returns undefined for a text that is not one of `must`. */
export interface SettingKind<T> {
  /** The word for the README's table. */
  type: string;
  /** Completes "NAME must be …". */
  must: string;
  parse(text: string): T | undefined;
}

export const text: SettingKind<string> = { type: 'text', must: 'a text', parse: (given) => given };

/** A text of one form. */
export const matching = (type: string, must: string, pattern: RegExp): SettingKind<string> => ({
  type,
  must,
  parse: (given) => (pattern.test(given) ? given : undefined),
});

export const oneOf = <const T extends string>(...values: T[]): SettingKind<T> => ({
  type: values.join(', '),
  must: `one of ${values.join(', ')}`,
  parse: (given) => values.find((value) => value === given),
});

export const integer = (min: number, max = Number.MAX_SAFE_INTEGER, type = 'number'): SettingKind<number> => ({
  type,
  must: max === Number.MAX_SAFE_INTEGER ? `a whole number, at least ${min}` : `a whole number from ${min} to ${max}`,
  parse: (given) => {
    const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  },
});

/** The longest time a Node timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const milliseconds = (min = 0): SettingKind<number> => integer(min, MAX_TIMER_MS, 'ms');
export const bytes = (min = 1): SettingKind<number> => integer(min, 2 ** 40, 'bytes');
export const port: SettingKind<number> = integer(0, 65_535, 'port');

export const flag: SettingKind<boolean> = {
  type: 'true, false',
  must: 'true or false',
  parse: (given) => (given === 'true' || given === '1' ? true : given === 'false' || given === '0' ? false : undefined),
};

/** An address with one of these protocols. */
export const url = (...protocols: string[]): SettingKind<string> => ({
  type: 'URL',
  must: `a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  parse: (given) =>
    URL.canParse(given) && protocols.includes(new URL(given).protocol) ? given.replace(/\/+$/, '') : undefined,
});

/** MongoDB's form has several hosts, which `URL` refuses; the driver checks the rest. */
export const mongodbUri = matching(
  'URL',
  'a MongoDB URI (mongodb://host:port/database?replicaSet=name or mongodb+srv://…)',
  /^mongodb(\+srv)?:\/\/[^/]+(\/|$|\?)/,
);

export const timezone: SettingKind<string> = {
  type: 'time zone',
  must: 'an IANA time zone, such as Europe/Berlin',
  parse: (given) => (IANAZone.isValidZone(given) ? given : undefined),
};

/** A folder; relative ones are meant from where the command was started. */
export const folder: SettingKind<string> = { type: 'folder', must: 'a folder', parse: (given) => resolve(given) };

export const readableFile: SettingKind<string> = {
  type: 'file',
  must: 'a file that this user may read',
  parse: (given) => {
    try {
      accessSync(given, constants.R_OK);
      return resolve(given);
    } catch {
      return undefined; // absent or forbidden: `must` says both
    }
  },
};

export const email = matching('e-mail', 'an e-mail address', /^[^\s@]+@[^\s@]+$/);

export const hexKey: SettingKind<string> = {
  type: '64 hex digits',
  must: '64 hex digits (openssl rand -hex 32)',
  parse: (given) => (/^[0-9a-f]{64}$/i.test(given) ? given.toLowerCase() : undefined),
};

/** Names with a number each: `reports:2,mix:8`. */
export const numbersByName = (must: string): SettingKind<Readonly<Record<string, number>>> => ({
  type: 'name:number, …',
  must,
  parse: (given) => {
    const pairs = splitList(given).map((one) => /^([A-Za-z][A-Za-z0-9_-]{0,63}):([1-9]\d{0,2})$/.exec(one));
    const names = new Set(pairs.map((pair) => pair?.[1]));
    if (pairs.includes(null) || names.size < pairs.length) return undefined;
    return Object.freeze(Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', Number(pair?.[2])])));
  },
});

/** `*`, or the exact origins that browsers may call from. */
export const origins: SettingKind<'*' | readonly string[]> = {
  type: 'origins',
  must: '* or a comma list of origins, such as https://app.example.com',
  parse: (given) => {
    if (given === '*') return '*';
    const list = splitList(given);
    return list.every((one) => URL.canParse(one) && new URL(one).origin === one) ? list : undefined;
  },
};

const NAMED_RANGES = ['loopback', 'linklocal', 'uniquelocal'];

/** Whose `X-Forwarded-*` headers count: nobody's, everybody's, that many proxies, or the listed addresses. */
export const proxies: SettingKind<boolean | number | string> = {
  type: 'true, false, number or addresses',
  must: `true, false, a number of proxies, or a comma list of addresses, CIDR ranges and ${NAMED_RANGES.join(', ')}`,
  parse: (given) => {
    if (given === 'true' || given === 'false') return given === 'true';
    if (/^\d{1,2}$/.test(given)) return Number(given);
    const list = splitList(given);
    return list.every(isAddressRange) ? list.join(',') : undefined;
  },
};

function isAddressRange(given: string): boolean {
  if (NAMED_RANGES.includes(given)) return true;
  const [address = '', prefix, ...more] = given.split('/');
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return (
    longest > 0 && more.length === 0 && (prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= longest))
  );
}

function splitList(given: string): string[] {
  return given
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
}
