// Relationships over HTTP: how records are named, what is copied, what stays as it is (spec field-types §4.27, entity-model §2.11, 2.14).
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN } from '../support/app.ts';
import { complaints, ok, startSmallApp } from '../support/small-app.ts';

const text = (name: string, over: object = {}) => ({ name, type: 'text', ...over });
const to = (name: string, rules: object = {}, over: object = {}) => ({
  name,
  type: 'relationship',
  typeRules: { entity: 'targets', ...rules },
  ...over,
});
const many = { multiplicity: 'many' };

const app = startSmallApp({
  things: { abstract: true, recordLabel: 'fields/name', fields: [text('name'), text('code', { unique: true })] },
  targets: {
    parentEntity: 'things',
    lookupFields: ['code', 'group.number', 'mail', 'page'],
    fields: [
      {
        name: 'group',
        type: 'nestedFields',
        nestedFields: [{ name: 'number', type: 'integer', unique: true }, text('x'), text('y')],
      },
      { name: 'mail', type: 'email', unique: true },
      { name: 'page', type: 'html', unique: true },
      text('secret', { sensitiveData: true }),
      text('passing', { transient: true }),
      to('next', { copiedFields: ['code', 'next'] }),
    ],
  },
  sources: {
    fields: [
      to('one', { copiedFields: ['group', 'secret', 'passing'] }),
      to('other', { copiedFields: ['group.x'] }),
      to('list', { copiedFields: ['code'] }, many),
      to('fixed', { copiedFields: ['code'], labelUpdatePolicy: 'no', copiedFieldsUpdatePolicy: false }),
      to('fixedList', { copiedFields: ['code'], labelUpdatePolicy: false, copiedFieldsUpdatePolicy: 'no' }, many),
      to('sealed', { copiedFields: ['code'] }, { sensitiveData: true }),
      { name: 'user', type: 'user' },
      { name: 'rows', type: 'nestedFields', ...many, nestedFields: [to('one')] },
      { name: 'scratch', type: 'nestedFields', transient: true, nestedFields: [text('x')] },
    ],
  },
});

const ids: Record<string, string> = {};
const HEX = 'abcdefabcdefabcdefabcdef';

beforeAll(async () => {
  const make = async (body: { name: string; [key: string]: unknown }) => {
    ids[body.name] = ok(await app.post('/data/targets', body)).id;
  };
  await make({
    name: 'A',
    code: 'a',
    group: { number: 1, x: 'ax', y: 'ay' },
    mail: 'a@x.com',
    page: '<p>a</p>',
    secret: 's',
    passing: 'p',
  });
  await make({ name: 'B.*', code: 'b', group: { number: 2 } });
  await make({ name: HEX, code: 'hex' });
  await make({ name: '7', code: 'seven' });
  await make({ name: 'twin', code: 't1' });
  await make({ name: 'twin', code: 't2' });
  await make({ name: 'b', code: 'A' });
  // its label is the code of another
  await make({ name: 'a', code: 'other' });
});

