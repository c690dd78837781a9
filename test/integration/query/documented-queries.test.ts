// What the documented queries find in real data.
import { type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mongoSort } from '../../../src/query/page.ts';
import { toMongo } from '../../../src/query/to-mongo.ts';
import { storeQueryData } from '../../support/query-data.ts';
import { companies, contacts, list, NO_SEALER } from '../../support/query-models.ts';
import { testDatabase } from '../../support/services.ts';

const database = testDatabase();
const client = new MongoClient(database.uri);
beforeAll(async () => {
  await client.connect();
  await storeQueryData(client.db(database.dbName));
});
afterAll(() => client.close());

async function labels(entity: typeof companies, query: string): Promise<string[]> {
  const { filter, sort, byDistance, offset, size } = list(entity, query);
  const mongo = toMongo(filter, { entity, sealer: NO_SEALER, near: byDistance ? 'order' : 'within' });
  const cursor = client.db(database.dbName).collection<Document>(entity.collection).find(mongo);
  if (!byDistance) cursor.sort(mongoSort(sort));
  const found = await cursor
    .skip(offset.kind === 'skip' ? offset.count : 0)
    .limit(size)
    .toArray();
  return found.map(({ label }) => label);
}

test.each([
  ['', ['Old', 'ACME, Inc', 'Jazzy', 'Blogpad']],
  ['name=Blogpad', ['Blogpad']],
  ['name=blogpad', []],
  ['name=Blogpad,Jazzy', ['Jazzy', 'Blogpad']],
  ['name="ACME, Inc"', ['ACME, Inc']],
  ['name="ACME, Inc",Jazzy', ['ACME, Inc', 'Jazzy']],
  ['name=like(blog)', ['Blogpad']],
  ['name=like(/j)', ['Jazzy']],
  ['name=like(, inc/)', ['ACME, Inc']],
  ['name=like(", inc/")', ['ACME, Inc']],
  ['name=like(/a.m/)', ['ACME, Inc']],
  ['name=notEquals(Blogpad,Old)', ['ACME, Inc', 'Jazzy']],
  ['numberOfEmployees=greater(200)', ['Jazzy', 'Blogpad']],
  ['numberOfEmployees=between(8,250)', ['ACME, Inc', 'Blogpad']],
  ['numberOfEmployees=less(10)', ['ACME, Inc']],
  ['numberOfEmployees=empty()', ['Old']],
  ['numberOfEmployees=', ['Old']],
  ['numberOfEmployees=notEmpty()&_size=1', ['ACME, Inc']],
  ['type=a&isCustomer=false', ['Blogpad']],
  ['isCustomer=false', ['Old', 'ACME, Inc', 'Blogpad']],
  ['addresses.state=CA', ['Blogpad']],
  ['addresses.state=CA,NY', ['Jazzy', 'Blogpad']],
  ['addresses.state=notEquals(CA)', ['Old', 'ACME, Inc', 'Jazzy']],
  ['addresses.state=empty()', ['Old', 'ACME, Inc']],
  ['addresses=notEmpty()', ['Jazzy', 'Blogpad']],
  ['addresses.state=CA&addresses.zipCode=07001', ['Blogpad']],
  ['addresses={"state":"CA","zipCode":"07001"}', []],
  ['addresses={"state":"CA","zipCode":"like(900)"}', ['Blogpad']],
  ['contactInformation={"email":"like(apple)"}', ['Blogpad']],
  ['contactInformation=empty()', ['Old', 'ACME, Inc']],
  ['contactInformation.email=dwelchdp@apple.com', ['Blogpad']],
  ['contactInformation.phoneNumber=1-702-845-9380', ['Blogpad']],
  ['addresses.label=CA - 90001', ['Blogpad']],
  [`addresses.id=${'3'.repeat(24)}`, ['Jazzy']],
  ['rating=greaterOrEquals(2.80)', ['Blogpad']],
  ['revenue=0.1', ['ACME, Inc']],
  ['lastMeeting=1429623180000', ['Blogpad']],
  ['lastMeeting=2015-04-21', ['Blogpad']],
  ['services=mobile', ['Blogpad']],
  ['services=notEquals(mobile)', ['Old', 'ACME, Inc', 'Jazzy']],
  ["_query=or(filter('type','a'),and(filter('type','b'),filter('isCustomer','true')))", ['Jazzy', 'Blogpad']],
  [
    "_query=and(filter('isCustomer','true'),or(filter('addresses.state','CA'),filter('numberOfEmployees','greater(100)')))",
    ['Jazzy'],
  ],
  [
    "_query=or(filter('isCustomer','true'),filter('numberOfEmployees','greater(900)'),filter('addresses.state','CA,CO,NJ'))",
    ['Jazzy', 'Blogpad'],
  ],
  ['location=near(5,10,5000,10000)', ['Blogpad']],
  ['location=near(5,10)', ['Blogpad', 'Jazzy', 'ACME, Inc']],
  ['location=near(5,10,,150000)', ['Blogpad', 'Jazzy']],
  ['location=near(5,10)&_sortField=name', ['ACME, Inc', 'Blogpad', 'Jazzy']],
  ['location=near(5,10)&state=active&_offset=1', ['Jazzy']],
  ['_indexedFilter=nameDescription&_indexedFilterQuery=Technology', ['Blogpad']],
  ['_indexedFilter=nameDescription&_indexedFilterQuery=Technology&type=b', []],
  ['_offset=2', ['Jazzy', 'Blogpad']],
  ['state=active&_sortField=name&_sortType=asc', ['Blogpad', 'Jazzy']],
  ['_sortField=contactInformation.email&_sortType=asc&contactInformation=notEmpty()', ['Blogpad', 'Jazzy']],
  ['_sortField=numberOfEmployees', ['Old', 'ACME, Inc', 'Blogpad', 'Jazzy']],
  [`id=${'1'.repeat(24)},${'2'.repeat(24)}`, ['Jazzy', 'Blogpad']],
  ['id=nothing', []],
  ['label=like(o)&version=1', ['Old', 'Blogpad']],
])('companies?%s', async (query, expected) => {
  expect(await labels(companies, query)).toEqual(expected);
});

test.each([
  ['company=Blogpad', ['Bob Stone', 'Ann Lee']],
  [`company=${'2'.repeat(24)}`, ['Dora Lake', 'Cid Park']],
  [`company=${'1'.repeat(24)},${'2'.repeat(24)}&address.state=NJ`, ['Cid Park', 'Bob Stone']],
  ['company=like(jaz)', ['Dora Lake', 'Cid Park']],
  [`company.id=${'1'.repeat(24)}`, ['Bob Stone', 'Ann Lee']],
  ['company.label=notEquals(Blogpad)', ['Eve Hill', 'Dora Lake', 'Cid Park']],
  ['company.isCustomer=true', ['Dora Lake', 'Cid Park']],
  ['company.type=a', ['Bob Stone', 'Ann Lee']],
  ['company.contactInformation.email=like(apple)', ['Bob Stone', 'Ann Lee']],
  ['company=empty()', ['Eve Hill']],
  ['skills=Rust', ['Dora Lake', 'Cid Park', 'Bob Stone']],
  ['skills=notEquals(Rust)', ['Eve Hill', 'Ann Lee']],
  ['skills.label=Python&_sortField=company&_sortType=desc', ['Dora Lake', 'Cid Park', 'Bob Stone', 'Ann Lee']],
  ['_sortField=company.type', ['Eve Hill', 'Ann Lee', 'Bob Stone', 'Cid Park', 'Dora Lake']],
])('contacts?%s', async (query, expected) => {
  expect(await labels(contacts, query)).toEqual(expected);
});
