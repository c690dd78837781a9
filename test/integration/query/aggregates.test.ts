// What aggregates answer on real data: the documented ones, and the corners of every stage.
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EntityModel } from '../../../src/definitions/model.ts';
import { type AggregateEnv, compileAggregate } from '../../../src/query/aggregate.ts';
import type { Row } from '../../../src/query/rows.ts';
import { ENV } from '../../support/fields.ts';
import { idOf, storeQueryData } from '../../support/query-data.ts';
import { accessOf, aggregateEnv, companies, contacts } from '../../support/query-models.ts';
import { testDatabase } from '../../support/services.ts';

const database = testDatabase();
const client = new MongoClient(database.uri);
beforeAll(async () => {
  await client.connect();
  await storeQueryData(client.db(database.dbName));
});
afterAll(() => client.close());

const sealer = { isSealed: (_value: unknown): _value is never => false, unseal: () => null };
async function rows(entity: EntityModel, body: unknown, env: AggregateEnv = aggregateEnv()): Promise<Row[]> {
  const { pipeline, count, print } = compileAggregate(entity, body, env);
  const collection = client.db(database.dbName).collection(entity.collection);
  const documents = await collection.aggregate([...pipeline]).toArray();
  const [counted] = await collection.aggregate([...count]).toArray();
  expect(counted?.total ?? 0).toBe(documents.length);
  return documents.map((document) => print(document, { env: ENV, sealer }));
}
const id = (digit: number) => idOf(digit).toHexString();

