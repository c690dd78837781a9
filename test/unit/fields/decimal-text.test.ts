// Decimal arithmetic against whole numbers of BigInt, which cannot be wrong about digits.
import fc from 'fast-check';
import { Decimal128 } from 'mongodb';
import { expect, test } from 'vitest';
import {
  decimalOf,
  groupThousands,
  limitDecimals,
  neighbours,
  plainDecimal,
  readDecimal,
  shiftDecimal,
  storedDecimal,
} from '../../../src/fields/decimal-text.ts';
import { ENV, fieldOf } from '../../support/fields.ts';

/** A decimal as digits and the number of them behind the point. */
const decimals = fc.record({
  digits: fc.bigInt({ min: -(10n ** 34n) + 1n, max: 10n ** 34n - 1n }),
  scale: fc.integer({ min: 0, max: 40 }),
});

function write(digits: bigint, scale: number): string {
  const sign = digits < 0n ? '-' : '';
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  const rest = text.slice(text.length - scale).replace(/0+$/, '');
  return (digits === 0n ? '' : sign) + whole + (rest ? `.${rest}` : '');
}

const read = (text: string) => readDecimal(text) ?? expect.fail(`${text} is a number`);

test('every number of up to 34 digits is stored and printed exactly', () => {
  fc.assert(
    fc.property(decimals, ({ digits, scale }) => {
      const text = write(digits, scale);
      const stored = storedDecimal(read(`${digits}e-${scale}`));
      expect(stored).toBeInstanceOf(Decimal128);
      expect(plainDecimal(decimalOf(stored as Decimal128))).toBe(text);
    }),
  );
});

test('rounding is half away from zero and truncation is towards it, on the digits', () => {
  fc.assert(
    fc.property(decimals, fc.integer({ min: 0, max: 6 }), ({ digits, scale }, places) => {
      const value = read(`${digits}e-${scale}`);
      const unit = 10n ** BigInt(Math.max(scale - places, 0));
      const size = digits < 0n ? -digits : digits;
      const sign = digits < 0n ? -1n : 1n;
      const kept = Math.min(scale, places);
      expect(plainDecimal(limitDecimals(value, places, 'truncate'))).toBe(write((sign * size) / unit, kept));
      expect(plainDecimal(limitDecimals(value, places, 'round'))).toBe(
        write(sign * ((2n * size + unit) / (2n * unit)), kept),
      );
    }),
  );
});

test('moving the point loses nothing', () => {
  fc.assert(
    fc.property(decimals, ({ digits, scale }) => {
      const value = read(`${digits}e-${scale}`);
      expect(plainDecimal(shiftDecimal(shiftDecimal(value, 2), -2))).toBe(write(digits, scale));
      expect(readDecimal(`${digits}e-${scale}`, -2)?.eq(shiftDecimal(value, -2))).toBe(true);
    }),
  );
});

test('JSON numbers become decimals by their shortest text', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }), (value) => {
      expect(Number(plainDecimal(read(String(value))))).toBe(value + 0);
    }),
  );
  expect(plainDecimal(read(String(0.1 + 0.2)))).toBe('0.30000000000000004');
});

test.for([
  '',
  ' ',
  '.',
  '-',
  'e5',
  '1e',
  '1e+',
  '1,0',
  '1_0',
  '0x1',
  '١',
  '1e100000',
  'Infinity',
  'NaN',
  `${'9'.repeat(10_001)}`,
])('"%s" is no number', (text) => {
  expect(readDecimal(text)).toBeNull();
});

test('numbers beyond Decimal128 are not stored', () => {
  for (const text of ['1e6145', '1e-6177', '9'.repeat(35), '-1e6145']) expect(storedDecimal(read(text))).toBeNull();
  for (const text of ['1e6144', `${'9'.repeat(34)}e6111`, '1e-6176', `${'9'.repeat(34)}e-6176`]) {
    expect(storedDecimal(read(text))).toBeInstanceOf(Decimal128);
  }
});

test('neighbours enclose what has too many digits', () => {
  const { below, above } = neighbours(read(`1.${'0'.repeat(40)}1`));
  expect([plainDecimal(below), plainDecimal(above)]).toEqual(['1', `1.${'0'.repeat(32)}1`]);
  const negative = neighbours(read(`-1.${'0'.repeat(40)}1`));
  expect([plainDecimal(negative.below), plainDecimal(negative.above)]).toEqual([`-1.${'0'.repeat(32)}1`, '-1']);
});

test('thousands are grouped left of the point only', () => {
  expect(['1', '123', '1234', '1234567.1234567'].map(groupThousands)).toEqual([
    '1',
    '123',
    '1,234',
    '1,234,567.1234567',
  ]);
});

test('a decimal sent back as it was read keeps the digits that JSON numbers cannot show', () => {
  const field = fieldOf({ type: 'decimal' });
  const stored = field.type.decode('0.12345678901234567890123', field, ENV, null);
  const shown = field.type.encode(stored, field, ENV);
  expect(shown).toBe(0.12345678901234568);
  expect(String(field.type.decode(shown, field, ENV, stored))).toBe('0.12345678901234567890123');
  expect(String(field.type.decode(0.5, field, ENV, stored))).toBe('0.5');
  expect(String(field.type.decode(shown, field, ENV, null))).toBe('0.12345678901234568');
});

test('a sequence starts at its minimum, or at one', () => {
  const start = (typeRules: Record<string, unknown>): unknown => {
    const field = fieldOf({ type: 'autoIncrement', typeRules });
    return field.type.sequenceFrom?.(field);
  };
  expect([start({}), start({ minValue: 1000 }), start({ minValue: '50' }), start({ minValue: -5 })]).toEqual([
    1, 1000, 50, 1,
  ]);
});
