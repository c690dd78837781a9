// Numbers and ranks that the server gives: unique and in order, however many writers begin at once (spec field-types §4.17, §4.33).
import { describe, expect, test } from 'vitest';
import { ok, startSmallApp } from '../support/small-app.ts';

const app = startSmallApp({
  tickets: {
    fields: [
      { name: 'number', type: 'autoIncrement', typeRules: { minValue: 10 } },
      { name: 'rank', type: 'rank' },
    ],
  },
  ranked: { fields: [{ name: 'rank', type: 'rank', unique: true }] },
});

const create = async (entity: string, body: object = {}) => ok(await app.post(`/data/${entity}`, body));
const STEPS = (count: number, from = Number.parseInt('iiiii00000', 36)) =>
  Array.from({ length: count }, (_, index) => (from + 64 * index).toString(36).padStart(10, '0'));

describe('of 200 first records at once', () => {
  test('each has a number and a rank of its own, without gaps', async () => {
    const records = await Promise.all(Array.from({ length: 200 }, () => create('tickets')));
    const numbers = records.map(({ number }) => number).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 200 }, (_, index) => index + 10));
    expect(records.map(({ rank }) => rank).sort()).toEqual(STEPS(200));
  });
});

test('a new rank goes past what clients have written', async () => {
  const first = await create('ranked');
  expect(first.rank).toBe('iiiii00000');
  ok(await app.put(`/data/ranked/${first.id}`, { rank: 'zz' }));
  expect((await create('ranked')).rank).toBe('zz0000001s');
  expect((await create('ranked', { rank: 'zzzzzzzzzz' })).rank).toBe('zzzzzzzzzz');
  expect((await create('ranked')).rank).toBe('zzzzzzzzzzi');
});

test('what bodies say of numbers is ignored, and ranks are never cleared', async () => {
  const record = await create('tickets', { number: 5 });
  expect(record.number).toBe(210);
  const moved = ok(await app.put(`/data/tickets/${record.id}`, { number: 7, rank: 'abc' }));
  expect(moved).toMatchObject({ number: 210, rank: 'abc' });
  expect(ok(await app.put(`/data/tickets/${record.id}`, { rank: null, number: null }))).toMatchObject({
    number: 210,
    rank: 'abc',
  });
});
