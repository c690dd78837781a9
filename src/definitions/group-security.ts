// Rules of groups about people: what can be wrong with them is told when they are loaded, and then they count as little as possible.
import ipaddr from 'ipaddr.js';
import type { GroupFile } from './group-schema.ts';
import { at, type Place } from './place.ts';
import type { Problems } from './problems.ts';

/** Warns of addresses that no caller can have and of times that can't be read. */
export function checkSecurity(problems: Problems, { security }: GroupFile, place: Place): void {
  for (const [index, entry] of (security?.allowedIPs ?? []).entries()) {
    if (parseAddresses(entry) === null) {
      const text = 'is no address and no range such as 10.0.0.0/8; nobody comes from there';
      problems.warn(at(place, 'security', 'allowedIPs', index), text);
    }
  }
  const idle = security?.sessionPolicies?.automaticLogoutTime;
  if (idle !== undefined && parseIdleTime(idle) === null) {
    const text = 'is no time such as eightHours, thirtyMinutes or never; it is ignored';
    problems.warn(at(place, 'security', 'sessionPolicies', 'automaticLogoutTime'), text);
  }
}

type Address = ReturnType<typeof ipaddr.process>;

/** Is an address among those that the entry means? */
export type AddressTest = (address: Address) => boolean;

/** An entry of `allowedIPs`: an address or a CIDR range, IPv4-mapped IPv6 as IPv4; null for anything else. */
export function parseAddresses(entry: string): AddressTest | null {
  const text = entry.trim();
  if (ipaddr.isValid(text)) {
    const wanted = ipaddr.process(text).toNormalizedString();
    return (address) => address.toNormalizedString() === wanted;
  }
  if (!ipaddr.isValidCIDR(text)) return null;
  const [base, bits] = ipaddr.parseCIDR(text);
  const mapped = base.kind() === 'ipv6' && (base as ipaddr.IPv6).isIPv4MappedAddress() && bits >= MAPPED_BITS;
  const network = mapped ? (base as ipaddr.IPv6).toIPv4Address() : base;
  const length = mapped ? bits - MAPPED_BITS : bits;
  return (address) => address.kind() === network.kind() && address.match(network as never, length);
}

/** Length of what stands in front of a mapped IPv4 address. */
const MAPPED_BITS = 96;

const SMALL = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');
const NUMBERS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(SMALL.map((word, index) => [word, index + 1])),
  fifteen: 15,
  twenty: 20,
  thirty: 30,
  forty: 40,
  fortyfive: 45,
  fifty: 50,
  sixty: 60,
  ninety: 90,
};
const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 };

/**
 * `automaticLogoutTime` in milliseconds: a number, as a word or in digits, and a unit (`eightHours`); `never` is without end.
 * @returns null for anything else
 */
export function parseIdleTime(text: string): number | null {
  const word = text.trim().toLowerCase();
  if (word === 'never') return Number.POSITIVE_INFINITY;
  const [, count = '', unit = ''] = /^(\w+?)[ _-]?(minute|hour|day|week)s?$/.exec(word) ?? [];
  const number = /^\d{1,5}$/.test(count) ? Number(count) : NUMBERS[count];
  const length = UNITS[unit];
  return number && length ? number * length : null;
}
