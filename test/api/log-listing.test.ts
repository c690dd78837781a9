// Lines that clients post, how the app's log is searched and paged, and who may do either.
import { type Document, ObjectId } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { ADMIN } from '../support/app.ts';
import { callerOf } from '../support/callers.ts';
import { type Body, startLogApp } from '../support/log-app.ts';
import { ok } from '../support/small-app.ts';

const { app, log, lines } = startLogApp();

describe('posted lines', () => {
  it('carry nothing that the client says about itself', async () => {
    const sent = { id: '1', type: 'APP', subType: 'LOGIN', userEmail: 'x@y.z', timestamp: 1, ip: '1.2.3.4' };
    const { body } = await app.post('/status/logs', { ...sent, adminUserEmail: 'x', message: ' m ', level: 'ERROR' });
    expect(body).toMatchObject({
      type: 'EXTERNAL',
      subType: null,
      userEmail: ADMIN.email,
      message: ' m ',
      level: 'ERROR',
    });
    expect(body.timestamp).toBeGreaterThan(1);
    expect((await lines())[0]).toEqual({ ...body, additionalInfo: undefined });
  });

  it('are INFO unless said', async () => {
    for (const level of [undefined, null, '']) {
      expect((await app.post('/status/logs', { message: 'm', level })).body).toMatchObject({ level: 'INFO' });
    }
  });

  it('keep any object along, and give it back in lists', async () => {
    const additionalInfo = { 'a.b': 1, $c: [{ d: null }], e: 'x'.repeat(60_000), '\u0000': 'zero' };
    expect((await app.post('/status/logs', { message: 'm', additionalInfo })).body.additionalInfo).toEqual(
      additionalInfo,
    );
    expect((await lines())[0].additionalInfo).toEqual(additionalInfo);
  });

  it.each<[string, unknown, string, string, unknown]>([
    ['no message', {}, 'message', 'required', undefined],
    ['a null message', { message: null }, 'message', 'required', undefined],
    ['blanks as message', { message: '  ' }, 'message', 'required', undefined],
    ['a message that is no text', { message: { a: 1 } }, 'message', 'invalidStructure', { a: 1 }],
    ['a message without end', { message: 'x'.repeat(10_001) }, 'message', 'invalid', undefined],
    ['another level', { message: 'm', level: 'DEBUG' }, 'level', 'invalid', 'DEBUG'],
    ['a level in small letters', { message: 'm', level: 'info' }, 'level', 'invalid', 'info'],
    ['a list as further information', { message: 'm', additionalInfo: [1] }, 'additionalInfo', 'invalidStructure', [1]],
    ['a text as further information', { message: 'm', additionalInfo: 'a' }, 'additionalInfo', 'invalidStructure', 'a'],
    [
      'too much of it',
      { message: 'm', additionalInfo: { a: 'ü'.repeat(33_000) } },
      'additionalInfo',
      'invalid',
      undefined,
    ],
  ])('with %s are refused', async (_what, body, field, code, rejectedValue) => {
    const answer = await app.post('/status/logs', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validationErrors' } });
    expect(answer.body.errors).toEqual([
      {
        field,
        fieldLabel: null,
        code,
        message: expect.any(String),
        additionalInfo: rejectedValue === undefined ? null : { rejectedValue },
      },
    ]);
    expect(await log().countDocuments()).toBe(0);
  });

  it('are refused with every mistake together, and when they are no object', async () => {
    const { body } = await app.post('/status/logs', { level: 1, additionalInfo: 1 });
    expect(body.errors.map(({ field }: Body) => field)).toEqual(['message', 'level', 'additionalInfo']);
    expect(await app.post('/status/logs', [1])).toMatchObject({ status: 400, body: { code: 'badRequest' } });
  });
});

describe('the list', () => {
  const start = Date.now() - 3_600_000;
  const document = (minute: number, over: object = {}): Document => ({
    _id: new ObjectId(),
    type: 'APP',
    level: 'INFO',
    message: `message ${minute}`,
    userEmail: 'ann@test.com',
    timestamp: new Date(start + minute * 60_000),
    ...over,
  });
  let documents: Document[];

  beforeEach(async () => {
    documents = [
      document(0),
      document(1, { level: 'ERROR', message: 'Total loss (100%)' }),
      document(2, { level: 'WARN', userEmail: 'Bob@Test.com' }),
      document(3, { level: 'ERROR', message: 'small LOSS.' }),
      document(3),
      document(59),
    ];
    await log().insertMany(documents.toReversed());
  });

  const found = async (query: string): Promise<number[]> => {
    const { total, items } = ok(await app.get(`/status/logs?${query}`));
    expect(total).toBe(items.length);
    const ids = documents.map(({ _id }) => _id.toHexString());
    return items.map(({ id }: Body) => ids.indexOf(id));
  };

  it.each<[string, number[]]>([
    ['', [0, 1, 2, 3, 4, 5]],
    ['level=ERROR', [1, 3]],
    ['level=WARN,ERROR', [1, 2, 3]],
    ['level= WARN , ', [2]],
    ['message=loss', [1, 3]],
    ['message=(100%25)', [1]],
    ['message=loss.', [3]],
    ['message=regex:.*', []],
    ['userEmail=bob', [2]],
    ['userEmail=TEST.COM', [0, 1, 2, 3, 4, 5]],
    ['userEmail=ann@&level=ERROR&message=total', [1]],
    [`from=${start + 60_000}`, [1, 2, 3, 4, 5]],
    [`to=${start + 60_000}`, [0, 1]],
    [`from=${start + 60_000}&to=${start + 120_000}`, [1, 2]],
    [`from=${start + 120_000}&to=${start + 60_000}`, []],
    ['period=30m', [5]],
    ['period=2h', [0, 1, 2, 3, 4, 5]],
    ['period=1h 1m', [0, 1, 2, 3, 4, 5]],
    [`period=30 minutes&from=0&to=1`, [5]],
    ['nonsense=1', [0, 1, 2, 3, 4, 5]],
  ])('%s', async (query, wanted) => {
    expect(await found(query)).toEqual(wanted);
  });

  it('of today and of yesterday in the zone of the app', async () => {
    await log().deleteMany({});
    const day = new Date();
    day.setUTCHours(0, 0, 0, 0);
    const at = (ms: number) => document(0, { timestamp: new Date(day.getTime() + ms) });
    documents = [at(-86_400_001), at(-86_400_000), at(-1), at(0)];
    await log().insertMany(documents);
    expect(await found('period=yesterday')).toEqual([1, 2]);
    expect(await found('period=today')).toEqual([3]);
  });

  it.each([1, 2, 4])(
    'goes through everything once by offset, %i at a time, and the last page has none',
    async (size) => {
      const seen: string[] = [];
      let pages = 0;
      for (let offset = ''; ; pages += 1) {
        const body = ok(await app.get(`/status/logs?_size=${size}${offset && `&_offset=${offset}`}`));
        expect(body.total).toBe(6);
        seen.push(...body.items.map(({ id }: Body) => id));
        if (!('offset' in body)) break;
        expect(body.offset).toBe(body.items.at(-1).id);
        offset = body.offset;
      }
      const sorted = documents.toSorted((a, b) => a.timestamp - b.timestamp || (a._id < b._id ? -1 : 1));
      expect(seen).toEqual(sorted.map(({ _id }) => _id.toHexString()));
      expect(pages).toBe(Math.ceil(6 / size) - 1);
    },
  );

  it('takes a number to skip, a size of 0, and an offset whose line is gone', async () => {
    expect(ok(await app.get('/status/logs?_offset=4')).items).toHaveLength(2);
    expect(ok(await app.get('/status/logs?_size=0'))).toEqual({ total: 6, items: [] });
    const gone = ObjectId.createFromTime(Math.floor((start + 90_000) / 1_000)).toHexString();
    expect(ok(await app.get(`/status/logs?_offset=${gone}`)).items).toHaveLength(4);
  });

  it.each([
    'level=DEBUG',
    'level=info',
    'period=soon',
    'period=0s',
    'from=x',
    'to=1.5',
    '_size=-1',
    '_offset=zzz',
    'a=%',
  ])('refuses %s', async (query) => {
    expect(await app.get(`/status/logs?${query}`)).toMatchObject({ status: 400, body: { code: 'badRequest' } });
  });

  it('has an index for its order, and for levels', async () => {
    for (const [filter, index] of [
      [{}, 'time'],
      [{ timestamp: { $gte: new Date(0) } }, 'time'],
      [{ level: { $in: ['ERROR'] } }, 'level'],
      [{ level: { $in: ['WARN', 'ERROR'] } }, 'level'],
    ] as const) {
      const plan = JSON.stringify(await log().find(filter).sort({ timestamp: 1, _id: 1 }).limit(201).explain());
      expect(plan).toContain(`"indexName":"${index}"`);
      expect(plan).not.toContain('"stage":"SORT"');
    }
  });
});

describe('who may', () => {
  it.each<[string, object, boolean]>([
    ['developers', { developer: true }, true],
    ['system users', { system: true }, true],
    ['others', { groups: ['admins'] }, false],
  ])('%s', async (_what, principal, may) => {
    const ctx = callerOf(principal);
    const { logs } = app.services();
    const listed = logs.list(ctx, []);
    const posted = logs.post(ctx, { message: 'm' });
    if (may) {
      await Promise.all([listed, posted]);
      return;
    }
    await expect(listed).rejects.toMatchObject({ status: 403, code: 'forbidden' });
    await expect(posted).rejects.toMatchObject({ status: 403, code: 'forbidden' });
    // rights come before mistakes
    await expect(logs.list(ctx, [['level', 'x']])).rejects.toMatchObject({ status: 403 });
    await expect(logs.post(ctx, {})).rejects.toMatchObject({ status: 403 });
    expect(() => logs.admit(ctx)).toThrow(/Only developers/);
  });

  it('nobody without a token', async () => {
    expect(await app.send('GET', '/status/logs', undefined, { token: '' })).toMatchObject({ status: 401 });
    expect(await app.send('POST', '/status/logs', {}, { token: '' })).toMatchObject({ status: 401 });
  });
});