describe('documented', () => {
  test('counts companies from New York', async () => {
    expect(await rows(companies, { match: { 'address.state': 'NY' }, count: 'counter_field' })).toEqual([
      { counter_field: 2 },
    ]);
    expect(await rows(companies, { match: { 'address.state': 'XX' }, count: 'n' })).toEqual([{ n: 0 }]);
  });

  test('skips and limits', async () => {
    const names = async (body: object) => (await rows(contacts, body)).map(({ firstName }) => firstName);
    expect(await names({ skip: 3 })).toEqual(['Bob', 'Ann']);
    expect(await names({ limit: 2 })).toEqual(['Eve', 'Dora']);
    expect(await names([{ sort: { firstName: 'asc' } }, { skip: 1 }, { limit: 2 }])).toEqual(['Bob', 'Cid']);
  });

  test('unwinds services, with the companies that have none', async () => {
    const body = {
      unwind: { fieldPath: 'services', includeEmpty: true },
      project: 'name,services',
      sort: { name: 'asc', services: 'asc' },
    };
    expect(await rows(companies, body)).toEqual([
      { id: id(3), name: 'ACME, Inc', services: null },
      { id: id(1), name: 'Blogpad', services: 'mobile' },
      { id: id(1), name: 'Blogpad', services: 'web' },
      { id: id(2), name: 'Jazzy', services: 'web' },
      { id: id(4), name: 'Old', services: null },
    ]);
    expect(
      await rows(companies, { unwind: { fieldPath: 'services' }, group: { by: 'services', n: 'count()' } }),
    ).toEqual([
      { services: 'mobile', n: 1 },
      { services: 'web', n: 2 },
    ]);
  });

  test('companies with related contacts', async () => {
    const lookup = {
      localFieldPath: 'id',
      foreignFieldPath: 'company.id',
      foreignEntityName: 'contacts',
      as: 'relatedContacts',
    };
    expect(await rows(companies, [{ lookup }, { project: 'name,relatedContacts.firstName' }, { limit: 3 }])).toEqual([
      { id: id(4), name: 'Old', relatedContacts: [] },
      { id: id(3), name: 'ACME, Inc', relatedContacts: [] },
      {
        id: id(2),
        name: 'Jazzy',
        relatedContacts: [
          { id: id(3), firstName: 'Cid' },
          { id: id(4), firstName: 'Dora' },
        ],
      },
    ]);
    const [first] = await rows(companies, [{ match: { name: 'Blogpad' } }, { lookup }]);
    expect(first?.relatedContacts).toMatchObject([
      {
        id: id(1),
        label: 'Ann Lee',
        company: { id: id(1), label: 'Blogpad', type: 'a', isCustomer: false },
        skills: [{ id: id(1), label: 'Python' }],
      },
      { firstName: 'Bob' },
    ]);
  });

  test('contacts filtered by the looked-up company', async () => {
    const lookup = {
      localFieldPath: 'company.id',
      foreignFieldPath: 'id',
      foreignEntityName: 'companies',
      as: 'relatedCompanies',
    };
    const body = [{ lookup }, { match: { 'relatedCompanies.name': 'Blogpad' } }, { project: 'firstName' }];
    expect(await rows(contacts, body)).toEqual([
      { id: id(2), firstName: 'Bob' },
      { id: id(1), firstName: 'Ann' },
    ]);
    const all = [{ lookup }, { match: { firstName: 'Eve' } }, { project: 'relatedCompanies' }];
    expect(await rows(contacts, all)).toEqual([{ id: id(5), relatedCompanies: [] }]);
  });

  test.each([
    [{ 'company.isCustomer': true }, 5],
    [{ 'company.isCustomer': true, 'address.state': 'NJ' }, 2],
  ])('sums the skills of the contacts of %j', async (match, totalNumberOfSkills) => {
    expect(await rows(contacts, [{ match }, { group: { totalNumberOfSkills: 'sum(numberOfSkills)' } }])).toEqual([
      { totalNumberOfSkills },
    ]);
  });

  const top = {
    by: 'company',
    firstName: 'first(firstName)',
    lastName: 'first(lastName)',
    skills: 'first(numberOfSkills)',
  };
  const best = [
    { company: 'Blogpad', firstName: 'Bob', lastName: 'Stone', skills: 4 },
    { company: 'Jazzy', firstName: 'Dora', lastName: 'Lake', skills: 3 },
    { company: null, firstName: 'Eve', lastName: 'Hill', skills: 0 },
  ];
  test('the contact with most skills of each company', async () => {
    const byKey = [best[2], best[0], best[1]];
    expect(await rows(contacts, [{ sort: { numberOfSkills: 'desc' } }, { group: top }])).toEqual(byKey);
    const last = Object.fromEntries(Object.entries(top).map(([name, text]) => [name, text.replace('first(', 'last(')]));
    expect(await rows(contacts, [{ sort: { numberOfSkills: 'asc' } }, { group: last }])).toEqual(byKey);
    expect(
      await rows(contacts, [
        { sort: { numberOfSkills: 'desc' } },
        { group: top },
        { sort: { skills: 'desc', lastName: 'asc' } },
      ]),
    ).toEqual(best);
  });

  test.each([
    ['sum(numberOfSkills)', 5, 5, 0],
    ['count()', 2, 2, 1],
    ['avg(numberOfSkills)', 2.5, 2.5, 0],
    ['max(numberOfSkills)', 4, 3, 0],
    ['min(numberOfSkills)', 1, 2, 0],
  ])('%s per company', async (text, blogpad, jazzy, none) => {
    expect(
      await rows(contacts, [{ project: 'company,numberOfSkills' }, { group: { by: 'company', n: text } }]),
    ).toEqual([
      { company: null, n: none },
      { company: 'Blogpad', n: blogpad },
      { company: 'Jazzy', n: jazzy },
    ]);
  });

  test('in scripts a grouped relationship is a reference', async () => {
    const [, first] = await rows(contacts, { group: { by: 'company', n: 'count()' } }, aggregateEnv({}, 'script'));
    expect(first).toMatchObject({ company: { id: id(1), label: 'Blogpad' }, n: 2 });
  });

  test('keeps name and number of employees', async () => {
    expect(await rows(companies, { project: 'name,numberOfEmployees', limit: 2 })).toEqual([
      { id: id(4), name: 'Old', numberOfEmployees: null },
      { id: id(3), name: 'ACME, Inc', numberOfEmployees: 8 },
    ]);
  });

  test('orders by distance', async () => {
    const geoNear = {
      coordinates: { longitude: 10, latitude: 5 },
      distanceField: 'distance',
      minDistance: 5_566,
      maxDistance: 9_460_000,
    };
    const found = await rows(companies, [{ geoNear }, { project: 'name,distance' }]);
    expect(found.map(({ name }) => name)).toEqual(['Jazzy', 'ACME, Inc']);
    expect(found[0]?.distance).toBeCloseTo(111_319, -2);
    const kilometres = { ...geoNear, minDistance: 0, distanceMultiplier: 0.001, includeLocs: 'at' };
    expect((await rows(companies, { geoNear: kilometres, limit: 1, project: 'distance,at' }))[0]).toEqual({
      id: id(1),
      distance: expect.closeTo(5.566, 2),
      at: { latitude: 5.05, longitude: 10 },
    });
  });
});

