// Every documented query and aggregate, and sample 11, over HTTP on a fixture app with real records.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, test } from 'vitest';
import { systemContext } from '../../src/context.ts';
import { startTestApp } from '../support/app.ts';

const app = startTestApp({ ENTITIES_DIR: fileURLToPath(new URL('../fixtures/apps/queries', import.meta.url)) });

interface Documented {
  readonly kind: 'query' | 'aggregate';
  readonly entity: string;
  readonly rest: string;
  readonly map?: string;
}
const file = new URL('../fixtures/contract/documented-queries.json', import.meta.url);
const documented = (JSON.parse(readFileSync(file, 'utf8')) as { queries: Documented[] }).queries;

const COMPANIES = [
  {
    name: 'Blogpad',
    state: 'active',
    type: 'a',
    numberOfEmployees: 250,
    isCustomer: false,
    contactInformation: { email: 'dwelchdp@apple.com' },
    address: { state: 'NY' },
    addresses: [{ state: 'CA' }, { state: 'NJ' }],
    notes: 'Technology',
    location: { latitude: 5.07, longitude: 10 },
    services: ['web', 'mobile'],
    account: 'DE-1',
  },
  {
    name: 'Jazzy',
    state: 'active',
    type: 'b',
    numberOfEmployees: 950,
    isCustomer: true,
    contactInformation: { email: 'a@jazzy.com' },
    address: { state: 'NJ' },
    addresses: [{ state: 'NY' }],
    location: { latitude: 6, longitude: 10 },
    account: 'DE-2',
  },
  { name: 'ACME, Inc', state: 'pending', type: 'b', numberOfEmployees: 8, isCustomer: false, address: { state: 'NY' } },
];
const SKILLS: Readonly<Record<string, number>> = {
  Trudoo: 1,
  Riffwire: 3,
  Snaptags: 2,
  Edgeify: 0,
  Flipopia: 3,
  Rooxo: 4,
};
const ids: Record<string, string> = {};

