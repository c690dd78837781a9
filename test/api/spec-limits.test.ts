// Records as large as they can be, and larger: MongoDB's 16 MB, lists of 10,000 elements, many mistakes at once.
import { describe, expect, test } from 'vitest';
import { complaints, ok, startSmallApp } from '../support/small-app.ts';

const MB = 1024 * 1024;
const big = (megabytes: number): string => 'x'.repeat(Math.floor(megabytes * MB));
const longText = (name: string, over: object = {}) => ({ name, type: 'longText', ...over });
const texts = (over: object = {}) => [longText('a', over), longText('b', over)];
const recorded = { recordCreated: true, recordChanged: true, recordDeleted: true };

const app = startSmallApp({
  plain: { fields: texts() },
  audited: { settings: { auditLogs: { userContext: recorded } }, fields: texts() },
  sealed: { fields: texts({ sensitiveData: true }) },
  labelled: { recordLabel: 'fields/a', fields: texts() },
  lists: {
    recordLabel: 'fields/name',
    fields: [
      { name: 'name', type: 'text' },
      longText('texts', { multiplicity: 'many', unique: true }),
      { name: 'numbers', type: 'integer', multiplicity: 'many', unique: true },
      { name: 'rows', type: 'nestedFields', multiplicity: 'many', nestedFields: [{ name: 'n', type: 'integer' }] },
    ],
  },
});

describe.each(['plain', 'audited', 'sealed', 'labelled'])('a record that is too large (%s)', (entity) => {
  const tooLarge = {
    code: 'badRequest',
    message: expect.stringMatching(/^The record would take \d+\.\d MB: at most 16/),
  };

  test('is refused, and nothing is stored', async () => {
    const { status, body } = await app.post(`/data/${entity}`, { a: big(entity === 'labelled' ? 6 : 16 - 100 / MB) });
    expect([status, body]).toEqual([400, tooLarge]);
  });

  test('does not grow to it', async () => {
    const megabytes = entity === 'labelled' ? 1 : 5;
    const { id, version } = ok(await app.post(`/data/${entity}`, { a: big(megabytes) }));
    const { status, body } = await app.put(`/data/${entity}/${id}`, { b: big(15) });
    expect([status, body]).toEqual([400, tooLarge]);
    const record = ok(await app.get(`/data/${entity}/${id}?_fields=b`));
    expect(record).toMatchObject({ version, b: null });
  });
});

test('unique values of lists count twice, since they have an index of their own', async () => {
  const { status, body } = await app.post('/data/lists', { texts: [big(4), big(5)] });
  expect([status, body.code]).toEqual([400, 'badRequest']);
});

describe('lists of 10,000', () => {
  const numbers = Array.from({ length: 10_000 }, (_, index) => index);

  test('are stored, read and sent back', async () => {
    const record = ok(await app.post('/data/lists', { name: 'rows', rows: numbers.map((n) => ({ n })) }));
    expect(record.rows).toHaveLength(10_000);
    const reversed = ok(await app.put(`/data/lists/${record.id}`, { rows: record.rows.toReversed() }));
    expect(reversed.rows[0]).toEqual({ ...record.rows[9_999], label: 'rows 1' });
  });

  test('of taken unique values are all named, with few questions to the database', async () => {
    ok(await app.post('/data/lists', { numbers }));
    const started = performance.now();
    const found = complaints(await app.post('/data/lists', { numbers: numbers.map((n) => n + 1) }));
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(found).toHaveLength(9_999);
    expect(found[9_998]).toBe('numbers[9998] notUnique There is already a record with this value');
  });

  test('of mistakes are all named', async () => {
    const found = complaints(await app.post('/data/lists', { numbers: numbers.map((n) => `x${n}`) }));
    expect(found).toHaveLength(10_000);
  });
});
