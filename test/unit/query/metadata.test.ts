// Metadata expressions: case, dynamic values, structural forms, and mistakes reported by key (spec entity-model §3).
import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import type { EntityModel, FilterEnv, StoredRecord } from '../../../src/definitions/model.ts';
import { type CompileOptions, compileFilter } from '../../../src/query/compile.ts';
import { matches } from '../../../src/query/matches.ts';
import { toMongo } from '../../../src/query/to-mongo.ts';
import { entityOf } from '../../support/entities.ts';
import { ENV } from '../../support/fields.ts';
import { companies, NO_SEALER } from '../../support/query-models.ts';

const users = entityOf('sys.users', {
  status: { type: 'choice', rules: { possibleValues: [{ name: 'ACTIVE' }, { name: 'INACTIVE' }] } },
  authentication: { type: 'nestedFields', fields: { enableTwoFactorAuthentication: { type: 'boolean' } } },
  region: { type: 'text' },
  limit: { type: 'integer' },
  company: { type: 'relationship', rules: { entity: 'companies' }, to: companies, copies: ['type'] },
  companies: { type: 'relationship', many: true, rules: { entity: 'companies' }, to: companies },
});
const orders = entityOf('orders', {
  title: { type: 'text' },
  titles: { type: 'text', many: true },
  status: { type: 'choice', rules: { possibleValues: [{ name: 'OPEN' }, { name: 'CLOSED' }] } },
  amount: { type: 'integer' },
  due: { type: 'date' },
  at: { type: 'dateTime' },
  ownerId: { type: 'text' },
  owner: { type: 'relationship', rules: { entity: 'sys.users' }, to: users, copies: ['region'] },
  company: { type: 'relationship', rules: { entity: 'companies' }, to: companies, copies: ['type'] },
  lines: { type: 'nestedFields', many: true, fields: { item: { type: 'text' }, count: { type: 'integer' } } },
  parent: { type: 'relationship', rules: { entity: 'orders' } },
  entity: { type: 'text' },
  secret: { type: 'text', sensitive: true },
  scratch: { type: 'text', transient: true },
});
const models: Readonly<Record<string, EntityModel>> = { 'sys.users': users, orders, companies };

const ids = [1, 2, 3].map((digit) => new ObjectId(`${digit}`.repeat(24)));
const [userId, companyId, otherId] = ids as [ObjectId, ObjectId, ObjectId];
const record = (_id: ObjectId, label: string, data: Record<string, unknown>): StoredRecord => ({
  _id,
  version: 1,
  label,
  __label_lower_case__: label.toLowerCase(),
  data,
});
const reference = (_id: ObjectId, label: string, availableFields: object = {}) => ({
  ...{ _id, label, __label_lower_case__: label.toLowerCase(), entityId: '0'.repeat(24), availableFields },
});
const user = record(userId, 'Ann', {
  status: 'INACTIVE',
  region: 'North',
  limit: 10,
  company: reference(companyId, 'Acme', { type: 'a' }),
  companies: [reference(companyId, 'Acme'), reference(otherId, 'Other')],
});
const env: FilterEnv = { ...ENV, ignoreCase: true, userRecord: user, sourceRecord: null };

const options: CompileOptions = { scope: 'metadata', env: ENV, entities: (name) => models[name] };
const compile = (map: unknown, over: Partial<CompileOptions> = {}, entity = orders) =>
  compileFilter(entity, map, { ...options, ...over });
const holds = (
  map: unknown,
  data: Record<string, unknown>,
  over: Partial<FilterEnv> = {},
  entity = orders,
): boolean => {
  const source = { source: orders };
  return matches(compile(map, source, entity).bind({ ...env, ...over }), record(otherId, 'Order 7', data));
};

