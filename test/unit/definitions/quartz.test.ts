// Quartz expressions that can be right, and those that can't.
import { describe, expect, it } from 'vitest';
import { checkQuartz } from '../../../src/definitions/quartz.ts';

describe('Quartz expressions', () => {
  it.each([
    '0 0 12 * * ?',
    '0 15 10 ? * MON-FRI',
    '0 0/5 14,18 * * ?',
    '0 0-5 14 * * ?',
    '0 10,44 14 ? 3 WED',
    '0 15 10 L * ?',
    '0 15 10 L-2 * ?',
    '0 15 10 LW * ?',
    '0 15 10 15W * ?',
    '0 15 10 ? * 6L',
    '0 15 10 ? * FRIL',
    '0 15 10 ? * 6#3',
    '0 15 10 ? * fri#3',
    '0 11 11 11 11 ?',
    '*/10 * * * * ?',
    '0 15 10 ? JAN-MAR 2 2026-2030',
    '  0   0  12 * * ? ',
  ])('takes %s', (expression) => {
    expect(checkQuartz(expression)).toBeNull();
  });

  it.each([
    ['', 'a Quartz expression has 6 or 7 parts (seconds first), not 0'],
    ['0 12 * * *', 'a Quartz expression has 6 or 7 parts (seconds first), not 5'],
    ['0 0 12 * * ? 2026 x', 'a Quartz expression has 6 or 7 parts (seconds first), not 8'],
    ['60 0 12 * * ?', '"60" is not possible as seconds'],
    ['0 61 12 * * ?', '"61" is not possible as minutes'],
    ['0 0 24 * * ?', '"24" is not possible as hours'],
    ['0 0 12 32 * ?', '"32" is not possible as day of month'],
    ['0 0 12 ? 13 1', '"13" is not possible as month'],
    ['0 0 12 ? * 8', '"8" is not possible as day of week'],
    ['0 0 12 ? * 6#6', '"6#6" is not possible as day of week'],
    ['0 0 12 * * ? 1900', '"1900" is not possible as year'],
    ['0 0 noon * * ?', '"noon" is not possible as hours'],
    ['0 0, 12 * * ?', '"" is not possible as minutes'],
  ])('refuses %j', (expression, message) => {
    expect(checkQuartz(expression)).toBe(message);
  });
});
