// Pages over HTTP, sorted by every type in both directions, with empties and ties, while others write (spec field-types §2.10,
// README "record lists").
import { beforeAll, describe, expect, test } from 'vitest';
import { EVERY_TYPE, GROUP_FILES, nameOf, TYPES, VALUES } from '../support/every-type.ts';
import { ok, startSmallApp } from '../support/small-app.ts';

const app = startSmallApp(EVERY_TYPE, {}, GROUP_FILES);

const COUNT = 60;
const kept = new Set<string>();

beforeAll(async () => {
  for (const [name, code] of Object.entries({ beta: 'c1', Alpha: 'c2', 'Alpha ': 'c3' })) {
    ok(await app.post('/data/targets', { name, code, info: { x: code === 'c1' ? null : 7 } }));
  }
  const content = Buffer.from('x').toString('base64');
  const file = ok(
    await app.post('/data/all', { fileUploadOne: { name: 'b.txt', contentType: 'text/plain', content } }),
  );
  ok(await app.delete(`/data/all/${file.id}`));
  const others = { relationship: [{ code: 'c1' }, { code: 'c2' }, { code: 'c3' }], group: ['sales'] };
  const values: Record<string, readonly unknown[]> = { ...VALUES, ...others };
  for (let i = 0; i < COUNT; i++) {
    // every fourth is empty, the others share few values
    const pick = Object.entries(values).flatMap(([type, all]) => {
      const value = i % 4 === 0 ? null : all[(i * 7) % all.length];
      return [[nameOf(type), value]];
    });
    const body = Object.fromEntries(pick);
    const { id } = ok(await app.post('/data/all', { ...body, group: body }));
    if (i % 5 === 0) ok(await app.put(`/data/all/${id}`, {}));
    kept.add(id);
  }
});

const SORTABLE = TYPES.filter((type) => type !== 'geoPoint');
const PATHS = [
  ...['', 'id', 'label', 'version'],
  ...SORTABLE.flatMap((type) => [nameOf(type), ...(type in VALUES ? [`group.${nameOf(type)}`] : [])]),
  ...['relationshipOne.label', 'relationshipOne.id', 'relationshipOne.info.x', 'group.relationshipOne.code'],
];

async function page(sort: string, offset: string | number | null, size: number) {
  const query = `_fields=id&_size=${size}${sort}${offset === null ? '' : `&_offset=${offset}`}`;
  return ok(await app.get(`/data/all?${query}`)) as { total: number; offset?: string; items: { id: string }[] };
}

async function walk(
  sort: string,
  size: number,
  between: (last: string) => Promise<void> = async () => undefined,
): Promise<string[]> {
  const seen: string[] = [];
  for (let offset: string | null = null; ; ) {
    const { items, offset: next } = await page(sort, offset, size);
    seen.push(...items.map(({ id }) => id));
    expect(next).toBe(items.at(-1)?.id);
    if (next === undefined) return seen;
    offset = next;
    await between(next);
  }
}

describe.each(PATHS)('sorted by %s', (path) => {
  const field = path === '' ? '' : `&_sortField=${path}`;

  test('pages by id and by number are the whole list, each record once, and descending is ascending reversed', async () => {
    const whole = await page(`${field}&_sortType=asc`, null, 1_000);
    const ids = whole.items.map(({ id }) => id);
    expect(new Set(ids)).toEqual(kept);
    expect(whole.total).toBe(COUNT);
    expect(await walk(`${field}&_sortType=asc`, 7)).toEqual(ids);
    expect(await walk(`${field}&_sortType=desc`, 11)).toEqual(ids.toReversed());
    const second = await page(`${field}&_sortType=asc`, 20, 20);
    expect(second.items.map(({ id }) => id)).toEqual(ids.slice(20, 40));
  });
});

test('while others create, change and delete, the records that stay come once each', async () => {
  for (const sort of ['&_sortField=choiceOne', '&_sortField=integerOne&_sortType=desc', '']) {
    const temporary: string[] = [];
    let writes = 0;
    const disturb = async (last: string): Promise<void> => {
      if (++writes > 25) return;
      const body = { choiceOne: ['a', 'b', null][writes % 3], integerOne: writes };
      temporary.push(ok(await app.post('/data/all', body)).id);
      // never the last one seen: it is where the next page begins
      const others = temporary.filter((id) => id !== last);
      if (writes % 3 === 0) ok(await app.put(`/data/all/${others[0]}`, { choiceOne: 'b', integerOne: -writes }));
      if (others.length < 4) return;
      ok(await app.delete(`/data/all/${others[1]}`));
      temporary.splice(temporary.indexOf(others[1] ?? ''), 1);
    };
    const walked = (await walk(sort, 3, disturb)).filter((id) => kept.has(id));
    expect(walked).toHaveLength(COUNT);
    expect(new Set(walked)).toEqual(kept);
    for (const id of temporary) ok(await app.delete(`/data/all/${id}`));
  }
});

test('what can not be sorted by is refused by name', async () => {
  const refused = [
    nameOf('text', true),
    nameOf('geoPoint'),
    'group',
    'list',
    'list.textOne',
    'relationshipOne.lines',
    'nothing',
  ];
  for (const path of [...refused, 'group.textList', 'relationshipOne.name', 'textOne.x', 'id.x', '__proto__']) {
    const { status, body } = await app.get(`/data/all?_sortField=${path}`);
    expect([status, body.code, body.message.includes(path)], path).toEqual([400, 'badRequest', true]);
  }
});

test('an offset whose record is gone goes on in the order by id, and is refused in others', async () => {
  const { id } = ok(await app.post('/data/all', {}));
  ok(await app.delete(`/data/all/${id}`));
  expect((await page('', id, 1_000)).items).toHaveLength(COUNT);
  const { status, body } = await app.get(`/data/all?_sortField=textOne&_offset=${id}`);
  expect([status, body.code]).toEqual([400, 'badRequest']);
});