describe('names and texts match in any case', () => {
  test.each<[unknown, Record<string, unknown>, boolean]>([
    [{ status: 'closed' }, { status: 'CLOSED' }, true],
    [{ STATUS: 'Closed,OPEN' }, { status: 'OPEN' }, true],
    [{ title: 'hello' }, { title: 'HELLO' }, true],
    [{ title: 'hello' }, { title: 'HELLO!' }, false],
    [{ titles: ['a', 'b'] }, { titles: ['x', 'B'] }, true],
    [{ title: 'NOTEQUALS(hello)' }, { title: 'Hello' }, false],
    [{ 'company.label': 'acme' }, { company: reference(companyId, 'ACME') }, true],
    [{ company: 'acme' }, { company: reference(companyId, 'ACME') }, true],
    [{ 'Company.TYPE': 'a' }, { company: reference(companyId, 'x', { type: 'a' }) }, true],
    [{ LABEL: 'order 7' }, {}, true],
    [{}, {}, true],
    [{ _OR: { title: 'x', amount: 'greater(5)' } }, { amount: 6 }, true],
    [{ _or1: [{ title: 'x', amount: 1 }, { amount: 2 }], _or2: { title: 'y' } }, { amount: 2, title: 'Y' }, true],
    [{ _or: { _and: { title: 'x', amount: 1 }, amount: 7 } }, { title: 'x', amount: 1 }, true],
    [{ title: null }, {}, true],
    [{ amount: [1, null] }, {}, true],
    [{ amount: [] }, {}, false],
    [
      { lines: { ITEM: 'pen', count: 'greater(2)' } },
      {
        lines: [
          { item: 'Pen', count: 1 },
          { item: 'x', count: 3 },
        ],
      },
      false,
    ],
    [{ lines: { ITEM: 'pen', count: 'greater(2)' } }, { lines: [{ item: 'PEN', count: 3 }] }, true],
    [{ filters: { amount: 3 }, entity: 'orders' }, { amount: 3 }, true],
    [{ filters: { amount: 3 } }, { amount: 4 }, false],
  ])('%j on %j: %s', (map, data, expected) => {
    expect(holds(map, data)).toBe(expected);
  });

  test('a nested path in lower case', () => {
    const map = { 'authentication.enabletwofactorauthentication': true };
    const on = { authentication: { enableTwoFactorAuthentication: true } };
    expect(holds(map, on, {}, users)).toBe(true);
    expect(holds(map, {}, {}, users)).toBe(false);
  });

  test('an entity beside the filters is no filter, unless there is such a field', () => {
    expect(holds({ entity: 'orders', status: 'inactive' }, { status: 'INACTIVE' }, {}, users)).toBe(true);
    expect(holds({ entity: 'orders' }, { entity: 'companies' })).toBe(false);
  });
});

