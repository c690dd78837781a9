// A made-up restriction at every door of the query language: what is hidden is refused or left out, and the record rule encloses all.
import { describe, expect, test } from 'vitest';
import { FULL_ACCESS } from '../../../src/context.ts';
import { compileAggregate } from '../../../src/query/aggregate.ts';
import { compileFilter } from '../../../src/query/compile.ts';
import { parseRead } from '../../../src/query/list.ts';
import { parseMapQuery } from '../../../src/query/map-query.ts';
import type { Predicate } from '../../../src/query/predicate.ts';
import { entityOf } from '../../support/entities.ts';
import { ENV } from '../../support/fields.ts';
import { accessOf, aggregateEnv, companies, contacts, list, queryEnv } from '../../support/query-models.ts';

const rule: Predicate = { kind: 'in', path: 'data.type', values: ['a'] };
const HIDDEN = [
  'numberOfEmployees',
  'contactInformation',
  'addresses.zipCode',
  'address.city',
  'location',
  'notes',
  'services',
];
const access = accessOf(HIDDEN, rule);
const forbidden = (name: string) =>
  expect.objectContaining({ code: 'forbidden', status: 403, message: expect.stringContaining(`[${name}]`) });

describe('filters and sorts on hidden fields are 403, on unknown ones 400', () => {
  test.each([
    ['numberOfEmployees=5', 'numberOfEmployees'],
    ['numberOfEmployees=greater(many)', 'numberOfEmployees'],
    ['numberOfEmployees=unknown(5)', 'numberOfEmployees'],
    ['numberOfEmployees=empty()', 'numberOfEmployees'],
    ['contactInformation.email=x', 'contactInformation.email'],
    ['contactInformation=empty()', 'contactInformation'],
    ['addresses.zipCode=1', 'addresses.zipCode'],
    ['addresses={"zipCode":"1"}', 'zipCode'],
    ['addresses={"_or":{"state":"x","zipCode":"1"}}', 'zipCode'],
    ['address=empty()', 'address'],
    ['location=near(5,10)', 'location'],
    ["_query=or(filter('name','x'),filter('numberOfEmployees','1'))", 'numberOfEmployees'],
    ['_sortField=numberOfEmployees', 'numberOfEmployees'],
    ['_sortField=contactInformation.email', 'contactInformation.email'],
    ['_indexedFilter=nameDescription&_indexedFilterQuery=x', 'nameDescription'],
  ])('%s', (query, name) => {
    expect(() => list(companies, query, access)).toThrow(forbidden(name));
    expect(() => list(companies, query)).not.toThrow(forbidden(name));
  });

  test.each(['nothing=1', 'addresses.nothing=1', '_sortField=nothing'])('%s', (query) => {
    expect(() => list(companies, query, access)).toThrow(expect.objectContaining({ code: 'badRequest' }));
  });

  test.each([
    'name=x',
    'addresses.state=NY',
    'addresses={"state":"NY"}',
    'addresses=empty()',
    'label=x',
    '_sortField=id',
  ])('%s is allowed', (query) => {
    expect(() => list(companies, query, access)).not.toThrow();
  });
});

describe('the record rule encloses the client’s filter', () => {
  test.each(['', 'name=x', "_query=or(filter('name','x'),filter('isCustomer','true'))"])('%s', (query) => {
    const { filter } = list(companies, query, access);
    const outer = filter.kind === 'and' ? filter.of : [filter];
    expect(outer).toContain(rule);
  });

  test('a client’s or stays inside', () => {
    const { filter } = list(companies, "_query=or(filter('name','x'),filter('type','b'))", access);
    expect(filter).toMatchObject({ kind: 'and', of: [rule, { kind: 'or' }] });
  });

  test('without any right to read: 403, even for a query full of mistakes', () => {
    const none = { ...FULL_ACCESS, read: false as const };
    expect(() => list(companies, 'nothing=1&_size=x', none)).toThrow(forbidden('companies'));
    expect(() => parseMapQuery(companies, {}, queryEnv(none))).toThrow(forbidden('companies'));
    expect(() => compileAggregate(companies, { $x: 1 }, aggregateEnv({ companies: none }))).toThrow(
      forbidden('companies'),
    );
  });
});

test('hidden fields are left out of _fields and _relationshipsToFetch', () => {
  const { fields } = list(
    companies,
    '_fields=name,numberOfEmployees,addresses.zipCode,addresses.state,contactInformation.email',
    access,
  );
  expect(fields).toEqual(
    new Map([
      ['name', null],
      ['addresses', new Map([['state', null]])],
    ]),
  );
  const read = (query: string) => parseRead(contacts, [...new URLSearchParams(query)], queryEnv(accessOf(['company'])));
  expect(read('_relationshipsToFetch=company,skills').relationshipsToFetch.map(({ name }) => name)).toEqual(['skills']);
});

test('copied fields are readable where the relationship is', () => {
  expect(() => list(contacts, 'company.type=a', accessOf(['company']))).toThrow(forbidden('company.type'));
  expect(() => list(contacts, 'company.nothing=a', accessOf(['company']))).toThrow(forbidden('company.nothing'));
  expect(() => list(contacts, '_sortField=company.type', accessOf(['company']))).toThrow(forbidden('company.type'));
  expect(() => list(contacts, 'company.type=a', accessOf(['type']))).not.toThrow();
});

