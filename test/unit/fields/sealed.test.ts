// Sensitive values: what is sealed opens in its place only, and equality works across key changes.
import fc from 'fast-check';
import { Binary, BSON, Decimal128, ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src/errors.ts';
import { createSealer, isSealed, type Sealed } from '../../../src/fields/sealed.ts';
import { fieldOf, store } from '../../support/fields.ts';

const KEY = '0123456789abcdef'.repeat(4);
const OTHER_KEY = 'fedcba9876543210'.repeat(4);
const secret = fieldOf({ type: 'text', name: 'secret', sensitiveData: true });
const other = fieldOf({ type: 'text', name: 'other', sensitiveData: true });
const sealer = createSealer({ key: KEY });
const throughDatabase = (value: unknown): Sealed => BSON.deserialize(BSON.serialize({ value })).value;

describe('sealing', () => {
  test('opens to the same value, whatever the type stores', () => {
    const values = [
      'text',
      '',
      0,
      7.5,
      2 ** 40,
      true,
      new Date(5),
      new ObjectId(),
      Decimal128.fromString('1.50'),
      ['a', 'b'],
      { _id: new ObjectId(), label: 'x', availableFields: { a: { b: null } } },
    ];
    for (const value of values) {
      const sealed = throughDatabase(sealer.seal(value, secret, 'users'));
      expect(isSealed(sealed)).toBe(true);
      expect(sealer.unseal(sealed, secret, 'users')).toEqual(value);
    }
  });

  test('any text survives', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        expect(sealer.unseal(throughDatabase(sealer.seal(value, secret, 'users')), secret, 'users')).toBe(value);
      }),
    );
  });

  test('shows neither the value nor that two values are the same', () => {
    const [a, b] = [sealer.seal('pass-word', secret, 'users'), sealer.seal('pass-word', secret, 'users')];
    expect(a.data.buffer.toString()).not.toContain('pass-word');
    expect(Buffer.from(a.data.buffer).equals(Buffer.from(b.data.buffer))).toBe(false);
    expect(JSON.stringify(a)).not.toContain(KEY);
  });

  test('has its documented shape', () => {
    const sealed = sealer.seal('x', secret, 'users');
    expect(Object.keys(sealed)).toEqual(['sealed', 'key', 'data', 'hash']);
    expect(sealed).toMatchObject({ sealed: 1, key: expect.stringMatching(/^[0-9a-f]{16}$/), data: expect.any(Binary) });
  });

  test.for([
    ['text', 'AbC'],
    ['integer', 42],
    ['phone', '1112223333'],
  ] as const)('%s hashes its unique key', ([type, input]) => {
    const field = fieldOf({ type, sensitiveData: true });
    const value = store(field, input);
    const { hash } = sealer.seal(value, field, 'users');
    expect(hash).toEqual(sealer.hashes(field.type.uniqueKey?.of(value))[0]);
  });

  test('types without equality have no hash', () => {
    const field = fieldOf({ type: 'dateTime', sensitiveData: true });
    expect(sealer.seal(new Date(), field, 'users').hash).toBeNull();
  });
});

describe('what does not open', () => {
  const refusal = (sealed: Sealed, field = secret, entity = 'users', by = sealer): AppError => {
    try {
      by.unseal(sealed, field, entity);
    } catch (error) {
      if (error instanceof AppError) return error;
    }
    throw new Error('it opened');
  };

  test.for([0, 12, 28, -1])('a byte changed at %i', (position) => {
    const sealed = throughDatabase(sealer.seal('value', secret, 'users'));
    const bytes = Buffer.from(sealed.data.buffer);
    const index = position < 0 ? bytes.length + position : position;
    bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index);
    expect(refusal({ ...sealed, data: new Binary(bytes) })).toMatchObject({
      code: 'systemException',
      message:
        'Sensitive field [secret] of entity [users] cannot be read: it was changed, or written for another field',
    });
  });

  test.for([0, 11, 12, 27])('cut to %i bytes', (length) => {
    const { data, ...rest } = sealer.seal('value', secret, 'users');
    expect(refusal({ ...rest, data: new Binary(Buffer.from(data.buffer).subarray(0, length)) }).status).toBe(500);
  });

  test('moved to another field or entity', () => {
    const sealed = sealer.seal('value', secret, 'users');
    expect(refusal(sealed, other).message).toContain('[other]');
    expect(refusal(sealed, secret, 'companies').message).toContain('[companies]');
  });

  test('without its key', () => {
    const sealed = createSealer({ key: OTHER_KEY }).seal('value', secret, 'users');
    expect(refusal(sealed).message).toContain(`a key [${sealed.key}] that is not configured`);
  });

  test.for(['', 'abc', `${KEY}00`, 'z'.repeat(64)])('a master key like "%s" does not start', (key) => {
    expect(() => createSealer({ key })).toThrow('64 hexadecimal characters');
    expect(() => createSealer({ key: KEY, oldKey: key === '' ? 'x' : key })).toThrow('64 hexadecimal characters');
  });
});

describe('changing keys', () => {
  const old = createSealer({ key: OTHER_KEY });
  const both = createSealer({ key: KEY, oldKey: OTHER_KEY });

  test('values of the old key are read and asked to be sealed again', () => {
    const sealed = old.seal('value', secret, 'users');
    expect(both.unseal(sealed, secret, 'users')).toBe('value');
    expect(both.needsReseal(sealed)).toBe(true);
    const again = both.seal(both.unseal(sealed, secret, 'users'), secret, 'users');
    expect(both.needsReseal(again)).toBe(false);
    expect(sealer.unseal(again, secret, 'users')).toBe('value');
  });

  test('equality finds values of both keys, the current one first', () => {
    const hashes = both.hashes('value');
    expect(hashes).toEqual([sealer.seal('value', secret, 'users').hash, old.seal('value', secret, 'users').hash]);
    expect(hashes).not.toContainEqual(sealer.seal('Value', secret, 'users').hash);
    expect(sealer.hashes('value')).toHaveLength(1);
  });

  test('without a change nothing needs to be sealed again', () => {
    expect(sealer.needsReseal(createSealer({ key: KEY.toUpperCase() }).seal('x', secret, 'users'))).toBe(false);
  });
});

test.for([null, undefined, 'x', 1, {}, { sealed: 1 }, { sealed: true, data: 1 }, []])('%j is not sealed', (value) => {
  expect(isSealed(value)).toBe(false);
});