describe('dynamic values', () => {
  const owned = { owner: reference(userId, 'Ann') };
  test.each<[unknown, Record<string, unknown>, boolean]>([
    [{ owner: '$currentUser' }, owned, true],
    [{ owner: '$CURRENTUSER' }, owned, true],
    [{ owner: '"$currentUser"' }, owned, false],
    [{ owner: 'notEquals($currentUser)' }, owned, false],
    [{ owner: ['$currentUser', 'Bob'] }, { owner: reference(otherId, 'bob') }, true],
    [{ 'owner.id': '$currentUser' }, owned, true],
    [{ ownerId: '$currentUser' }, { ownerId: userId.toHexString() }, true],
    [{ 'owner.region': 'currentUserField(region)' }, { owner: reference(otherId, 'x', { region: 'north' }) }, true],
    [{ company: 'currentUserField(company)' }, { company: reference(companyId, 'another label') }, true],
    [{ company: 'currentUserField(companies)' }, { company: reference(otherId, 'x') }, true],
    [{ company: 'currentUserField(company)' }, { company: reference(otherId, 'Acme') }, false],
    [{ 'company.type': 'currentUserField(company.type)' }, { company: reference(otherId, 'x', { type: 'a' }) }, true],
    [{ amount: 'currentUserField(limit)' }, { amount: 10 }, true],
    [{ title: 'currentUserField(nothing)' }, { title: 'x' }, false],
    [{ '$currentUser.status': 'inactive' }, {}, true],
    [{ '$currentUser.status': 'active' }, {}, false],
    [{ '$currentUser.companies.label': 'other' }, {}, true],
    [{ due: '$currentDate' }, { due: '2016-07-12' }, true],
    [{ due: 'less($currentDate)' }, { due: '2016-07-11' }, true],
    [{ at: 'lessOrEquals($currentDate)' }, { at: new Date(ENV.now) }, true],
    [{ at: 'today' }, { at: new Date(ENV.now) }, true],
  ])('%j on %j: %s', (map, data, expected) => {
    if (JSON.stringify(map).includes('nothing')) expect(() => holds(map, data)).toThrow('[nothing]');
    else expect(holds(map, data)).toBe(expected);
  });

  test('without a user nothing matches, not even what must differ from the user', () => {
    const nobody = { userRecord: null };
    for (const map of [
      { owner: '$currentUser' },
      { owner: 'notEquals($currentUser)' },
      { company: 'currentUserField(company)' },
      { '$currentUser.status': 'notEquals(active)' },
    ]) {
      expect(holds(map, owned, nobody)).toBe(false);
      expect(holds(map, {}, nobody)).toBe(false);
    }
  });

  test('the record on whose behalf a filter runs', () => {
    const source = { sourceRecord: record(companyId, 'C', { amount: 5, company: reference(otherId, 'x') }) };
    expect(holds({ parent: '$currentRecord' }, { parent: reference(companyId, 'C') }, source)).toBe(true);
    expect(holds({ id: '$currentRecord' }, {}, source)).toBe(false);
    expect(holds({ amount: 'currentRecordField(amount)' }, { amount: 5 }, source)).toBe(true);
    expect(holds({ company: 'currentRecordField(company)' }, { company: reference(otherId, 'y') }, source)).toBe(true);
    expect(holds({ amount: 'currentRecordField(amount)' }, { amount: 5 })).toBe(false);
  });

  test.each<[unknown, boolean]>([
    [{ title: 'x', amount: 3 }, false],
    [{ due: 'today' }, true],
    [{ at: '2016-07-12' }, true],
    [{ owner: '$currentUser' }, true],
    [{ '$currentUser.status': 'active' }, true],
    [{ lines: { item: 'x' } }, false],
    [{ lines: { item: '$currentUser' } }, true],
  ])('%j is bound anew at every use: %s', (map, dynamic) => {
    expect(compile(map).dynamic).toBe(dynamic);
  });

  test('what depends on the time follows the time', () => {
    const filter = compile({ due: 'today' });
    const nextYear = Date.UTC(2017, 0, 1, 12);
    expect(filter.bind({ ...env, now: nextYear })).toMatchObject({ values: ['2017-01-01'] });
    expect(filter.bind(env)).toMatchObject({ values: ['2016-07-12'] });
  });

  test('a condition on one element may name the user', () => {
    const map = { lines: { item: 'currentUserField(region)' } };
    expect(holds(map, { lines: [{ item: 'North' }] })).toBe(true);
    expect(holds(map, { lines: [{ item: 'South' }] })).toBe(false);
  });
});

test('a filter may be used any number of times', () => {
  const filter = compile({ lines: { item: 'currentUserField(region)', count: 'greater(1)' } });
  for (let use = 0; use < 2_000; use++) filter.bind(env);
  expect(filter.bind(env)).toMatchObject({ kind: 'element' });
});

describe('structural forms', () => {
  const byValue = { type: 'byValue', field: 'status', operation: 'equals', values: ['OPEN'] };
  test.each<[unknown, Record<string, unknown>, boolean]>([
    [{ entity: 'orders', filters: [byValue] }, { status: 'OPEN' }, true],
    [
      { filters: [byValue, { type: 'byValue', field: 'amount', operation: 'between', values: [1, 5] }] },
      { status: 'OPEN', amount: 7 },
      false,
    ],
    [{ filters: [{ type: 'or', filters: [byValue, { field: 'amount', values: [3] }] }] }, { amount: 3 }, true],
    [
      { filters: [{ type: 'byUserField', field: 'company', operation: 'equals', sourceField: 'company' }] },
      { company: reference(companyId, 'x') },
      true,
    ],
    [
      { filters: [{ type: 'byUserField', field: 'amount', operation: 'less', sourceField: 'limit' }] },
      { amount: 9 },
      true,
    ],
    [{ filters: [{ type: 'byUserValue', field: 'status', values: ['inactive'] }] }, {}, true],
    [{ filters: [{ type: 'byRecordField', field: 'amount', sourceField: 'amount' }] }, { amount: 3 }, false],
    [
      {
        condition: 'or',
        rules: [
          { field: 'title', operator: 'like', value: 'x' },
          { field: 'amount', operator: 'empty' },
        ],
      },
      { title: 'axb', amount: 1 },
      true,
    ],
    [{ condition: 'and', rules: [] }, {}, true],
  ])('%j on %j: %s', (map, data, expected) => {
    expect(holds(map, data)).toBe(expected);
  });
});