test('fields that nobody may ever see are in no query, whatever the rights', () => {
  const entity = entityOf(
    'notes',
    { word: { type: 'text', readAccess: { kind: 'never' } }, open: { type: 'text' } },
    { has: { ...companies.has, conditions: true } },
  );
  expect(() => list(entity, 'word=x')).toThrow(forbidden('word'));
  expect(() => list(entity, '_sortField=word')).toThrow(forbidden('word'));
  expect(list(entity, '_fields=word,open').fields).toEqual(new Map([['open', null]]));
  // the app's own filters may use them
  expect(() => compileFilter(entity, { word: 'x' }, { scope: 'metadata', env: ENV })).not.toThrow();
});

describe('aggregates', () => {
  const env = aggregateEnv({ companies: access });
  test.each<[string, unknown]>([
    ['numberOfEmployees', { match: { numberOfEmployees: 1 } }],
    ['numberOfEmployees', { match: { _or: { name: 'x', numberOfEmployees: 1 } } }],
    ['numberOfEmployees', { group: { by: 'numberOfEmployees', n: 'count()' } }],
    ['numberOfEmployees', { group: { n: 'sum(numberOfEmployees)' } }],
    ['numberOfEmployees', { group: { n: 'max(numberOfEmployees)' } }],
    ['contactInformation.email', { group: { by: 'contactInformation.email', n: 'count()' } }],
    ['numberOfEmployees', { sort: { numberOfEmployees: 'asc' } }],
    ['numberOfEmployees', { project: 'name,numberOfEmployees' }],
    ['addresses.zipCode', { project: 'addresses.zipCode' }],
    ['services', { unwind: { fieldPath: 'services' } }],
    [
      'numberOfEmployees',
      {
        lookup: {
          localFieldPath: 'numberOfEmployees',
          foreignFieldPath: 'numberOfSkills',
          foreignEntityName: 'contacts',
          as: 'x',
        },
      },
    ],
    ['location', { geoNear: { coordinates: { longitude: 1, latitude: 2 }, key: 'location' } }],
  ])('[%s] in %j', (name, body) => {
    expect(() => compileAggregate(companies, body, env)).toThrow(forbidden(name));
  });

  test('the record rule comes first', () => {
    const [first] = compileAggregate(companies, { count: 'n' }, env).pipeline;
    expect(first).toEqual({ $match: { 'data.type': { $eq: 'a' } } });
    const open = aggregateEnv({ companies: accessOf([], rule) });
    const [near] = compileAggregate(
      companies,
      { geoNear: { coordinates: { longitude: 1, latitude: 2 } } },
      open,
    ).pipeline;
    expect(near).toMatchObject({ $geoNear: { query: { 'data.type': { $eq: 'a' } } } });
  });

  test('hidden fields are not fetched', () => {
    const { pipeline } = compileAggregate(companies, {}, env);
    const { $project } = pipeline.at(-1) as { $project: object };
    expect($project).toHaveProperty(['data.name']);
    expect($project).not.toHaveProperty(['data.numberOfEmployees']);
    expect($project).not.toHaveProperty(['data.contactInformation']);
  });

  test('lookups join only what the reader may see of the other entity', () => {
    const lookup = {
      localFieldPath: 'company.id',
      foreignFieldPath: 'id',
      foreignEntityName: 'companies',
      as: 'joined',
    };
    const { pipeline } = compileAggregate(contacts, { lookup }, env);
    expect(pipeline).toContainEqual({
      $lookup: expect.objectContaining({
        pipeline: [{ $match: { $and: [{ 'data.type': { $eq: 'a' } }, expect.anything()] } }],
      }),
    });
    const on = (stage: object) => () => compileAggregate(contacts, [{ lookup }, stage], env);
    expect(on({ match: { 'joined.numberOfEmployees': 1 } })).toThrow(forbidden('joined.numberOfEmployees'));
    expect(on({ project: 'joined.numberOfEmployees' })).toThrow(forbidden('joined.numberOfEmployees'));
    expect(on({ match: { 'joined.name': 'x' } })).not.toThrow();
    const byHidden = { ...lookup, localFieldPath: 'numberOfSkills', foreignFieldPath: 'numberOfEmployees' };
    expect(() => compileAggregate(contacts, { lookup: byHidden }, env)).toThrow(forbidden('numberOfEmployees'));
    const none = aggregateEnv({ companies: { ...FULL_ACCESS, read: false } });
    expect(() => compileAggregate(contacts, { lookup }, none)).toThrow(forbidden('companies'));
  });

  test('what was looked up stays hidden in later groups', () => {
    const lookup = {
      localFieldPath: 'company.id',
      foreignFieldPath: 'id',
      foreignEntityName: 'companies',
      as: 'joined',
    };
    const body = [{ lookup }, { unwind: 'joined' }, { group: { by: 'lastName', where: 'first(joined.address)' } }];
    const { print } = compileAggregate(contacts, body, env);
    const document = { v1: 'Lee', v2: { _id: '1', _label: 'A', city: 'hidden', state: 'NY' } };
    const row = print(document, {
      env: ENV,
      sealer: { isSealed: (_value): _value is never => false, unseal: () => null },
    });
    expect(row.where).toEqual({ id: '1', label: 'A', addressLine: null, zipCode: null, state: 'NY' });
  });

  test('fields with a read rule of their own are hidden over REST', () => {
    const entity = entityOf(
      'notes',
      {
        word: { type: 'text', readAccess: { kind: 'hook', hook: { file: 'x.js', fn: 'f', params: [], ref: 'js/f' } } },
      },
      { has: { ...companies.has, conditions: true } },
    );
    const body = { group: { by: 'word' } };
    expect(() => compileAggregate(entity, body, aggregateEnv())).toThrow(forbidden('word'));
    expect(() => compileAggregate(entity, body, aggregateEnv({}, 'script'))).not.toThrow();
  });
});