describe('a record is named', () => {
  const named = async (value: unknown) => ok(await app.post('/data/sources', { one: value })).one.id;

  test.each([
    ['its id', () => ids.A, 'A'],
    ['its id in capitals', () => ids.A?.toUpperCase(), 'A'],
    ['an object with its id, whatever else is there', () => ({ id: ids.A, label: 'nobody', code: 'b' }), 'A'],
    ['its label', () => 'B.*', 'B.*'],
    ['its label before the code of another', () => 'a', 'a'],
    ['an object with its label', () => ({ label: 'B.*' }), 'B.*'],
    ['a label that looks like an id', () => HEX, HEX],
    ['a number as label', () => 7, '7'],
    ['a lookup value', () => 't2', 'twin'],
    ['a lookup value in an object', () => ({ code: 'b' }), 'B.*'],
    ['a lookup value in a group', () => ({ 'group.number': 2 }), 'B.*'],
    ['a number as lookup value', () => 2, 'B.*'],
    ['an e-mail as lookup value', () => 'a@x.com', 'A'],
    ['the plain text of html as lookup value', () => ({ page: 'a' }), 'A'],
    ['with blank keys before', () => ({ id: null, label: ' ', code: 'a' }), 'A'],
  ])('by %s', async (_, value, name) => {
    const { one } = ok(await app.post('/data/sources', { one: value() }));
    expect(one.label).toBe(name);
  });

  test('by more than one, or none', async () => {
    const several = 'one invalid More than one record matches';
    const none = 'one notFound Related record was not found';
    for (const [value, expected] of [
      ['twin', several],
      [{ label: 'twin' }, several],
      ['', null],
      ['.*', none],
      ['B..', none],
      ['A ', none],
      ['\u0000', none],
      [{ code: 'B' }, none],
      [{ name: 'A' }, none],
      [{ constructor: 'A' }, none],
      ['f'.repeat(24), none],
    ] as const) {
      const found = complaints(await app.post('/data/sources', { one: value }));
      expect(found, JSON.stringify(value)).toEqual(expected ? [expected] : []);
    }
    const rows = complaints(
      await app.post('/data/sources', { rows: [{ one: 'A' }, { one: 'nobody' }], list: ['A', 'twin'] }),
    );
    expect(rows).toEqual([
      'list[1] invalid More than one record matches',
      'rows[1].one notFound Related record was not found',
    ]);
  });

  test('of users by e-mail, in any case', async () => {
    const { id } = ok(await app.get('/users/current'));
    for (const user of [ADMIN.email, ADMIN.email.toUpperCase(), { email: ADMIN.email }, id, { id }]) {
      expect(ok(await app.post('/data/sources', { user })).user.id, JSON.stringify(user)).toBe(id);
    }
    expect(complaints(await app.post('/data/sources', { user: 'nobody@x.com' }))).toHaveLength(1);
  });

  test('among thousands of other names in one record', async () => {
    const list = [...Array.from({ length: 3_000 }, () => 'A'), ids.A, { code: 'a' }, 'B.*'];
    const record = ok(await app.post('/data/sources', { list }));
    expect(new Set(record.list.map(({ label }: { label: string }) => label))).toEqual(new Set(['A', 'B.*']));
    expect(await named('A')).toBe(ids.A);
  });
});

describe('copied fields', () => {
  test('of two relationships to one entity may overlap; sensitive and transient values are never copied', async () => {
    const group = ok(await app.get(`/data/targets/${ids.A}`)).group;
    const { one, other } = ok(await app.post('/data/sources', { one: 'A', other: 'A' }));
    expect(one).toEqual({ id: ids.A, label: 'A', group });
    expect(other).toEqual({ id: ids.A, label: 'A', group: { id: group.id, label: group.label, x: 'ax' } });
  });

  test('of a record that refers to itself end', async () => {
    const { id } = ok(await app.post('/data/targets', { name: 'self', code: 'self' }));
    for (let i = 0; i < 8; i++) ok(await app.put(`/data/targets/${id}`, { next: id }));
    const record = ok(await app.get(`/data/targets/${id}`));
    expect(ok(await app.put(`/data/targets/${id}`, record)).next).toEqual(record.next);
    expect(JSON.stringify(record.next).split('"next"')).toHaveLength(6);
  });

  test('and labels stay as they are where the policies say so, also when the record is sent back as read', async () => {
    const target = ok(await app.post('/data/targets', { name: 'before', code: 'x1' }));
    const reference = { id: target.id, label: 'before', code: 'x1' };
    const source = ok(
      await app.post('/data/sources', { fixed: 'before', fixedList: ['A', 'before'], list: ['before'] }),
    );
    ok(await app.put(`/data/targets/${target.id}`, { name: 'after', code: 'x2' }));
    for (const body of [source, {}, { fixed: target.id, fixedList: [{ id: ids.A }, target.id] }]) {
      const saved = ok(await app.put(`/data/sources/${source.id}`, body));
      expect(saved).toMatchObject({ fixed: reference, list: [{ label: 'after', code: 'x2' }] });
      expect(saved.fixedList[1]).toEqual(reference);
    }
    // a new reference is a new copy
    ok(await app.put(`/data/sources/${source.id}`, { fixed: 'A' }));
    expect(ok(await app.put(`/data/sources/${source.id}`, { fixed: target.id })).fixed.label).toBe('after');
  });

  test('of a sealed reference, and inner fields of a transient group, are in no filter and no order', async () => {
    for (const query of [
      'sealed.code=a',
      '_sortField=sealed.code',
      'scratch.x=1',
      '_sortField=scratch.x',
      'scratch.x=empty()',
    ]) {
      const { status, body } = await app.get(`/data/sources?${query}`);
      expect([status, body.code], query).toEqual([400, 'badRequest']);
    }
    expect(ok(await app.post('/data/sources', { sealed: 'A' })).sealed).toEqual({ id: ids.A, label: 'A', code: 'a' });
  });
});
