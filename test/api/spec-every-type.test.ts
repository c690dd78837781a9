// Every field type in every place over HTTP: created, read, sent back as read, cleared, absent, refused (spec field-types §2.3–2.5).
import { beforeAll, describe, expect, test } from 'vitest';
import { EVERY_TYPE, everyValue, GROUP_FILES, nameOf, PLAIN_TYPES, VALUES } from '../support/every-type.ts';
import { ok, startSmallApp } from '../support/small-app.ts';

const app = startSmallApp(EVERY_TYPE, {}, GROUP_FILES);

type Json = Record<string, unknown>;
const extra: Record<string, readonly unknown[]> = {};
let created: Json;

beforeAll(async () => {
  const one = ok(
    await app.post('/data/targets', { name: 'T.*1', code: 'c1', info: { x: 5, y: 6 }, lines: [{ z: 1 }, {}] }),
  );
  const place = { latitude: 1, longitude: 2 };
  const two = ok(await app.post('/data/targets', { name: 'T2', code: 'c2', friend: 'c1', place }));
  const { x } = one.info;
  const copies = { info: { id: one.info.id, label: 'info', x }, lines: one.lines, friend: null, place: null };
  const friend = { id: one.id, label: one.label, code: 'c1' };
  const none = { id: two.info.id, label: 'info', x: null };
  extra.relationship = [
    { id: one.id, label: 'T.*1', code: 'c1', ...copies },
    { id: two.id, label: 'T2', code: 'c2', info: none, lines: [], friend, place },
  ];
  const group = ok(await app.post('/data/all', { groupOne: 'sales' })).groupOne;
  extra.group = [group];
  const content = Buffer.from('hello').toString('base64');
  const file = ok(
    await app.post('/data/all', { fileUploadOne: { name: 'a.txt', contentType: 'text/plain', content } }),
  );
  extra.fileUpload = [file.fileUploadOne];
  created = ok(await app.post('/data/all', everyValue(extra)));
});

/** What a record must hold of a body: everything sent, ids and labels of elements beside it. */
function contains(sent: unknown): unknown {
  if (Array.isArray(sent)) return sent.map(contains);
  if (typeof sent !== 'object' || sent === null) return sent;
  return expect.objectContaining(
    Object.fromEntries(Object.entries(sent).map(([key, value]) => [key, contains(value)])),
  );
}

test('what is sent in native form is what is read', async () => {
  expect(created).toEqual(contains(everyValue(extra)));
  expect(ok(await app.get(`/data/all/${created.id}`))).toEqual(created);
  const { items } = ok(await app.get(`/data/all?id=${created.id}`));
  expect(items).toEqual([created]);
});

test('a record sent back as read, twice, changes nothing but version and modification date', async () => {
  const before = ok(await app.get(`/data/all/${created.id}`));
  for (const query of [
    '',
    '?_relationshipsToFetch=relationshipOne,relationshipList,group.relationshipOne,list.relationshipList',
  ]) {
    const read = ok(await app.get(`/data/all/${created.id}${query}`));
    const after = ok(await app.put(`/data/all/${created.id}`, { ...read, entity: { id: 'x', name: 'All' } }));
    expect(after.version).toBe(read.version + 1);
    expect(after.dateRecordModifiedOne).toBeGreaterThanOrEqual(read.dateRecordModifiedOne);
    const { version, dateRecordModifiedOne } = before;
    expect({ ...after, version, dateRecordModifiedOne }).toEqual(before);
  }
});

