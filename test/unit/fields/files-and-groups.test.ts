// File values, groups that changed after they were stored, and conditions on nested groups.
import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { type GroupRef, type Json, type OperatorName, PendingLookup, Problem } from '../../../src/fields/field-type.ts';
import { sizeText, undecoratedName } from '../../../src/fields/file-size.ts';
import { matches } from '../../../src/query/matches.ts';
import { and, type Predicate } from '../../../src/query/predicate.ts';
import { compileOperator, ENV, fieldOf, native } from '../../support/fields.ts';

const ID = '5886000000000000000000aa';
const file = fieldOf({ type: 'fileUpload' });
const decode = (input: Json): unknown => file.type.decode(input, file, ENV, null);

describe('file values', () => {
  test.for<Json>([ID, { id: ID }, { id: ID, name: 'logo.png (41.5kB)' }])('%j is looked up by its id', (input) => {
    const tries = [{ by: 'id', id: new ObjectId(ID) }];
    expect(decode(input)).toEqual(
      new PendingLookup({ target: { files: true }, tries: tries as never, rejected: input }),
    );
  });

  test.for([
    ['aGVsbG8=', 'hello'],
    ['aGVsbG8', 'hello'],
    ['aGVs\r\nbG8=\n', 'hello'],
    ['', ''],
  ] as const)('content "%s" is a file', ([content, text]) => {
    const decoded = decode({ name: 'test1.txt', contentType: 'text/plain', content });
    expect(decoded).toBeInstanceOf(PendingLookup);
    const { lookup } = decoded as PendingLookup;
    expect(lookup.rejected).toBe('test1.txt');
    expect(lookup.tries).toEqual([
      { by: 'content', name: 'test1.txt', contentType: 'text/plain', bytes: Buffer.from(text) },
    ]);
  });

  test('ten megabytes are the limit, and what is refused is not sent back', () => {
    const send = (bytes: number) =>
      decode({ name: 'a', contentType: 'a/b', content: Buffer.alloc(bytes).toString('base64') });
    expect(send(10 * 1024 * 1024)).toBeInstanceOf(PendingLookup);
    for (const bytes of [10 * 1024 * 1024 + 1, 30 * 1024 * 1024]) {
      const message = 'Maximum size of a file sent inline is 10 MB';
      expect(send(bytes)).toEqual(new Problem('invalid', message));
    }
  });

  test.for([
    [0, '0B'],
    [1023, '1023B'],
    [1024, '1kB'],
    [4096, '4kB'],
    [42496, '41.5kB'],
    [1048575, '1MB'],
    [1024 * 1024 * 1024 * 1.25, '1.3GB'],
    [1024 ** 4, '1024GB'],
  ] as const)('%i bytes are %s', ([bytes, text]) => {
    expect(sizeText(bytes)).toBe(text);
    expect(undecoratedName(`a (1) (${text})`)).toBe('a (1)');
  });

  test('a name without a size has no suffix to cut', () => {
    expect(['a.png', 'a (1)', '(4kB)', 'a (4 kB)', 'a (4kB) '].map(undecoratedName)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  const logo = { _id: new ObjectId(ID), name: 'logo.png', contentType: 'image/png', size: 42496 };

  test('reads as id and name with its size', () => {
    expect(native(file, logo)).toEqual({ id: ID, name: 'logo.png (41.5kB)' });
    expect(file.type.plainText(logo, file, ENV)).toBe('logo.png (41.5kB)');
    expect(file.type.toCsv(logo, file, ENV)).toBe('logo.png (41.5kB)');
    expect(file.type.importable).toBe(false);
  });

  test.for<readonly [OperatorName, readonly Json[], boolean, string?]>([
    ['equals', ['logo.png'], true],
    ['equals', ['logo.png (41.5kB)'], true],
    ['equals', ['LOGO.png'], false],
    ['equals', ['other.png', 'logo.png'], true],
    ['equals', [ID], true],
    ['equals', [{ id: ID, name: 'x' }], true],
    ['equals', [{ name: 'logo.png (1kB)' }], true],
    ['equals', ['logo'], false],
    ['notEquals', ['logo.png (41.5kB)'], false],
    ['like', ['GO.p'], true],
    ['empty', [], false],
    ['equals', [ID], true, 'id'],
    ['equals', ['logo.png (41.5kB)'], true, 'name'],
    ['notEquals', ['a.png'], true, 'name'],
  ])('%s(%j): %s', ([operator, operands, found, subPath]) => {
    const predicate = compileOperator(file, operator, operands, subPath ? { subPath } : {});
    if (predicate instanceof Problem) throw new Error(predicate.message);
    expect(matches(predicate, { data: { value: logo } })).toBe(found);
  });
});

describe('groups that changed', () => {
  const group = fieldOf({ type: 'group' });
  const stored = {
    _id: new ObjectId('5a0000000000000000000001'),
    label: 'Old label',
    __label_lower_case__: 'old label',
  };
  const gone = { ...stored, _id: new ObjectId('5a00000000000000000000ff') };

  test('show the label of the definitions, or the stored one when they are gone', () => {
    expect(native(group, stored)).toMatchObject({ label: 'Administrators' });
    expect(native(group, gone)).toMatchObject({ label: 'Old label' });
  });

  test('are found by their new label and not by a stale one', () => {
    const finds = (operand: string): boolean => {
      const predicate = compileOperator(group, 'equals', [operand]);
      return !(predicate instanceof Problem) && matches(predicate, { data: { value: stored } });
    };
    expect([finds('Administrators'), finds('admins'), finds('Old label')]).toEqual([true, true, false]);
  });

  test('a group that is gone fails the next save', async () => {
    expect(await group.type.check(gone, group, ENV)).toMatchObject({ code: 'notFound', message: 'Group not found' });
    expect(await group.type.check(stored, group, ENV)).toBeNull();
  });

  test('a label that two groups share is refused', () => {
    const all: GroupRef[] = ['1', '2'].map((n) => ({
      id: `5a000000000000000000000${n}`,
      name: `g${n}`,
      label: 'Same',
    }));
    const groups = { byId: () => undefined, byName: () => undefined, all };
    expect(group.type.decode('Same', group, { ...ENV, groups }, null)).toMatchObject({
      code: 'invalid',
      message: 'More than one record matches',
    });
  });
});

describe('conditions on a group', () => {
  const addresses = fieldOf({
    type: 'nestedFields',
    name: 'addresses',
    label: 'Addresses',
    multiplicity: 'many',
    nestedFields: [
      { type: 'text', name: 'street' },
      { type: 'text', name: 'zipCode' },
    ],
  });
  /** What the query compiler does, for `equals` only. */
  const conditions = (
    group: typeof addresses,
    map: { readonly [path: string]: Json | undefined },
  ): Predicate | Problem => {
    const tests: Predicate[] = [];
    for (const [path, value] of Object.entries(map)) {
      const inner = group.fieldByName.get(path);
      if (!inner) return new Problem('badRequest', `Unknown field [${path}]`);
      const test = inner.type.operators.equals?.([{ value: value ?? null, quoted: false }], inner, path, ENV);
      if (!test || test instanceof Problem) return test ?? new Problem('badRequest', 'No equals');
      tests.push(test);
    }
    return and(tests);
  };
  const finds = (operand: Json, elements: readonly object[]): boolean => {
    const predicate = compileOperator(addresses, 'equals', [operand], { env: { conditions } });
    if (predicate instanceof Problem) throw new Error(predicate.message);
    return matches(predicate, { data: { addresses: elements } });
  };
  const both = [{ street: 'Street 123', zipCode: '1234' }];
  const apart = [
    { street: 'Street 123', zipCode: '1' },
    { street: 'x', zipCode: '1234' },
  ];

  test.for<Json>([{ street: 'Street 123', zipCode: '1234' }, '{"street":"Street 123","zipCode":"1234"}'])(
    '%j asks for one element',
    (operand) => {
      expect(finds(operand, both)).toBe(true);
      expect(finds(operand, apart)).toBe(false);
    },
  );

  test('several objects mean any of them, and null means no element', () => {
    expect(finds([{ zipCode: '9' }, { zipCode: '1' }], apart)).toBe(true);
    expect(finds([{ zipCode: '9' }, null], apart)).toBe(false);
    expect(finds([{ zipCode: '9' }, null], [])).toBe(true);
  });

  test('problems of inner conditions come through', () => {
    expect(compileOperator(addresses, 'equals', [{ city: 'x' }], { env: { conditions } })).toMatchObject({
      message: 'Unknown field [city]',
    });
  });

  test('native form of a group, with empties', () => {
    const one = fieldOf({
      type: 'nested',
      label: 'Contact Information',
      nestedFields: [
        { type: 'text', name: 'a' },
        { type: 'boolean', name: 'b' },
        { type: 'integer', name: 'c', multiplicity: 'many' },
      ],
    });
    const _id = new ObjectId(ID);
    expect(native(one, { _id })).toEqual({ id: ID, label: 'Contact Information', a: null, b: false, c: [] });
    expect(native(one, { _id, _label: 'L', a: 'x', b: true, c: [1] })).toEqual({
      id: ID,
      label: 'L',
      a: 'x',
      b: true,
      c: [1],
    });
  });

  test('a group keeps its identity', () => {
    const stored = { _id: new ObjectId(ID) };
    expect(addresses.type.decode({ street: 'x' }, addresses, ENV, stored)).toEqual(stored);
    expect(addresses.type.decode({ street: 'x' }, addresses, ENV, null)).toEqual({ _id: expect.any(ObjectId) });
  });

  test('label rules', () => {
    const label = (rule: unknown): unknown => {
      const field = fieldOf({ type: 'nestedFields', typeRules: { label: rule }, nestedFields: [] });
      return (field.options as { label: unknown }).label;
    };
    expect([undefined, 'none', 'fields/state', 'js/addressLabel'].map(label)).toEqual([
      null,
      null,
      'fields/state',
      'js/addressLabel',
    ]);
  });
});
