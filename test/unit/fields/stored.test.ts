// Values that depend on what is stored already, conditions, and rules that the script host decides.
import { expect, test } from 'vitest';
import type { Json } from '../../../src/fields/field-type.ts';
import { compileOperator, ENV, fieldOf, native, store } from '../../support/fields.ts';

test('a choice that is no option any more may be sent back', () => {
  const field = fieldOf({ type: 'choice', typeRules: { possibleValues: [{ name: 'a', label: 'A' }] } });
  expect(store(field, 'old', 'old')).toBe('old');
  expect(field.type.plainText('old', field, ENV)).toBe('old');
  expect(field.type.decode('old', field, ENV, 'older')).toMatchObject({ code: 'invalid', rejected: 'old' });
});

test('a refused choice names what was sent', () => {
  const field = fieldOf({ type: 'choice', typeRules: { possibleValues: [{ name: 'a', label: 'A' }] } });
  expect(field.type.decode('sdfsdfsd', field, ENV, null)).toMatchObject({
    code: 'invalid',
    message: 'Not a valid choice',
    rejected: 'sdfsdfsd',
  });
});

test('options of a choice carry their conditions', () => {
  const possibleValues = [
    { name: 'a', label: 'A' },
    { name: 'b', label: 'B', condition: 'never' },
    { name: 'c', label: 'C', condition: 'js/condition' },
  ];
  const field = fieldOf({ type: 'choice', typeRules: { possibleValues } });
  const kinds = ['a', 'b', 'c', 'gone'].map((name) => field.type.conditionOf?.(name, field)?.kind);
  expect(kinds).toEqual(['always', 'never', 'hook', undefined]);
});

test('a phone number sent back as it was read gets no second prefix', () => {
  const field = fieldOf({ type: 'phone', typeRules: { international: true, defaultInternationalPrefix: '54' } });
  const stored = store(field, '261 654 9862');
  expect(native(field, stored)).toBe('54-261-654-9862');
  expect(store(field, native(field, stored), stored)).toBe(stored);
});

test('a dynamic choice keeps the options of the record', () => {
  const field = fieldOf({ type: 'dynamicChoice' });
  const options = [
    { label: 'Arizona', name: 'AZ' },
    { label: 'Ohio', name: 'OH' },
  ];
  const stored = store(field, { options, selectedValue: 'AZ' });
  const write = (input: Json): Json => native(field, store(field, input, stored));
  expect(write('OH')).toEqual({ options, selectedValue: 'OH' });
  expect(write({ selectedValue: 'OH' })).toEqual({ options, selectedValue: 'OH' });
  expect(write({ selectedValue: null })).toEqual({ options, selectedValue: null });
  expect(write('TX')).toEqual({ options: [{ label: 'TX', name: 'TX' }], selectedValue: 'TX' });
  expect(write({ options: options.slice(0, 1) })).toEqual({ options: options.slice(0, 1), selectedValue: 'AZ' });
  expect(write({ options: options.slice(1) })).toEqual({ options: options.slice(1), selectedValue: null });
  expect(field.type.decode({ selectedValue: 'TX' }, field, ENV, stored)).toMatchObject({ code: 'invalid' });
});

test('a rank is never cleared', () => {
  const field = fieldOf({ type: 'rank' });
  expect(field.type.decode(null, field, ENV, 'iiiii00000')).toBe('iiiii00000');
  expect(field.type.decode(' ', field, ENV, 'iiiii00000')).toBe('iiiii00000');
});

test('masked text under a mask of another length loses nothing', () => {
  const field = fieldOf({ type: 'maskedText', typeRules: { mask: '(999) aaa.' } });
  const shown = ['123ABC', '123', '12', '', '123ABCDE'].map((bare) => field.type.encode(bare, field, ENV));
  expect(shown).toEqual(['(123) ABC.', '(123', '(12', '', '(123) ABC.DE']);
});

test('a pattern with a look-around is decided by the script host', async () => {
  const field = fieldOf({
    type: 'text',
    typeRules: { regularExpression: { expression: '(?=.*\\d).+', hint: 'Digits!' } },
  });
  const asked: [string, string][] = [];
  const testPattern = async (source: string, value: string): Promise<boolean> => {
    asked.push([source, value]);
    return new RegExp(`^(?:${source})$`, 'u').test(value);
  };
  expect(await field.type.check('a1', field, { ...ENV, testPattern })).toBeNull();
  expect(await field.type.check('ab', field, { ...ENV, testPattern })).toMatchObject({
    code: 'invalid',
    message: 'Digits!',
  });
  expect(asked.map(([, value]) => value)).toEqual(['a1', 'ab']);
  expect(await field.type.check('a1', field, ENV)).toMatchObject({ code: 'invalid' });
});

test('sensitive values are compared exactly, since hashes know no case', () => {
  for (const type of ['text', 'email', 'html']) {
    const field = fieldOf({ type, sensitiveData: true });
    const value = type === 'email' ? 'User@test.com' : 'User';
    const predicate = compileOperator(field, 'equals', [value], { env: { ignoreCase: true } });
    expect(predicate).toMatchObject({ kind: 'in', values: [value] });
    expect(field.type.uniqueKey?.of(store(field, value)), 'what the hash is made of').toBe(value);
  }
});

test('lengths are checked before the pattern', async () => {
  const field = fieldOf({ type: 'text', typeRules: { minLength: 3, regularExpression: 'x' } });
  expect(await field.type.check('ab', field, ENV)).toMatchObject({ message: 'Minimum length is 3' });
});