test('nothing asked for: all records as they are read, newest first', async () => {
  const [old, , jazzy] = await rows(companies, {});
  expect(Object.keys(old ?? {}).slice(0, 4)).toEqual(['id', 'version', 'label', 'name']);
  expect(old).toMatchObject({
    isCustomer: false,
    services: [],
    addresses: [],
    numberOfEmployees: null,
    contactInformation: { label: 'contactInformation', email: null },
  });
  expect(jazzy).toMatchObject({
    revenue: 0.2,
    location: { latitude: 6, longitude: 10 },
    addresses: [{ id: id(3), label: 'NY - 10002', state: 'NY', city: null }],
  });
  expect(await rows(companies, [])).toEqual(await rows(companies, {}));
});

describe('groups', () => {
  test.each<[object, object[]]>([
    [
      { by: 'isCustomer', n: 'count()' },
      [
        { isCustomer: false, n: 3 },
        { isCustomer: true, n: 1 },
      ],
    ],
    [
      { by: 'type,isCustomer', n: 'count()' },
      [
        { type: 'a', isCustomer: false, n: 1 },
        { type: 'b', isCustomer: false, n: 1 },
        { type: 'b', isCustomer: true, n: 1 },
        { type: 'c', isCustomer: false, n: 1 },
      ],
    ],
    [
      { by: ['address.state'], n: 'count()' },
      [
        { address: { state: null }, n: 1 },
        { address: { state: 'NJ' }, n: 1 },
        { address: { state: 'NY' }, n: 2 },
      ],
    ],
    // exact decimals, which doubles would make 1000.4000000000001
    [{ total: 'sum(revenue)', mean: 'avg(numberOfEmployees)' }, [{ total: 1000.4, mean: expect.closeTo(402.667, 2) }]],
    [{ total: 'sum(rating)', mean: 'avg(rating)' }, [{ total: '2.8', mean: '2.8' }]],
    [{ low: 'min(lastMeeting)', high: 'max(name)' }, [{ low: 1_429_623_180_000, high: 'Old' }]],
    [
      { by: 'state', list: 'first(services)', where: 'last(address)' },
      [
        { state: null, list: [], where: expect.objectContaining({ id: null, state: null }) },
        { state: 'active', list: ['web'], where: expect.objectContaining({ state: 'NY' }) },
        { state: 'pending', list: [], where: expect.objectContaining({ state: 'NY' }) },
      ],
    ],
    [{}, [{}]],
  ])('%j', async (group, expected) => {
    expect(await rows(companies, { group })).toEqual(expected);
  });

  test('groups of groups, filtered and sorted by what was made', async () => {
    const body = [
      { group: { by: 'company,address.state', n: 'count()', skills: 'sum(numberOfSkills)' } },
      { match: { skills: 'greater(1)', 'address.state': 'NJ,CA' } },
      { group: { by: 'address.state', companies: 'count()', skills: 'sum(skills)', most: 'max(n)' } },
      { sort: { skills: 'desc', 'address.state': 'asc' } },
    ];
    expect(await rows(contacts, body)).toEqual([
      { address: { state: 'NJ' }, companies: 2, skills: 6, most: 1 },
      { address: { state: 'CA' }, companies: 1, skills: 3, most: 1 },
    ]);
  });

  test('of unwound groups and looked-up records', async () => {
    const unwound = [
      { unwind: { fieldPath: 'addresses' } },
      { match: { 'addresses.state': 'notEquals(NJ)' } },
      { group: { by: 'addresses.state', n: 'sum(numberOfEmployees)' } },
    ];
    expect(await rows(companies, unwound)).toEqual([
      { addresses: { state: 'CA' }, n: 250 },
      { addresses: { state: 'NY' }, n: 950 },
    ]);
    const lookup = { localFieldPath: 'id', foreignFieldPath: 'company', foreignEntityName: 'contacts', as: 'staff' };
    const joined = [
      { lookup },
      { unwind: { fieldPath: 'staff' } },
      { match: { 'staff.numberOfSkills': 'greaterOrEquals(2)' } },
      { group: { by: 'name', n: 'count()', who: 'max(staff.firstName)' } },
    ];
    expect(await rows(companies, joined)).toEqual([
      { name: 'Blogpad', n: 1, who: 'Bob' },
      { name: 'Jazzy', n: 2, who: 'Dora' },
    ]);
    const bySkill = [{ unwind: { fieldPath: 'skills' } }, { group: { by: 'skills', n: 'count()' } }];
    expect(await rows(contacts, bySkill)).toEqual([
      { skills: 'Python', n: 4 },
      { skills: 'Rust', n: 3 },
    ]);
  });
});

