// Every query that the documentation prints: its REST form means what its map form says, where one has a slip the map form counts.
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/fields/field-type.ts';
import { compileAggregate } from '../../../src/query/aggregate.ts';
import { parseMapQuery } from '../../../src/query/map-query.ts';
import { toMongo } from '../../../src/query/to-mongo.ts';
import { aggregateEnv, companies, contacts, list, NO_SEALER, queryEnv } from '../../support/query-models.ts';

interface Documented {
  readonly kind: 'query' | 'aggregate';
  readonly entity: 'companies' | 'contacts' | 'products';
  readonly rest: string;
  readonly map?: string;
}

const file = new URL('../../fixtures/contract/documented-queries.json', import.meta.url);
const documented = (JSON.parse(readFileSync(file, 'utf8')) as { queries: Documented[] }).queries;
const entityNamed = (name: string) => (name === 'contacts' ? contacts : companies);

/** The printed map is JavaScript; one is printed inside quotes. */
const mapOf = (text: string): { [name: string]: Json } => runInNewContext(`(${text.replace(/^'(.*)'$/, '$1')})`);
const SEMANTIC = /Semantic|_vectorSearchLimit|Embedding/;

describe('queries', () => {
  const queries = documented.filter(({ kind }) => kind === 'query');
  test('there are 29', () => {
    expect(queries).toHaveLength(29);
  });

  test.each(queries.filter(({ rest }) => !SEMANTIC.test(rest)))('$entity?$rest', ({ entity: name, rest, map }) => {
    const entity = entityNamed(name);
    // printed without the name of its field
    const query = list(entity, rest.startsWith('near(') ? `location=${rest}` : rest);
    if (map === undefined) return;
    const fromMap = parseMapQuery(entity, mapOf(map), queryEnv());
    const comparable = ({ filter, ...others }: typeof fromMap) => ({
      filter: toMongo(filter, { entity, sealer: NO_SEALER }),
      ...others,
    });
    expect(comparable(query)).toMatchObject({ ...comparable(fromMap), size: fromMap.size ?? 20 });
  });

  test.each(queries.filter(({ rest }) => SEMANTIC.test(rest)))('semantic, refused: $rest', ({ rest }) => {
    expect(() => list(companies, rest)).toThrow(expect.objectContaining({ code: 'badRequest' }));
  });
});

test.each<[string, object]>([
  ['name=Blogpad', { 'data.name': { $eq: 'Blogpad' } }],
  ['name=Blogpad,Jazzy', { 'data.name': { $in: ['Blogpad', 'Jazzy'] } }],
  ['name="ACME, Inc"', { 'data.name': { $eq: 'ACME, Inc' } }],
  ['numberOfEmployees=greater(200)', { 'data.numberOfEmployees': { $gt: 200 } }],
  ['addresses.state=CA', { 'data.addresses.state': { $eq: 'CA' } }],
  ['type=a&isCustomer=true', { $and: [{ 'data.type': { $eq: 'a' } }, { 'data.isCustomer': { $eq: true } }] }],
  [
    "_query=and(filter('isCustomer','true'),or(filter('addresses.state','CA'),filter('numberOfEmployees','greater(100)')))",
    {
      $and: [
        { 'data.isCustomer': { $eq: true } },
        { $or: [{ 'data.addresses.state': { $eq: 'CA' } }, { 'data.numberOfEmployees': { $gt: 100 } }] },
      ],
    },
  ],
])('%s in MongoDB', (query, expected) => {
  expect(toMongo(list(companies, query).filter, { entity: companies, sealer: NO_SEALER })).toEqual(expected);
});

describe('aggregates', () => {
  const aggregates = documented.filter(({ kind }) => kind === 'aggregate');
  test('there are 20', () => {
    expect(aggregates).toHaveLength(20);
  });

  test.each(aggregates)('$entity: $map', ({ entity: name, map = '' }) => {
    // several stages without brackets around them are a list; one path is printed with another name than its lookup has
    const body = mapOf(`[${map.replaceAll('relatedCompany.', 'relatedCompanies.')}]`) as unknown as readonly Json[];
    const { pipeline } = compileAggregate(entityNamed(name), body.flat(), aggregateEnv());
    expect(pipeline.length).toBeGreaterThan(0);
  });
});
