// Reading audit logs over HTTP: both listings, their order, pages, filters and refusals.
import { ObjectId } from 'mongodb';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Body, startAuditApp } from '../support/audit-app.ts';
import { ok } from '../support/small-app.ts';

const { app, stored, create, change, entriesOf } = startAuditApp();

describe('the listings', () => {
  let first: Body;
  let second: Body;
  let all: Body[];

  beforeAll(async () => {
    first = await create('kept');
    second = await create('kept');
    for (const name of ['a', 'b', 'c']) {
      await change('kept', first, { name });
      await change('kept', second, { name });
    }
    all = ok(await app.get('/data/kept/auditLogs?_size=1000')).items;
  });

  it('are newest first, with the id of the last one as offset', async () => {
    const { total, offset, items } = ok(await app.get('/data/kept/auditLogs'));
    expect(total).toBe(all.length);
    expect(offset).toBe(items.at(-1).id);
    const order = items.map(({ timestamp, id }: Body) => [timestamp, id]);
    expect(order).toEqual(
      order.toSorted((one: Body, other: Body) => other[0] - one[0] || (other[1] > one[1] ? 1 : -1)),
    );
  });

  it.each([1, 3])('page by offset through everything once, %i at a time', async (size) => {
    for (const path of ['/data/kept/auditLogs', `/data/kept/${first.id}/auditLogs`]) {
      const seen: string[] = [];
      let total = -1;
      for (let offset = ''; ; ) {
        const body = ok(await app.get(`${path}?_size=${size}${offset && `&_offset=${offset}`}`));
        if (total === -1) total = body.total;
        expect(body.total).toBe(total);
        seen.push(...body.items.map(({ id }: Body) => id));
        if (!body.offset) break;
        offset = body.offset;
      }
      const wanted = all.filter(({ recordId }) => path.includes(recordId) || path === '/data/kept/auditLogs');
      expect(seen).toEqual(wanted.map(({ id }) => id));
    }
  });

  it('take a number to skip, and a size of 0', async () => {
    expect(ok(await app.get('/data/kept/auditLogs?_offset=2&_size=2')).items).toEqual(all.slice(2, 4));
    expect(ok(await app.get('/data/kept/auditLogs?_size=0'))).toEqual({ total: all.length, items: [] });
    expect(ok(await app.get('/data/kept/auditLogs?_size=5000&_offset=0')).items).toEqual(all);
  });

  it('go on from where an entry was that is gone', async () => {
    const gone = new ObjectId();
    const { items } = ok(await app.get(`/data/kept/auditLogs?_offset=${gone.toHexString()}`));
    const second = gone.getTimestamp().getTime();
    expect(items).toEqual(all.filter(({ timestamp }) => timestamp < second));
  });

  it.each<[string, (entry: Body) => boolean]>([
    ['eventTypes=USER_RECORD_CREATED', ({ eventType }) => eventType === 'USER_RECORD_CREATED'],
    ['eventTypes= USER_RECORD_CHANGED,,USER_RECORD_CREATED', () => true],
    ['eventTypes=SYSTEM_REFACTORING', () => false],
  ])('filter by %s', async (query, passes) => {
    for (const path of ['/data/kept/auditLogs', `/data/kept/${first.id}/auditLogs`]) {
      const wanted = all.filter((entry) => passes(entry) && (path.includes(entry.recordId) || path.length < 25));
      const { total, items } = ok(await app.get(`${path}?${query}`));
      expect({ total, items }).toEqual({ total: wanted.length, items: wanted });
    }
  });

  it('filter by time, both ends inclusive, each alone', async () => {
    const [from, to] = [all[5].timestamp, all[2].timestamp];
    const between = (low: number, high: number) =>
      all.filter(({ timestamp }) => timestamp >= low && timestamp <= high).map(({ id }) => id);
    const idsOf = async (query: string) =>
      ok(await app.get(`/data/kept/auditLogs?${query}`)).items.map(({ id }: Body) => id);
    expect(await idsOf(`from=${from}&to=${to}`)).toEqual(between(from, to));
    expect(await idsOf(`from=${from}`)).toEqual(between(from, Number.POSITIVE_INFINITY));
    expect(await idsOf(`to=${to}`)).toEqual(between(0, to));
    expect(await idsOf(`from=${to + 1}&to=${to}`)).toEqual([]);
  });

  it.each([
    ['/data/unicorns/auditLogs', 404, 'notFound'],
    ['/data/unicorns/57fd2d65e4b0ce322b0c8665/auditLogs', 404, 'notFound'],
    ['/data/teams/auditLogs', 400, 'badRequest'],
    ['/data/teams/57fd2d65e4b0ce322b0c8665/auditLogs', 400, 'badRequest'],
    ['/data/people/nonsense/auditLogs', 400, 'badRequest'],
    ['/data/people/57fd2d65e4b0ce322b0c866/auditLogs', 400, 'badRequest'],
    ['/data/people/auditLogs?eventTypes=user_record_created', 400, 'badRequest'],
    ['/data/people/auditLogs?from=x', 400, 'badRequest'],
    ['/data/people/auditLogs?to=1.5', 400, 'badRequest'],
    ['/data/people/auditLogs?_size=-1', 400, 'badRequest'],
    ['/data/people/auditLogs?_size=x', 400, 'badRequest'],
    ['/data/people/auditLogs?_offset=x', 400, 'badRequest'],
    ['/data/people/auditLogs?a=%', 400, 'badRequest'],
    ['/data/unicorns/auditLogs?a=%', 404, 'notFound'],
  ])('%s is %i %s', async (path, status, code) => {
    expect(await app.get(path)).toMatchObject({ status, body: { code } });
  });

  it('of an entity without a log says that it is off', async () => {
    expect((await app.get('/data/teams/auditLogs')).body.message).toBe('Audit logs are not enabled for entity [teams]');
  });

  it('ignore unknown parameters and a slash at the end', async () => {
    expect(ok(await app.get('/data/kept/auditLogs/?nonsense=1')).total).toBe(all.length);
  });

  it('of an unknown record are empty', async () => {
    expect(await app.get('/data/kept/57fd2d65e4b0ce322b0c8665/auditLogs')).toMatchObject({
      status: 200,
      body: { total: 0, items: [] },
    });
  });

  it('are found by an index each', async () => {
    const plans = [
      [{ record: new ObjectId(first.id) }, 'record'],
      [{}, 'entity'],
      [{ event: { $in: ['USER_RECORD_CREATED'] } }, 'entity'],
      [{ timestamp: { $gte: new Date(0) } }, 'entity'],
    ] as const;
    for (const [filter, index] of plans) {
      const plan = JSON.stringify(
        await stored('kept').find(filter).sort({ timestamp: -1, _id: -1 }).limit(20).explain(),
      );
      expect(plan).toContain(`"indexName":"${index}"`);
      expect(plan).not.toContain('"stage":"SORT"');
    }
  });
});

describe('entries made under other definitions', () => {
  let person: Body;
  beforeEach(async () => {
    person = await create('people', { age: 1 });
    await stored('people').updateOne(
      { record: new ObjectId(person.id) },
      { $set: { 'new.secret': 'was no secret then', 'new.home.alarm': 'neither', 'new.former': 5, 'new.draft': 'd' } },
    );
  });

  it('hide what is sensitive or transient now, and show fields that are gone', async () => {
    const [{ newRecord }] = await entriesOf('people', person);
    expect(newRecord).toMatchObject({ secret: '****', home: { alarm: '****' }, former: 5 });
    expect(newRecord).not.toHaveProperty('draft');
  });
});