describe('empty', () => {
  const names = Object.keys(VALUES).flatMap((type) => [nameOf(type), nameOf(type, true)]);
  const settable = (): string[] => [
    ...names,
    ...['relationship', 'group', 'fileUpload'].flatMap((t) => [nameOf(t), nameOf(t, true)]),
  ];
  const withoutMade = (record: Json): Json => {
    const { id, version, autoIncrementOne, dateRecordCreatedOne, dateRecordModifiedOne, rankOne, group, ...rest } =
      record;
    const { id: groupId, ...inner } = group as Json;
    return { ...rest, group: inner };
  };
  const emptyGroup = () =>
    Object.fromEntries(
      PLAIN_TYPES.flatMap((type) => [
        [nameOf(type), type === 'boolean' ? false : null],
        [nameOf(type, true), []],
      ]),
    );

  test('fields are there: null, false or []', async () => {
    const record = ok(await app.post('/data/all', {}));
    expect(record).toMatchObject({
      ...emptyGroup(),
      label: '',
      list: [],
      group: { ...emptyGroup(), label: 'group', inner: [] },
    });
  });

  test.each([null, '', ' \t\n', []])('fields are what %j creates, and what it makes of values', async (nothing) => {
    const isList = Array.isArray(nothing);
    const targets = settable().filter((name) => !isList || name.endsWith('List'));
    const body: Json = Object.fromEntries(
      [...targets, 'list', ...(isList ? [] : ['group'])].map((name) => [name, nothing]),
    );
    const empty = ok(await app.post('/data/all', {}));
    expect(withoutMade(ok(await app.post('/data/all', body)))).toEqual(withoutMade(empty));
    const full = ok(await app.post('/data/all', everyValue(extra)));
    const cleared = ok(await app.put(`/data/all/${full.id}`, body));
    const kept = isList
      ? Object.fromEntries(Object.entries(full).filter(([name]) => name.endsWith('One') || name === 'group'))
      : {};
    const expected = { ...withoutMade(empty), ...kept, label: isList ? full.label : '' };
    expect(withoutMade(cleared)).toEqual(withoutMade(expected as Json));
    expect((cleared.group as Json).id).toBe(full.group.id);
  });

  test('elements of lists are dropped', async () => {
    const lists = Object.fromEntries(
      Object.entries(VALUES).map(([type, [value]]) => [nameOf(type, true), [null, value, '', '  ', value]]),
    );
    const record = ok(await app.post('/data/all', lists));
    for (const [type, [value]] of Object.entries(VALUES))
      expect(record[nameOf(type, true)], type).toEqual([value, value]);
  });

  test('is what filters find', async () => {
    const empty = ok(await app.post('/data/all', {}));
    for (const name of settable().flatMap((each) => [each, `group.${each}`, `list.${each}`])) {
      const ids = async (filter: string): Promise<string[]> =>
        ok(await app.get(`/data/all?${name}=${filter}&id=${empty.id},${created.id}&_sortType=asc`)).items.map(
          ({ id }: Json) => id,
        );
      const isBoolean = name.endsWith('booleanOne');
      const inList = name.startsWith('list.');
      const none = inList && !isBoolean ? [created.id, empty.id] : [empty.id];
      expect(await ids('empty()'), `${name} empty`).toEqual(isBoolean ? [] : none);
      const some = inList && !isBoolean ? [] : [created.id];
      expect(await ids('notEmpty()'), `${name} notEmpty`).toEqual(isBoolean ? [created.id, empty.id] : some);
    }
  });
});

describe('the wrong shape', () => {
  const types = [...Object.keys(VALUES), 'relationship', 'group', 'fileUpload'];

  test('a list for one value', async () => {
    const body = Object.fromEntries(types.map((type) => [nameOf(type), ['x']]));
    const { status, body: answer } = await app.post('/data/all', body);
    expect(status).toBe(400);
    expect(answer).toEqual({
      code: 'validationErrors',
      message: 'There are validation errors',
      errors: expect.arrayContaining(
        types.map((type) => ({
          field: nameOf(type),
          fieldLabel: nameOf(type),
          code: 'invalidStructure',
          message: 'Field must not be multi-valued',
          additionalInfo: { rejectedValue: ['x'] },
        })),
      ),
    });
    expect(answer.errors).toHaveLength(types.length);
  });

  test('one value for a list is a list of one', async () => {
    const body = Object.fromEntries(Object.entries(VALUES).map(([type, [value]]) => [nameOf(type, true), value]));
    const record = ok(await app.post('/data/all', { ...body, list: { textOne: 'x' } }));
    for (const [type, [value]] of Object.entries(VALUES)) expect(record[nameOf(type, true)], type).toEqual([value]);
    expect(record.list).toHaveLength(1);
  });

  test('objects and lists inside of values', async () => {
    for (const wrong of [{ constructor: 1 }, { $gt: 1 }, { 'a.b': 1 }, [['x']], [{ a: 1 }], [[]]]) {
      for (const place of ['', 'group', 'list']) {
        const values = Object.fromEntries(
          types.flatMap((type) => [
            [nameOf(type), wrong],
            [nameOf(type, true), [wrong]],
          ]),
        );
        const { status, body } = await app.post('/data/all', place === '' ? values : { [place]: values });
        expect([status, body.code], JSON.stringify(wrong)).toEqual([400, 'validationErrors']);
        const refused = new Set(body.errors.map(({ field }: Json) => String(field).replaceAll(/\[\d+\]/g, '')));
        const missing = types
          .flatMap((t) => [nameOf(t), nameOf(t, true)])
          .filter((name) => !refused.has(place ? `${place}.${name}` : name));
        expect(missing, `${place} ${JSON.stringify(wrong)}`).toEqual([]);
      }
    }
  });
});
