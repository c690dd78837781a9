// What aggregates refuse, and what becomes of each stage; what they find is tested on real data.
import { describe, expect, test } from 'vitest';
import { compileAggregate } from '../../../src/query/aggregate.ts';
import { QUERY_LIMITS } from '../../../src/query/limits.ts';
import { aggregateEnv, companies, contacts } from '../../support/query-models.ts';

const compile = (body: unknown, entity = companies) => compileAggregate(entity, body, aggregateEnv());
const badRequest = (message: string) =>
  expect.objectContaining({ code: 'badRequest', message: expect.stringContaining(message) });
const point = { longitude: 10, latitude: 5 };
const lookup = { localFieldPath: 'id', foreignFieldPath: 'company.id', foreignEntityName: 'contacts', as: 'staff' };

describe('refused', () => {
  test.each<[unknown, string]>([
    ['x', 'object'],
    [[['x']], 'object'],
    [[null], 'object'],
    [{ $match: {} }, '[$match]'],
    [{ out: 'x' }, '[out]'],
    [{ constructor: 1 }, '[constructor]'],
    [JSON.parse('{"__proto__": 1}'), '[__proto__]'],
    [{ match: 'x' }, '[match]'],
    [{ match: { $where: 'x' } }, '[$where]'],
    [{ match: { nothing: 1 } }, '[nothing]'],
    [{ match: { _query: 'x' } }, '[_query]'],
    [{ match: { numberOfEmployees: { $gt: 1 } } }, '[numberOfEmployees]'],
    [{ match: { 'addresses.state': 'currentRecordField(name)' } }, '[currentRecordField]'],
    [{ match: { _or: { location: 'near(1,2)', name: 'x' } } }, '[near]'],
    [{ sort: {} }, '[sort]'],
    [{ sort: { name: 1 } }, '[name]'],
    [{ sort: { name: 'ascending' } }, '[name]'],
    [{ sort: { 'addresses.state': 'asc' } }, '[addresses.state]'],
    [{ sort: { secret: 'asc' } }, '[secret]'],
    [{ sort: { location: 'asc' } }, '[location]'],
    [{ project: '' }, '[project]'],
    [{ project: 'name,' }, '[project]'],
    [{ project: 'nothing' }, '[nothing]'],
    [{ project: 'addresses.nothing' }, '[addresses.nothing]'],
    [{ project: { name: 1 } }, '[project]'],
    [{ skip: -1 }, '[skip]'],
    [{ skip: 1.5 }, '[skip]'],
    [{ limit: 0 }, '[limit]'],
    [{ limit: '5 ' }, '[limit]'],
    [{ limit: 1e300 }, '[limit]'],
    [{ unwind: {} }, '[fieldPath]'],
    [{ unwind: { fieldPath: 'name' } }, '[name]'],
    [{ unwind: { fieldPath: 'addresses.state' } }, '[addresses.state]'],
    [{ unwind: { fieldPath: 'services', includeEmpty: 'yes' } }, '[includeEmpty]'],
    [{ unwind: { fieldPath: 'services', other: 1 } }, '[other]'],
    [[{ unwind: 'services' }, { unwind: 'services' }], '[services]'],
    [{ count: '$n' }, '[count]'],
    [{ count: 'a.b' }, '[count]'],
    [{ count: '' }, '[count]'],
    [{ count: '_n' }, '[count]'],
    [{ count: 5 }, '[count]'],
    [{ group: { by: 'nothing' } }, '[nothing]'],
    [{ group: { by: 'addresses.state' } }, '[addresses.state]'],
    [{ group: { by: 'services' } }, '[services]'],
    [{ group: { by: 'location' } }, '[location]'],
    [{ group: { by: 'address' } }, '[address]'],
    [{ group: { by: 'secret' } }, '[secret]'],
    [{ group: { by: 'scratch' } }, '[scratch]'],
    [{ group: { by: 5 } }, '[group]'],
    [{ group: { by: 'name', name: 'count()' } }, '[name]'],
    [{ group: { by: 'name', n: 'count(name)' } }, '[count]'],
    [{ group: { by: 'name', n: 'sum()' } }, 'Field []'],
    [{ group: { by: 'name', n: 'sum(name)' } }, '[sum]'],
    [{ group: { by: 'name', n: 'sum(services)' } }, '[sum]'],
    [{ group: { by: 'name', n: 'avg(isCustomer)' } }, '[avg]'],
    [{ group: { by: 'name', n: 'min(location)' } }, '[min]'],
    [{ group: { by: 'name', n: 'first(location)' } }, '[first]'],
    [{ group: { by: 'name', n: 'first(addresses.state)' } }, '[first]'],
    [{ group: { by: 'name', n: 'max(secret)' } }, '[secret]'],
    [{ group: { by: 'name', n: 'median(numberOfEmployees)' } }, '[median(numberOfEmployees)]'],
    [{ group: { by: 'name', n: 'toString(name)' } }, '[toString(name)]'],
    [{ group: { by: 'name', n: { $sum: 1 } } }, '[group]'],
    [{ group: { by: 'name', 'n.m': 'count()' } }, '[group]'],
    [{ lookup: { ...lookup, foreignEntityName: 'nothing' } }, '[nothing]'],
    [{ lookup: { ...lookup, foreignFieldPath: 'nothing' } }, '[nothing]'],
    [{ lookup: { ...lookup, localFieldPath: 'location' } }, '[location]'],
    [{ lookup: { ...lookup, localFieldPath: 'secret' } }, '[secret]'],
    [{ lookup: { ...lookup, as: 'name' } }, '[name]'],
    [{ lookup: { ...lookup, as: '$x' } }, '[lookup]'],
    [{ lookup: { ...lookup, pipeline: [] } }, '[pipeline]'],
    [{ lookup: { localFieldPath: 'id' } }, '[foreignFieldPath]'],
    [[{ lookup }, { match: { 'staff.nothing': 1 } }], '[staff.nothing]'],
    [[{ lookup }, { match: { staff: 1 } }], '[staff]'],
    [[{ lookup }, { sort: { 'staff.firstName': 'asc' } }], '[staff.firstName]'],
    [[{ lookup }, { lookup }], '[staff]'],
    [{ geoNear: {} }, '[coordinates]'],
    [{ geoNear: { coordinates: { longitude: 200, latitude: 0 } } }, '[coordinates]'],
    [{ geoNear: { coordinates: point, key: 'name' } }, '[name]'],
    [{ geoNear: { coordinates: point, minDistance: -1 } }, '[minDistance]'],
    [{ geoNear: { coordinates: point, maxDistance: '5' } }, '[maxDistance]'],
    [{ geoNear: { coordinates: point, distanceField: 'a.b' } }, '[geoNear]'],
    [{ geoNear: { coordinates: point, query: {} } }, '[query]'],
    [[{ match: {} }, { geoNear: { coordinates: point } }], '[geoNear]'],
    [[{ geoNear: { coordinates: point } }, { geoNear: { coordinates: point } }], '[geoNear]'],
    // what a group did not make is gone
    [[{ group: { by: 'name' } }, { match: { state: 'active' } }], '[state]'],
    [[{ group: { by: 'name', n: 'count()' } }, { match: { n: 'like(1)' } }], '[like]'],
    [[{ group: { by: 'name', n: 'count()' } }, { sort: { id: 'asc' } }], '[id]'],
    [[{ project: 'name' }, { match: { state: 'active' } }], '[state]'],
    [[{ project: 'addresses.state' }, { match: { 'addresses.city': 'x' } }], '[addresses.city]'],
    [[{ count: 'n' }, { match: { name: 'x' } }], '[name]'],
  ])('%j', (body, message) => {
    expect(() => compile(body)).toThrow(badRequest(message));
  });

  test('a geo point must be named where there are several, and exist', () => {
    expect(() => compile({ geoNear: { coordinates: point } }, contacts)).toThrow(badRequest('no geo point'));
  });

  test('too much of anything', () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, 'count()']));
    expect(() => compile(Array(QUERY_LIMITS.stages).fill({ skip: 1 }))).not.toThrow();
    expect(() => compile(Array(QUERY_LIMITS.stages + 1).fill({ skip: 1 }))).toThrow(badRequest('stages'));
    expect(() => compile({ group: many(QUERY_LIMITS.stageEntries) })).not.toThrow();
    expect(() => compile({ group: many(QUERY_LIMITS.stageEntries + 1) })).toThrow(badRequest('[group]'));
  });
});

