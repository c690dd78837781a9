// Plain text for the caller and for another user, and labels, which are one for everybody (spec field-types §2.7, §2.9).
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN } from '../support/app.ts';
import { ok, startSmallApp } from '../support/small-app.ts';

const day = { name: 'day', type: 'date', uiOptions: { format: 'EEEE d MMMM' } };
const at = { name: 'at', type: 'dateTime', uiOptions: { format: 'MMM dd, yyyy HH:mm zzzz' } };

const app = startSmallApp(
  {
    events: {
      recordLabel: 'fields/at',
      fields: [
        at,
        day,
        { name: 'times', type: 'dateTime', multiplicity: 'many' },
        { name: 'group', type: 'nestedFields', typeRules: { label: 'fields/day' }, nestedFields: [day, at] },
        { name: 'next', type: 'relationship', typeRules: { entity: 'events' } },
      ],
    },
  },
  { APP_TIMEZONE: 'America/New_York' },
);
const client = { current: null as MongoClient | null };

/** Settings of the administrator, or of a second user. */
async function localize(email: string, localization: object): Promise<void> {
  client.current ??= await MongoClient.connect(app.database.uri);
  const users = client.current.db(app.database.dbName).collection('data.sys.users');
  const _id = email === ADMIN.email ? undefined : ('f'.repeat(24) as never);
  const set = Object.fromEntries(
    Object.entries(localization).map(([key, value]) => [`data.localization.${key}`, value]),
  );
  await users.updateOne(
    { 'data.emailStandardized': email },
    {
      $set: { ...set, 'data.email': email },
      ...(_id === undefined ? {} : { $setOnInsert: { _id, label: email, version: 0 } }),
    },
    { upsert: _id !== undefined },
  );
  // what a process knows of a user is at most that old
  await sleep(300);
}
afterAll(() => client.current?.close());

const INSTANT = Date.UTC(2017, 0, 16, 3, 5);
const id = { event: '', next: '' };

beforeAll(async () => {
  id.next = ok(await app.post('/data/events', { at: INSTANT })).id;
  const body = {
    at: INSTANT,
    day: '2017-01-16',
    times: [INSTANT],
    group: { day: '2017-01-16', at: INSTANT },
    next: id.next,
  };
  id.event = ok(await app.post('/data/events', body)).id;
});

const plain = async (query = '') => ok(await app.get(`/data/events/${id.event}?_format=plainText${query}`));

describe('plain text', () => {
  test('is in the zone of the app and in English', async () => {
    expect(await plain()).toMatchObject({
      at: 'Jan 15, 2017 22:05 -05:00',
      day: 'Monday 16 January',
      times: ['2017-01-15 22:05'],
      group: { day: 'Monday 16 January', at: 'Jan 15, 2017 22:05 -05:00' },
    });
  });

  test("is in the caller's zone and language once chosen", async () => {
    await localize(ADMIN.email, { timezoneMode: 'MANUAL', timezone: 'Asia/Kolkata', language: 'spanish' });
    expect(await plain()).toMatchObject({
      at: 'ene 16, 2017 08:35 +05:30',
      day: 'lunes 16 enero',
      times: ['2017-01-16 08:35'],
      group: { day: 'lunes 16 enero' },
    });
    const { items } = ok(await app.get('/data/events?_format=plainText&_fields=day&_size=1'));
    expect(items[0].day).toBe('lunes 16 enero');
    await localize(ADMIN.email, { timezone: 'Nowhere/Special' });
    expect((await plain()).at).toBe('ene 15, 2017 22:05 -05:00');
  });

  test('is for the user that `_formatForUser` names', async () => {
    await localize(ADMIN.email, { timezoneMode: 'MANUAL', timezone: 'Asia/Kolkata', language: 'spanish' });
    await localize('other@example.com', { timezoneMode: 'AUTO', timezone: 'Asia/Tokyo', language: 'english' });
    expect((await plain('&_formatForUser=Other@Example.com')).at).toBe('Jan 15, 2017 22:05 -05:00');
    await localize('other@example.com', { timezoneMode: 'MANUAL' });
    const { items } = ok(
      await app.get('/data/events?_format=plainText&_formatForUser=other@example.com&day=notEmpty()'),
    );
    expect(items[0]).toMatchObject({ at: 'Jan 16, 2017 12:05 +09:00', day: 'Monday 16 January' });
    expect((await plain('&_formatForUser=admin@example.com')).at).toBe('ene 16, 2017 08:35 +05:30');
    const { status, body } = await app.get('/data/events?_format=plainText&_formatForUser=nobody@example.com');
    expect([status, body]).toEqual([
      400,
      { code: 'badRequest', message: '[_formatForUser]: there is no user [nobody@example.com]' },
    ]);
    expect(ok(await app.get(`/data/events/${id.event}?_formatForUser=nobody@example.com`)).at).toBe(INSTANT);
  });

  test('of related records that are fetched is theirs', async () => {
    const { next } = await plain('&_relationshipsToFetch=next&_formatForUser=other@example.com');
    expect(next).toMatchObject({ id: id.next, version: 0, at: 'Jan 16, 2017 12:05 +09:00', day: '' });
  });
});

test('labels are in the zone and language of the app, whoever saves', async () => {
  await localize(ADMIN.email, { timezoneMode: 'MANUAL', timezone: 'Asia/Kolkata', language: 'spanish' });
  const event = ok(await app.post('/data/events', { at: INSTANT, group: { day: '2017-01-16' } }));
  expect([event.label, event.group.label]).toEqual(['Jan 15, 2017 22:05 -05:00', 'Monday 16 January']);
});
