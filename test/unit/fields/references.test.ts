// Relationships: what is looked up, what is stored and copied, what is printed, and the filters on all of it.
import { Decimal128, ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import type { Field, RelationshipRule } from '../../../src/definitions/model.ts';
import {
  type Json,
  type OperandEnv,
  type OperatorName,
  PendingLookup,
  Problem,
} from '../../../src/fields/field-type.ts';
import { copiedPath, type StoredReference, storeReference } from '../../../src/fields/relationship.ts';
import { matches } from '../../../src/query/matches.ts';
import { compileOperator, ENV, type FieldDefinition, fieldOf } from '../../support/fields.ts';

const ID = '57fd2d61e4b0ce322b0c55af';
const OTHER_ID = '57fd2d61e4b0ce322b0c55b0';
const ENTITY = { id: '5b0000000000000000000001' };

/** Copied fields of a target: every path of `paths` in the compiled `definitions`. */
function copiesOf(definitions: readonly FieldDefinition[], paths: readonly string[]): readonly Field[] {
  const roots = definitions.map(fieldOf);
  return paths.map((path) => {
    const [first, ...rest] = path.split('.');
    const root = roots.find(({ name }) => name === first);
    const found = rest.reduce<Field | undefined>((field, name) => field?.fieldByName.get(name), root);
    return found ?? expect.fail(path);
  });
}

function relationshipWith(
  copiedFields: readonly Field[],
  rule: Partial<RelationshipRule> = {},
  definition: Partial<FieldDefinition> = {},
): Field {
  const field = fieldOf({ type: 'relationship', name: 'company', typeRules: { entity: 'companies' }, ...definition });
  const relationship: RelationshipRule = {
    entity: 'companies',
    filter: null,
    copiedFields,
    deletePolicy: 'none',
    labelUpdatePolicy: true,
    copiedFieldsUpdatePolicy: true,
    ...rule,
  };
  return Object.assign(field, { relationship });
}

const company = relationshipWith([]);
const record = (data: object = {}, label = 'Fivechat') => ({
  _id: new ObjectId(ID),
  label,
  data: data as Record<string, unknown>,
});

describe('what is written is looked up', () => {
  const id = { by: 'id', id: new ObjectId(ID) };
  test.for<readonly [Json, readonly object[]]>([
    [{ id: ID }, [id]],
    [{ id: ID.toUpperCase() }, [id]],
    [{ id: ID, label: 'Other', code: 'x' }, [id]],
    [{ id: '', label: 'Fivechat', code: 'x' }, [{ by: 'label', label: 'Fivechat' }]],
    [{ label: 7 }, [{ by: 'label', label: '7' }]],
    [{ code: 'x', entity: 'companies', version: 3 }, [{ by: 'field', field: 'code', value: 'x' }]],
    [
      { code: 'x', rating: 5, empty: '' },
      [
        { by: 'field', field: 'code', value: 'x' },
        { by: 'field', field: 'rating', value: 5 },
      ],
    ],
    [ID, [id, { by: 'label', label: ID }, { by: 'field', field: null, value: ID }]],
    [
      'Fivechat',
      [
        { by: 'label', label: 'Fivechat' },
        { by: 'field', field: null, value: 'Fivechat' },
      ],
    ],
    [
      42,
      [
        { by: 'label', label: '42' },
        { by: 'field', field: null, value: 42 },
      ],
    ],
  ])('%j', ([input, tries]) => {
    const decoded = company.type.decode(input, company, ENV, null);
    expect(decoded).toEqual(
      new PendingLookup({ target: { records: 'companies' }, tries: tries as never, rejected: input }),
    );
  });

  test('cells are looked up like bare texts', () => {
    expect(company.type.fromCsv(ID, company, ENV)).toEqual(company.type.decode(ID, company, ENV, null));
    expect(company.type.fromCsv(' ', company, ENV)).toBeNull();
  });
});

describe('what is stored', () => {
  test('id, label in both cases, and the entity', () => {
    expect(storeReference(ENTITY, record(), company)).toEqual({
      _id: new ObjectId(ID),
      label: 'Fivechat',
      __label_lower_case__: 'fivechat',
      entityId: ENTITY.id,
    });
  });

  const target: readonly FieldDefinition[] = [
    { type: 'text', name: 'type' },
    { type: 'decimal', name: 'rating' },
    { type: 'boolean', name: 'isCustomer' },
    { type: 'text', name: 'tags', multiplicity: 'many' },
    { type: 'text', name: 'secret', sensitiveData: true },
    {
      type: 'nestedFields',
      name: 'contact',
      label: 'Contact',
      nestedFields: [
        { type: 'email', name: 'email' },
        { type: 'phone', name: 'phone' },
        { type: 'text', name: 'pin', sensitiveData: true },
      ],
    },
    {
      type: 'nestedFields',
      name: 'addresses',
      multiplicity: 'many',
      nestedFields: [
        { type: 'text', name: 'state' },
        { type: 'text', name: 'zipCode' },
      ],
    },
  ];
  const groupId = new ObjectId();
  const data = {
    type: 'c',
    rating: Decimal128.fromString('2.5'),
    isCustomer: false,
    tags: ['a', 'b'],
    secret: 'hidden',
    contact: { _id: groupId, email: 'a@b.com', phone: '1112223333', pin: '1' },
    addresses: [
      { _id: groupId, _label: 'NY', state: 'NY', zipCode: '1' },
      { _id: groupId, state: 'CA' },
    ],
  };
  const copyOf = (...paths: string[]) => relationshipWith(copiesOf(target, paths));
  const copied = (field: Field): unknown => storeReference(ENTITY, record(data), field).availableFields;
  const printed = (field: Field, from: object = data): Json => {
    const {
      id: _id,
      label: _label,
      ...rest
    } = field.type.encode(storeReference(ENTITY, record(from), field), field, ENV) as Record<string, Json>;
    return rest;
  };

  test('plain copies, by name', () => {
    const field = copyOf('type', 'rating', 'isCustomer', 'tags');
    expect(copied(field)).toEqual({ type: 'c', rating: data.rating, isCustomer: false, tags: ['a', 'b'] });
    expect(printed(field)).toEqual({ type: 'c', rating: 2.5, isCustomer: false, tags: ['a', 'b'] });
  });

  test('empties are printed as in a record and not stored', () => {
    const field = copyOf('type', 'isCustomer', 'tags', 'contact', 'addresses');
    expect(storeReference(ENTITY, record(), field)).not.toHaveProperty('availableFields');
    expect(printed(field, {})).toEqual({ type: null, isCustomer: false, tags: [], contact: null, addresses: [] });
  });

  test('whole groups and lists of groups', () => {
    const field = copyOf('contact', 'addresses');
    expect(copied(field)).toEqual({
      contact: { _id: groupId, email: 'a@b.com', phone: '1112223333' },
      addresses: data.addresses,
    });
    expect(printed(field)).toEqual({
      contact: { id: String(groupId), label: 'Contact', email: 'a@b.com', phone: '111-222-3333' },
      addresses: [
        { id: String(groupId), label: 'NY', state: 'NY', zipCode: '1' },
        { id: String(groupId), label: 'addresses', state: 'CA', zipCode: null },
      ],
    });
  });

  test('some fields of groups', () => {
    const field = copyOf('contact.email', 'addresses.state');
    expect(copied(field)).toEqual({
      contact: { _id: groupId, email: 'a@b.com' },
      addresses: [
        { _id: groupId, _label: 'NY', state: 'NY' },
        { _id: groupId, state: 'CA' },
      ],
    });
    expect(printed(field)).toMatchObject({
      contact: { email: 'a@b.com' },
      addresses: [{ state: 'NY' }, { state: 'CA' }],
    });
  });

  test('sensitive values stay where they are sealed', () => {
    expect(copied(copyOf('secret', 'contact.pin', 'type'))).toEqual({ type: 'c', contact: { _id: groupId } });
    expect(printed(copyOf('secret', 'type'))).toEqual({ type: 'c' });
  });

  test('references with copies of their own, to a depth', () => {
    const copies: Field[] = [];
    const parent = relationshipWith(copies, {}, { name: 'parent' });
    copies.push(parent, ...copiesOf(target, ['type']));
    let stored: StoredReference | undefined;
    for (let i = 0; i < 20; i++)
      stored = storeReference(ENTITY, record({ type: `t${i}`, parent: stored }, `L${i}`), parent);
    const depths: string[] = [];
    for (let at = stored; at; at = at.availableFields?.parent as StoredReference | undefined) depths.push(at.label);
    expect(depths).toEqual(['L19', 'L18', 'L17', 'L16', 'L15']);
    expect(parent.type.encode(stored, parent, ENV)).toMatchObject({
      label: 'L19',
      type: 't19',
      parent: { label: 'L18', type: 't18', parent: { label: 'L17', type: 't17' } },
    });
    expect(parent.type.schema(parent)).toMatchObject({ properties: { parent: { type: ['object', 'null'] } } });
  });

  test('a kept reference follows its target unless its policies say no', () => {
    const before = storeReference(ENTITY, record({ type: 'a' }, 'Old'), copyOf('type'));
    const after = record({ type: 'b' }, 'New');
    const kept = (rule: Partial<RelationshipRule>): StoredReference =>
      storeReference(ENTITY, after, relationshipWith(copiesOf(target, ['type']), rule), before);
    expect(kept({})).toMatchObject({ label: 'New', availableFields: { type: 'b' } });
    expect(kept({ labelUpdatePolicy: false })).toMatchObject({
      label: 'Old',
      __label_lower_case__: 'old',
      availableFields: { type: 'b' },
    });
    expect(kept({ copiedFieldsUpdatePolicy: false })).toMatchObject({ label: 'New', availableFields: { type: 'a' } });
  });

  test('where the query compiler finds copies', () => {
    const [email] = copiesOf(target, ['contact.email']);
    expect(copiedPath('data.company', email as Field)).toBe('data.company.availableFields.contact.email');
  });

  test('plain text is the label, or a copied field where the display says so', () => {
    const shown = (displayValue: string): string => {
      const field = relationshipWith(
        copiesOf(target, ['rating', 'tags', 'contact.phone']),
        {},
        { uiOptions: { displayValue } },
      );
      return field.type.plainText(storeReference(ENTITY, record(data), field), field, ENV);
    };
    expect(['label', 'fields/rating', 'fields/tags', 'fields/contact.phone', 'fields/type'].map(shown)).toEqual([
      'Fivechat',
      '2.5',
      'a, b',
      '111-222-3333',
      'Fivechat',
    ]);
  });

  test('same target, same value', () => {
    const a = storeReference(ENTITY, record({}, 'A'), company);
    expect(company.type.equal(a, storeReference(ENTITY, record({}, 'B'), company))).toBe(true);
    expect(company.type.equal(a, { ...a, _id: new ObjectId(OTHER_ID) })).toBe(false);
    expect(company.type.uniqueKey?.of(a)).toEqual(new ObjectId(ID));
  });
});

describe('filters', () => {
  const stored = (id: string, label: string): StoredReference => ({
    ...storeReference(ENTITY, { _id: new ObjectId(id), label, data: {} }, company),
  });
  const all = [
    { name: 'five', data: { company: stored(ID, 'Fivechat') } },
    { name: 'lower', data: { company: stored('57fd2d61e4b0ce322b0c55b1', 'fivechat') } },
    // a record whose label is the id of another
    { name: 'trap', data: { company: stored(OTHER_ID, ID) } },
    { name: 'both', data: { company: [stored(ID, 'Fivechat'), stored('57fd2d61e4b0ce322b0c55b2', 'Jazzy')] } },
    { name: 'none', data: {} },
  ];
  const finds = (
    operator: OperatorName,
    operands: readonly Json[],
    options: { subPath?: string; env?: Partial<OperandEnv> } = {},
  ): string[] => {
    const predicate = compileOperator(company, operator, operands, options);
    if (predicate instanceof Problem) throw new Error(predicate.message);
    return all.filter((document) => matches(predicate, document)).map(({ name }) => name);
  };
  const ignoreCase = { env: { ignoreCase: true } };

  test.for<readonly [OperatorName, readonly Json[], readonly string[], object?]>([
    ['equals', ['Fivechat'], ['five', 'both']],
    ['equals', ['FIVECHAT'], []],
    ['equals', ['FIVECHAT'], ['five', 'lower', 'both'], ignoreCase],
    ['equals', ['Jazzy', 'fivechat'], ['lower', 'both']],
    ['equals', [['Jazzy']], ['both']],
    ['equals', [ID], ['five', 'trap', 'both']],
    ['equals', [ID, OTHER_ID], ['five', 'trap', 'both']],
    ['equals', [{ id: ID }], ['five', 'both']],
    ['equals', [{ id: ID, label: 'whatever' }], ['five', 'both']],
    ['equals', [{ label: 'Jazzy' }], ['both']],
    ['equals', [null], ['none']],
    ['equals', [ID, null], ['five', 'trap', 'both', 'none']],
    ['notEquals', ['Fivechat'], ['lower', 'trap', 'none']],
    ['notEquals', [ID], ['lower', 'none']],
    ['like', ['chat'], ['five', 'lower', 'both']],
    ['like', ['/jaz'], ['both']],
    ['empty', [], ['none']],
    ['notEmpty', [], ['five', 'lower', 'trap', 'both']],
    ['equals', [ID], ['five', 'both'], { subPath: 'id' }],
    ['equals', ['Fivechat'], [], { subPath: 'id' }],
    ['notEquals', [ID], ['lower', 'trap', 'none'], { subPath: 'id' }],
    ['equals', [ID], ['trap'], { subPath: 'label' }],
    ['equals', ['FIVEchat'], ['five', 'lower', 'both'], { subPath: 'label', ...ignoreCase }],
    ['like', ['JAZZ'], ['both'], { subPath: 'label' }],
    ['empty', [], ['none'], { subPath: 'id' }],
  ])('%s(%j) finds %j', ([operator, operands, names, options]) => {
    expect(finds(operator, operands, options)).toEqual(names);
  });
});