test('names of clients never reach the pipeline', () => {
  const body = [{ group: { by: 'state', strangeName: 'sum(numberOfEmployees)' } }, { sort: { strangeName: 'desc' } }];
  expect(JSON.stringify(compile(body).pipeline)).not.toContain('strangeName');
});

describe('order', () => {
  const stages = (body: unknown) => compile(body).pipeline.map((stage) => Object.keys(stage)[0]);
  test.each<[unknown, string[]]>([
    [{}, ['$sort', '$project']],
    [{ match: { state: 'active' } }, ['$match', '$sort', '$project']],
    [{ sort: { name: 'asc' } }, ['$sort', '$project']],
    [{ skip: 1, limit: 2 }, ['$sort', '$skip', '$limit', '$project']],
    // nobody sees the order of what is only added up
    [{ group: { n: 'count()' } }, ['$group', '$replaceWith', '$project']],
    [{ group: { by: 'state', n: 'count()' } }, ['$group', '$replaceWith', '$sort', '$project']],
    [{ group: { by: 'state', n: 'first(name)' } }, ['$sort', '$group', '$replaceWith', '$sort', '$project']],
    [
      [{ group: { by: 'state', n: 'count()' } }, { sort: { n: 'asc' } }],
      ['$group', '$replaceWith', '$sort', '$project'],
    ],
  ])('%j', (body, expected) => {
    expect(stages(body)).toEqual(expected);
  });

  test('sorts are total: ties by id, or by the keys of the group', () => {
    expect(compile({ sort: { state: 'desc' } }).pipeline[0]).toEqual({ $sort: { 'data.state': -1, _id: -1 } });
    const grouped = compile([{ group: { by: 'state', n: 'count()' } }, { sort: { n: 'asc' } }]).pipeline;
    expect(grouped[2]).toEqual({ $sort: { v1: 1, v0: 1 } });
  });
});

test('the number of all rows is counted without sorting them', () => {
  expect(compile({ match: { state: 'active' } }).count).toEqual([
    { $match: { 'data.state': { $eq: 'active' } } },
    { $count: 'total' },
  ]);
});