test('match knows all of the query language', async () => {
  const names = async (match: object) =>
    (await rows(companies, [{ match }, { sort: { name: 'asc' } }])).map(({ name }) => name);
  expect(await names({ _or: { type: 'a', _and: { type: 'b', isCustomer: true } } })).toEqual(['Blogpad', 'Jazzy']);
  expect(await names({ type: ['a', 'c'], _size: 1, _fields: 'x' })).toEqual(['Blogpad', 'Old']);
  expect(await names({ addresses: { state: 'CA', zipCode: '90001' } })).toEqual(['Blogpad']);
  expect(await names({ numberOfEmployees: null })).toEqual(['Old']);
  expect(await names({ isCustomer: false, name: 'like(/b)' })).toEqual(['Blogpad']);
  expect(await names({ location: 'near(5,10,,150000)' })).toEqual(['Blogpad', 'Jazzy']);
});

describe('the reader’s rights', () => {
  const rule = { kind: 'in', path: 'data.type', values: ['a', 'c'] } as const;
  const env = aggregateEnv({ companies: accessOf(['numberOfEmployees', 'address', 'addresses.state'], rule) });

  test('hide records and fields', async () => {
    const found = await rows(companies, {}, env);
    expect(found.map(({ name }) => name)).toEqual(['Old', 'Blogpad']);
    expect(found[1]).not.toHaveProperty('numberOfEmployees');
    expect(found[1]).not.toHaveProperty('address');
    expect(found[1]?.addresses).toEqual([
      { id: id(1), label: 'CA - 90001', addressLine: null, zipCode: '90001', city: null },
      { id: id(2), label: 'NJ - 07001', addressLine: null, zipCode: '07001', city: null },
    ]);
    expect(await rows(companies, { match: { _or: { type: 'b', name: 'Blogpad' } }, count: 'n' }, env)).toEqual([
      { n: 1 },
    ]);
    const geoNear = { coordinates: { longitude: 10, latitude: 5 } };
    expect(await rows(companies, [{ geoNear }, { project: 'name' }], env)).toEqual([{ id: id(1), name: 'Blogpad' }]);
  });

  test('hold in lookups', async () => {
    const lookup = { localFieldPath: 'company.id', foreignFieldPath: 'id', foreignEntityName: 'companies', as: 'c' };
    const body = [{ match: { firstName: 'Ann,Cid' } }, { sort: { firstName: 'asc' } }, { lookup }, { project: 'c' }];
    const [ann, cid] = await rows(contacts, body, env);
    expect(ann?.c).toEqual([expect.objectContaining({ name: 'Blogpad' })]);
    expect(JSON.stringify(ann)).not.toContain('numberOfEmployees');
    expect(cid?.c).toEqual([]);
  });
});