async function create(entity: string, body: object): Promise<string> {
  const answer = await app.post(`/data/${entity}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.id;
}
beforeAll(async () => {
  const { log, users } = app.services();
  // the user whose settings a documented query asks for
  await users.create(systemContext('test', { log, zone: 'UTC' }), {
    email: 'test1.docs@slingr.io',
    password: 'a password of tests',
    firstName: 'Test',
    lastName: 'One',
    developer: true,
    groups: [],
  });
  for (const company of COMPANIES) ids[company.name] = await create('companies', company);
  for (const name of Object.keys(SKILLS)) ids[name] = await create('companies', { name, type: 'c', isCustomer: true });
  const python = await create('skills', { name: 'Python' });
  for (const [name, numberOfSkills] of Object.entries(SKILLS)) {
    await create('contacts', {
      company: { id: ids[name] },
      firstName: 'Ann',
      lastName: name,
      numberOfSkills,
      skills: [{ id: python }],
    });
  }
});

const names = (items: readonly { label: string }[]) => items.map(({ label }) => label);
const encoded = (query: string) =>
  query
    .split('&')
    .map((pair) => pair.replace(/=(.*)$/, (_, value: string) => `=${encodeURIComponent(value)}`))
    .join('&');

/** What each documented query finds, where that says more than "no error". */
const FOUND: Readonly<Record<string, readonly string[]>> = {
  'name=Blogpad': ['Blogpad'],
  'numberOfEmployees=greater(200)&_size=10&_offset=20': [],
  'type=a&isCustomer=false': ['Blogpad'],
  'addresses.state=CA': ['Blogpad'],
  'name=Blogpad,Jazzy': ['Jazzy', 'Blogpad'],
  'name="ACME, Inc"': ['ACME, Inc'],
  'contactInformation.email=dwelchdp@apple.com': ['Blogpad'],
  'location=near(5,10,5000,10000)': ['Blogpad'],
  "_query=or(filter('type','a'),and(filter('type','b'),filter('isCustomer','true')))": ['Jazzy', 'Blogpad'],
  "_query=and(filter('isCustomer','true'),or(filter('addresses.state','CA'),filter('numberOfEmployees','greater(100)')))":
    ['Jazzy'],
  "_query=or(filter('isCustomer','true'),filter('numberOfEmployees','greater(900)'),filter('addresses.state','CA,CO,NJ'))":
    [...Object.keys(SKILLS).toReversed(), 'Jazzy', 'Blogpad'],
  '_offset=5': ['Riffwire', 'Trudoo', 'ACME, Inc', 'Jazzy', 'Blogpad'].slice(1),
  'state=active&_sortField=name&_sortType=asc': ['Blogpad', 'Jazzy'],
  '_indexedFilter=nameDescription&_indexedFilterQuery=Technology': ['Blogpad'],
};

test.each(documented.filter(({ kind }) => kind === 'query'))('$entity?$rest', async ({ entity, rest }) => {
  const query = rest.startsWith('near(') ? `location=${rest}` : rest;
  const { status, body } = await app.get(`/data/${entity}?${encoded(query)}`);
  if (entity === 'products') {
    expect([status, body.code]).toEqual([400, 'badRequest']);
    return;
  }
  expect(status, JSON.stringify(body)).toBe(200);
  const found = FOUND[query];
  if (found) expect(names(body.items)).toEqual(found);
  expect(body.total).toBeGreaterThanOrEqual(body.items.length);
});

test.each(documented.filter(({ kind }) => kind === 'aggregate'))(
  'aggregate of $entity: $map',
  async ({ entity, map = '' }) => {
    // the map form counts where the REST form has a slip; stages without brackets around them are a list
    const stages = runInNewContext(`[${map.replaceAll('relatedCompany.', 'relatedCompanies.')}]`).flat();
    const { status, body } = await app.put(`/data/${entity}/aggregate`, stages.length === 1 ? stages[0] : stages);
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.total).toBe(body.items.length);
  },
);

test('sample 11: the number of skills per company', async () => {
  const stages = [
    { project: 'company,numberOfSkills' },
    { group: { by: 'company', totalSkills: 'sum(numberOfSkills)' } },
  ];
  const { body } = await app.put('/data/contacts/aggregate', stages);
  const items = Object.entries(SKILLS).map(([company, totalSkills]) => ({ company, totalSkills }));
  // in order of the companies' ids, which were made in this order
  expect(body).toEqual({ total: 6, items });
});

describe('refused', () => {
  test.each([
    ['/data/companies?nothing=1', '[nothing]'],
    ['/data/companies?name=greater(', '[greater]'],
    ['/data/companies?state=like(x)', '[like]'],
    ['/data/companies?numberOfEmployees=many', '[many]'],
    ['/data/companies?name=a&name=b', '[name]'],
    ['/data/companies?name[$ne]=a', '[name[$ne]]'],
    ['/data/companies?__proto__=a', '[__proto__]'],
    ['/data/companies?_sizes=1', '[_sizes]'],
    ['/data/companies?_sortField=addresses.state', '[addresses.state]'],
    ['/data/companies?account=like(DE)', '[account]'],
    ['/data/companies?_sortField=account', '[account]'],
    ["/data/companies?_query=filter('name','x'", 'position 18'],
    ['/data/contacts?company.name=x', '[company.name]'],
    ['/data/contacts?company=greater(x)', '[greater]'],
  ])('GET %s', async (path, message) => {
    const { status, body } = await app.get(path);
    expect([status, body.code]).toEqual([400, 'badRequest']);
    expect(body.message).toContain(message);
  });

  test.each<[unknown, string]>([
    [{ $match: {} }, '[$match]'],
    [{ match: { $where: '1' } }, '[$where]'],
    [{ group: { by: 'company', n: 'push(firstName)' } }, '[push(firstName)]'],
    [{ group: { by: 'company', 'a.b': 'count()' } }, '[group]'],
    [{ limit: -1 }, '[limit]'],
    [[{ count: 'n' }, { geoNear: { coordinates: { longitude: 1, latitude: 1 } } }], '[geoNear]'],
    [[1], 'object'],
  ])('aggregate %j', async (stages, message) => {
    const { status, body } = await app.put('/data/contacts/aggregate', stages);
    expect([status, body.code]).toEqual([400, 'badRequest']);
    expect(body.message).toContain(message);
  });
});

test('sensitive values are found by equality and read in clear', async () => {
  const { body } = await app.get('/data/companies?account=DE-2,DE-3&_fields=account');
  expect(body.items).toEqual([{ id: ids.Jazzy, version: 0, label: 'Jazzy', account: 'DE-2' }]);
  expect((await app.get('/data/companies?account=notEquals(DE-2)&account=')).status).toBe(400);
  expect((await app.get('/data/companies?account=notEmpty()')).body.total).toBe(2);
  const { body: rows } = await app.put('/data/companies/aggregate', [
    { match: { account: 'DE-1' } },
    { project: 'account' },
  ]);
  expect(rows.items).toEqual([{ id: ids.Blogpad, account: 'DE-1' }]);
});

test('pages by id offset, also while the list is sorted', async () => {
  const seen: string[] = [];
  let offset = '';
  do {
    const { body } = await app.get(`/data/companies?_sortField=type&_sortType=desc&_size=2&_offset=${offset}`);
    expect(body.total).toBe(9);
    seen.push(...names(body.items));
    offset = body.offset;
  } while (offset);
  expect(seen).toEqual([...Object.keys(SKILLS).toReversed(), 'ACME, Inc', 'Jazzy', 'Blogpad']);
});
