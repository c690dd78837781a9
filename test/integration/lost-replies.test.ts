// A write was done and its reply got lost: the driver asks again, and nobody may be told of a duplicate or a conflict with oneself.
import type { Document } from 'mongodb';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { startTestApp, type TestAnswer } from '../support/app.ts';
import { writeLedgerApp } from '../support/ledger-clients.ts';
import { startLossyProxy } from '../support/lossy-proxy.ts';

const proxy = await startLossyProxy(inject('services').mongodbUri);
const app = startTestApp({ MONGODB_URI: proxy.uri, ENTITIES_DIR: writeLedgerApp() });
afterAll(() => proxy.close());

let serial = 0;
const freshName = (): string => `record ${++serial}`;

async function create(entity: string): Promise<string> {
  const { status, body } = await app.post(`/data/${entity}`, { name: freshName(), a: 0 });
  expect(status).toBe(200);
  return body.id;
}

const isTo =
  (command: string, entity: string) =>
  (sent: Document): boolean =>
    sent[command] === `data.${entity}`;
/** The calls of a write that is a transaction. */
const isBulk = (sent: Document): boolean => sent.bulkWrite === 1;
const isCommit = (sent: Document): boolean => sent.commitTransaction === 1;

/** With one reply lost the driver's second try tells; with more, nobody knows. */
const OUTCOMES = [
  { times: 1, statuses: [200] },
  { times: 2, statuses: [200, 503] },
  { times: 3, statuses: [200, 503] },
];
const LOSSES = OUTCOMES.flatMap((outcome) => [
  { ...outcome, entity: 'plain', lost: 'the write', create: 'insert', update: 'update', remove: 'delete' },
  { ...outcome, entity: 'audited', lost: 'the bulk write', create: isBulk, update: isBulk, remove: isBulk },
  { ...outcome, entity: 'audited', lost: 'the commit', create: isCommit, update: isCommit, remove: isCommit },
]);

describe.each(LOSSES)('$times lost of $lost to $entity', ({ times, statuses, entity, ...commands }) => {
  const lose = (command: string | ((sent: Document) => boolean)): void =>
    proxy.loseReplies(typeof command === 'string' ? isTo(command, entity) : command, times);

  /** Every reply that was to be lost was, unless the answer is a success: then fewer tries were enough. */
  const expectAnswer = (answer: TestAnswer): void => {
    expect(statuses).toContain(answer.status);
    if (answer.status === 503) expect(answer.body.code).toBe('applicationUnavailable');
    if (times === 1) expect(proxy.left()).toBe(0);
    proxy.loseReplies(() => false, 0);
  };

  const expectEntries = async (id: string, total: number): Promise<void> => {
    if (entity !== 'audited') return;
    expect((await app.get(`/data/audited/${id}/auditLogs`)).body.total).toBe(total);
  };

  it('create', async () => {
    const name = freshName();
    lose(commands.create);
    const answer = await app.post(`/data/${entity}`, { name, a: 1 });
    expectAnswer(answer);
    const { body } = await app.get(`/data/${entity}?name=${encodeURIComponent(name)}`);
    expect(body.total).toBeLessThanOrEqual(1);
    if (answer.status === 200) expect(body.items).toMatchObject([{ id: answer.body.id, a: 1 }]);
    for (const { id } of body.items) await expectEntries(id, 1);
  });

  it('update with a version', async () => {
    const id = await create(entity);
    lose(commands.update);
    const answer = await app.put(`/data/${entity}/${id}`, { version: 0, a: 2 });
    expectAnswer(answer);
    const { body } = await app.get(`/data/${entity}/${id}`);
    expect([
      { version: 0, a: 0 },
      { version: 1, a: 2 },
    ]).toContainEqual({ version: body.version, a: body.a });
    if (answer.status === 200) expect(body).toMatchObject({ version: 1, a: 2 });
    await expectEntries(id, body.version + 1);
  });

  it('update without a version: once', async () => {
    const id = await create(entity);
    lose(commands.update);
    const answer = await app.put(`/data/${entity}/${id}`, { a: 3 });
    expectAnswer(answer);
    const { body } = await app.get(`/data/${entity}/${id}`);
    if (answer.status === 200) expect(answer.body.version).toBe(1);
    expect(body.version).toBeLessThanOrEqual(1);
    await expectEntries(id, body.version + 1);
  });

  it('delete', async () => {
    const id = await create(entity);
    lose(commands.remove);
    const answer = await app.delete(`/data/${entity}/${id}`);
    expectAnswer(answer);
    const { status } = await app.get(`/data/${entity}/${id}`);
    if (answer.status === 200) expect(status).toBe(404);
    await expectEntries(id, status === 404 ? 2 : 1);
  });
});

it.each([
  ['a read', 'find', () => app.get('/data/plain?_size=1')],
  ['a count', 'aggregate', () => app.get('/data/plain?a=1')],
])('the lost reply to %s is asked for again', async (_, command, request) => {
  proxy.loseReplies(isTo(command, 'plain'), 1);
  expect((await request()).status).toBe(200);
  expect(proxy.left()).toBe(0);
});

it('a login whose session was stored without a reply', async () => {
  proxy.loseReplies((sent) => sent.insert === 'sessions', 1);
  const { email, password } = { email: 'admin@example.com', password: 'a password of tests' };
  const { status, body } = await app.post('/auth/login', { email, password });
  expect(status).toBe(200);
  expect(proxy.left()).toBe(0);
  expect((await app.send('GET', '/users/current', undefined, { token: body.token })).status).toBe(200);
});
