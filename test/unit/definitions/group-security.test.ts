// Rules of groups about people: addresses and times as people write them.
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { parseAddresses, parseIdleTime } from '../../../src/definitions/group-security.ts';

describe('allowed addresses', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '::ffff:10.0.0.1', true],
    ['::ffff:10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '10.0.0.2', false],
    ['10.0.0.0/8', '::ffff:10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '11.1.2.3', false],
    ['0.0.0.0/0', '1.2.3.4', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['2001:db8::/32', '2001:db8:1::1', true],
    ['2001:db8::/32', '10.0.0.1', false],
    ['2001:DB8:0::1', '2001:db8::1', true],
    [' 10.0.0.1 ', '10.0.0.1', true],
  ])('%s and %s: %s', (entry, address, expected) => {
    expect(parseAddresses(entry)?.(ipaddr.process(address))).toBe(expected);
  });

  it.each(['', 'localhost', '10.0.0.*', '10.0.0.0/33', '10.0.0.0-10.0.0.9', '10.0.0.1:80'])('%j is none', (entry) => {
    expect(parseAddresses(entry)).toBeNull();
  });
});

it.each([
  ['eightHours', 8 * 3_600_000],
  ['oneHour', 3_600_000],
  ['thirtyMinutes', 30 * 60_000],
  ['fortyFiveMinutes', 45 * 60_000],
  ['FIVE_MINUTES', 5 * 60_000],
  ['90 minutes', 90 * 60_000],
  ['2days', 2 * 86_400_000],
  ['oneWeek', 604_800_000],
  ['never', Number.POSITIVE_INFINITY],
  ['zeroHours', null],
  ['0 hours', null],
  ['hours', null],
  ['soon', null],
  ['', null],
])('the time %s', (text, expected) => {
  expect(parseIdleTime(text)).toBe(expected);
});
