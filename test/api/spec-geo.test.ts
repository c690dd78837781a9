// Geo points in every place a field can be: `near` over REST and `geoNear` in aggregates (spec field-types §4.31).
import { beforeAll, describe, expect, test } from 'vitest';
import { ok, startSmallApp } from '../support/small-app.ts';

const point = { name: 'point', type: 'geoPoint' };
const points = { name: 'points', type: 'geoPoint', multiplicity: 'many' };
const group = (name: string, over: object) => ({ name, type: 'nestedFields', nestedFields: [point, points], ...over });

const app = startSmallApp({
  places: {
    recordLabel: 'fields/name',
    fields: [
      { name: 'name', type: 'text' },
      point,
      points,
      group('group', {}),
      group('list', { multiplicity: 'many' }),
    ],
  },
  visits: {
    fields: [
      {
        name: 'place',
        type: 'relationship',
        typeRules: { entity: 'places', copiedFields: ['name', 'point', 'points'] },
      },
    ],
  },
});

const at = (latitude: number, longitude: number) => ({ latitude, longitude });

beforeAll(async () => {
  const holding = (first: object, second: object) => ({ point: first, points: [second, first] });
  const place = (name: string, first: object, second: object) => ({
    name,
    ...holding(first, second),
    group: holding(first, second),
    list: [{}, holding(first, second)],
  });
  ok(await app.post('/data/places', place('far', at(40, 40), at(50, 50))));
  ok(await app.post('/data/places', place('near', at(10, 10), at(50, 50))));
  ok(await app.post('/data/places', { name: 'nowhere' }));
  for (const name of ['far', 'near', 'nowhere']) ok(await app.post('/data/visits', { place: name }));
});

const PATHS = ['point', 'points', 'group.point', 'group.points', 'list.point', 'list.points'];

describe.each(PATHS)('%s', (path) => {
  const names = async (query: string): Promise<string[]> =>
    ok(await app.get(`/data/places?${query}`)).items.map((item: { name: string }) => item.name);

  test('orders by the nearest point, within the distances', async () => {
    expect(await names(`${path}=near(11,11)`)).toEqual(['near', 'far']);
    expect(await names(`${path}=near(39,39)`)).toEqual(['far', 'near']);
    expect(await names(`${path}=near(10,10,0,1000)`)).toEqual(['near']);
    expect(await names(`${path}=near(10,10,1000)`)).toEqual(['far']);
    expect(await names(`${path}=near(39,39)&_sortField=name&_sortType=desc`)).toEqual(['near', 'far']);
    expect(await names(`${path}=near(10,10,,1000)&name=far`)).toEqual([]);
  });

  test('is measured by geoNear', async () => {
    const geoNear = { coordinates: at(10, 10), key: path, distanceField: 'metres', includeLocs: 'found' };
    const body = ok(await app.put('/data/places/aggregate', [{ geoNear }, { project: 'name,metres,found' }]));
    expect(body.items.map(({ name, found }: { name: string; found: object }) => [name, found])).toEqual([
      ['near', at(10, 10)],
      ['far', at(40, 40)],
    ]);
    expect(body.items[0].metres).toBeCloseTo(0);
  });
});

test.each(['place.point', 'place.points'])('%s, a copy, orders and filters too', async (path) => {
  const names = async (query: string): Promise<string[]> =>
    ok(await app.get(`/data/visits?${query}`)).items.map(({ place }: { place: { name: string } }) => place.name);
  expect(await names(`${path}=near(11,11)`)).toEqual(['near', 'far']);
  expect(await names(`${path}=near(10,10,0,1000)&_sortField=place`)).toEqual(['near']);
});
