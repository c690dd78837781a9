// Sensitive values are found wherever a record has them, and hidden wherever a text shows them.
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/fields/field-type.ts';
import { hideSecrets, hideSecretsIn, secretsIn } from '../../../src/records/secrets.ts';
import { entityOf } from '../../support/entities.ts';

const { fields } = entityOf('things', {
  name: { type: 'text' },
  pin: { type: 'integer', sensitive: true },
  key: { type: 'text', sensitive: true },
  keys: { type: 'text', sensitive: true, many: true },
  file: { type: 'fileUpload', sensitive: true },
  home: { type: 'nestedFields', fields: { street: { type: 'text' }, alarm: { type: 'text', sensitive: true } } },
  doors: { type: 'nestedFields', many: true, fields: { code: { type: 'text', sensitive: true } } },
});

describe('finding', () => {
  it.each<[string, { [name: string]: Json }, string[]]>([
    ['texts and numbers', { name: 'n', pin: 4711, key: 'open sesame' }, ['open sesame', '4711']],
    ['lists', { keys: ['one', 'three', null] }, ['three', 'one']],
    ['structured values', { file: { id: 'abc', name: 'tax.pdf' } }, ['tax.pdf', 'abc']],
    [
      'groups',
      { home: { street: 's', alarm: '1234' }, doors: [{ code: 'x1' }, { code: 'x22' }] },
      ['1234', 'x22', 'x1'],
    ],
    ['empties', { key: '', keys: [], pin: null, home: null, doors: [null] }, []],
    ['what is no record of the entity', { key: { a: ['deep'] }, home: 'text', doors: 5 }, ['deep']],
    ['the same twice', { key: 'same', keys: ['same'] }, ['same']],
  ])('%s', (_what, native, wanted) => {
    expect(secretsIn(fields, native)).toEqual(wanted);
  });
});

describe('hiding', () => {
  it.each<[text: string, secrets: string[], wanted: string]>([
    ['the key is sesame, sesame!', ['sesame'], 'the key is ****, ****!'],
    ['opensesamenow', ['sesame'], 'open****now'],
    ['(a+b)* costs $1', ['(a+b)*'], '**** costs $1'],
    ['pin 12 of 2012', ['12'], 'pin **** of 2012'],
    ['a value', ['a'], '**** value'],
    ['nothing here', ['secret'], 'nothing here'],
    ['sesame street', ['sesame street', 'sesame'], '****'],
    ['', ['secret'], ''],
  ])('%s', (text, secrets, wanted) => {
    expect(hideSecrets(text, secrets)).toBe(wanted);
  });

  it('in all texts, numbers and keys inside', () => {
    const json = { a: ['is 4711', 4711, 47, null, true], 'key 4711': { deep: '4711' } };
    expect(hideSecretsIn(json, ['4711'])).toEqual({
      a: ['is ****', '****', 47, null, true],
      'key ****': { deep: '****' },
    });
    expect(hideSecretsIn(json, [])).toBe(json);
  });
});