describe('mistakes are reported with their key', () => {
  test.each<[unknown, string, string]>([
    [{ nothing: 1 }, 'nothing', '[nothing]'],
    [{ _or: { title: 'x', 'lines.nothing': 1 } }, '_or.lines.nothing', '[lines.nothing]'],
    [{ _or: [{ title: 'x' }, { amount: 'abc' }] }, '_or.1.amount', '[abc]'],
    [{ _and: 3 }, '_and', 'object'],
    [{ status: 'like(x)' }, 'status', '[like]'],
    [{ amount: 'greater(many)' }, 'amount', '[many]'],
    [{ amount: 'greater($currentDate)' }, 'amount', 'Not a valid number'],
    [{ 'company.name': 'x' }, 'company.name', 'copied fields'],
    [{ _unknown: 'x' }, '_unknown', '[_unknown]'],
    [{ secret: 'like(x)' }, 'secret', 'sensitive'],
    [{ scratch: 'x' }, 'scratch', 'not stored'],
    [{ filters: [{ field: 'title', operation: 'sounds' }] }, 'filters.0', '[sounds]'],
    [{ filters: [{ field: 'nothing', values: [1] }] }, 'filters.0', '[nothing]'],
    [{ filters: [{ type: 'byMagic', field: 'title' }] }, 'filters.0', '[byMagic]'],
    [{ filters: ['x'] }, 'filters.0', 'object'],
    ['x', '', 'object'],
    [[], '', 'object'],
  ])('%j at %j: %s', (map, key, message) => {
    const reports: [string, string][] = [];
    const filter = compile(map, { report: (at, text) => reports.push([at, text]) });
    expect(reports).toEqual([[key, expect.stringContaining(message)]]);
    expect(filter.bind(env)).toEqual({ kind: 'none' });
  });

  test('all of them together', () => {
    const keys: string[] = [];
    compile({ nothing: 1, amount: 'x', title: 'ok' }, { report: (key) => keys.push(key) });
    expect(keys).toEqual(['nothing', 'amount']);
  });

  test('near is for queries', () => {
    expect(() => compileFilter(companies, { location: 'near(1,2)' }, options)).toThrow('[near]');
  });

  test('filters nested without end are refused', () => {
    const deep = (levels: number): object => (levels === 0 ? { title: 'x' } : { _or: deep(levels - 1) });
    expect(() => compile(deep(10))).not.toThrow();
    expect(() => compile(deep(1_000))).toThrow('levels deep');
    const deepElement = (levels: number): object => (levels === 0 ? { item: 'x' } : { _and: deepElement(levels - 1) });
    expect(() => compile({ lines: deepElement(1_000) })).toThrow('levels deep');
  });
});

describe('conditions that are evaluated in memory only', () => {
  test('may use sensitive, transient and not copied fields', () => {
    const memory = { memory: true };
    expect(compile({ secret: 'like(x)' }, memory).fetches).toEqual([]);
    expect(matches(compile({ scratch: 'x' }, memory).bind(env), record(otherId, '', { scratch: 'X' }))).toBe(true);
    const filter = compile({ 'company.addresses.state': 'NY' }, memory);
    expect(filter.fetches).toEqual([{ path: 'data.company', entity: 'companies' }]);
    const fetched = { company: { ...reference(companyId, 'x'), availableFields: { addresses: [{ state: 'ny' }] } } };
    expect(matches(filter.bind(env), record(otherId, '', fetched))).toBe(true);
  });

  test('say which fields they read', () => {
    const { fields } = compile({ title: 'x', 'lines.item': 'y', 'company.type': 'a', '$currentUser.region': 'x' });
    expect(fields.map(({ path }) => path)).toEqual(['title', 'lines', 'lines.item', 'company']);
  });
});

test('a sensitive field keeps its case, since only its hash is compared', () => {
  const { bind } = compile({ secret: 'Word,Other' });
  const hashes = (value: unknown) => [`#${String(value)}`] as never;
  expect(toMongo(bind(env), { entity: orders, sealer: { hashes } })).toEqual({
    'data.secret.hash': { $in: ['#Word', '#Other'] },
  });
  expect(toMongo(compile({ secret: 'notEmpty()' }).bind(env), { entity: orders, sealer: NO_SEALER })).toEqual({
    $nor: [{ 'data.secret': { $in: [null, []] } }],
  });
});
