// Sessions (spec auth-jobs-logs-files §4.3, §12.1): kept alive by requests, over after 8 idle hours, over at once when a right ends.
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Accounts } from '../../../src/users/accounts.ts';
import { addUser, PASSWORD, system, testAccounts } from './accounts.ts';

const HOUR = 3_600_000;
const TRUST_MS = 250;
const harness = testAccounts();
let one: Accounts;
let other: Accounts;
beforeAll(async () => {
  [one, other] = [await harness.open({ authCacheMs: TRUST_MS }), await harness.open({ authCacheMs: TRUST_MS })];
});
afterEach(() => {
  harness.later = 0;
});

let count = 0;
/** A new user with a session. */
async function loggedIn(accounts: Accounts, more: { developer?: boolean } = {}) {
  count += 1;
  const email = `user${count}@test.com`;
  const { id } = await addUser(accounts, email, more);
  const { token } = await accounts.auth.login({ email, password: PASSWORD }, null);
  return { id, email, token };
}

const works = (accounts: Accounts, token: string): Promise<boolean> =>
  accounts.auth.authenticate(token).then(
    () => true,
    (error) => {
      if (error.status === 401) return false;
      throw error;
    },
  );

const storedSession = (id: string) =>
  harness
    .db()
    .collection('sessions')
    .aggregate([{ $match: { $expr: { $in: [{ $toObjectId: id }, '$users'] } } }])
    .next();

describe('idle time', () => {
  test('is over after 8 hours without a request, whether the process remembers the session or not', async () => {
    const { token } = await loggedIn(one);
    expect(await works(one, token)).toBe(true);
    harness.later = 8 * HOUR - 60_000;
    expect(await works(await harness.open(), token)).toBe(true);
    harness.later = 16 * HOUR;
    expect(await works(one, token)).toBe(false);
    expect(await works(other, token)).toBe(false);
    expect(await works(await harness.open(), token)).toBe(false);
  });

  test('starts again with every request, in every process', async () => {
    const { token } = await loggedIn(one);
    for (let round = 1; round <= 6; round += 1) {
      harness.later = round * 7 * HOUR;
      const process = round % 2 ? one : other;
      expect(await works(process, token)).toBe(true);
      await vi.waitFor(async () => expect(await works(round % 2 ? other : one, token)).toBe(true));
    }
  });

  test('counts from the very last request, although it is written only once a minute', async () => {
    const { id, token } = await loggedIn(one);
    const start = (await storedSession(id))?.seen.getTime();
    harness.later = 59_000;
    expect(await works(one, token)).toBe(true);
    expect((await storedSession(id))?.seen.getTime()).toBe(start);
    harness.later = 8 * HOUR + 30_000;
    expect(await works(one, token)).toBe(true);
    await vi.waitFor(async () => expect((await storedSession(id))?.seen.getTime()).toBeGreaterThan(start + 8 * HOUR));
  });

  test('what is not yet written is written on close', async () => {
    const process = await harness.open();
    const { id, token } = await loggedIn(process);
    const start = (await storedSession(id))?.seen.getTime();
    harness.later = 20_000;
    expect(await works(process, token)).toBe(true);
    await process.close();
    const stored = await storedSession(id);
    expect(stored?.seen.getTime()).toBeGreaterThanOrEqual(start + 20_000);
    expect(stored?.expires.getTime() - stored?.seen.getTime()).toBe(8 * HOUR);
  });

  test('MongoDB removes what has expired', async () => {
    const indexes = await harness.db().collection('sessions').indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { expires: 1 }, expireAfterSeconds: 0 }));
  });
});

describe('an ended right is over in every process when the call answers', () => {
  test.each<[string, (user: { email: string; token: string }) => Promise<unknown>]>([
    ['logout', async ({ token }) => one.auth.logout(await one.auth.authenticate(token))],
    ['deactivation', ({ email }) => one.users.deactivate(system, email)],
    ['a new password', ({ email }) => one.users.setPassword(system, email, 'another one')],
  ])('%s', async (_name, end) => {
    const user = await loggedIn(one);
    const requests = setInterval(() => void other.auth.authenticate(user.token).catch(() => undefined), 20);
    try {
      expect(await works(other, user.token)).toBe(true);
      await end(user);
      expect(await works(other, user.token)).toBe(false);
      expect(await works(one, user.token)).toBe(false);
    } finally {
      clearInterval(requests);
    }
  });

  test('logout ends one session only', async () => {
    const user = await loggedIn(one);
    const { token } = await one.auth.login({ email: user.email, password: PASSWORD }, null);
    await one.auth.logout(await one.auth.authenticate(user.token));
    expect(await works(one, token)).toBe(true);
  });

  test('a deleted user', async () => {
    const user = await loggedIn(one);
    await harness.db().collection('data.sys.users').deleteOne({ 'data.email': user.email });
    await vi.waitFor(async () => expect(await works(one, user.token)).toBe(false));
  });

  test('a session that a login opens while the password changes is born dead', async () => {
    const user = await loggedIn(one);
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 5 }, () => other.auth.login({ email: user.email, password: PASSWORD }, null)),
      one.users.setPassword(system, user.email, 'another one'),
    ]);
    expect(await one.auth.login({ email: user.email, password: 'another one' }, null)).toBeTruthy();
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled' && 'token' in outcome.value) {
        expect(await works(one, outcome.value.token)).toBe(false);
      }
    }
  });
});

describe('reads', () => {
  test('many requests at once cost one', async () => {
    const { token } = await loggedIn(one);
    const process = await harness.open({ authCacheMs: 5_000 });
    const before = await reads();
    await Promise.all(Array.from({ length: 50 }, () => process.auth.authenticate(token)));
    await process.auth.authenticate(token);
    expect((await reads()) - before).toBe(1);
  });

  test('unknown and impossible tokens are refused, the latter without a read', async () => {
    const before = await reads();
    for (const token of ['', 'short', 'x'.repeat(31), `${'x'.repeat(31)}!`, '\u0000'.repeat(32), 'ä'.repeat(32)]) {
      expect(await works(one, token)).toBe(false);
    }
    expect(await reads()).toBe(before);
    expect(await works(one, 'x'.repeat(32))).toBe(false);
    await expect(one.auth.authenticate(null)).rejects.toMatchObject({ code: 'unauthorized', status: 401 });
  });

  test('a failed read is not kept', async () => {
    const { token } = await loggedIn(one);
    const process = await harness.open({ authCacheMs: 60_000 });
    const sessions = harness.db().collection('sessions');
    await sessions.rename('sessions.away');
    expect(await works(process, token)).toBe(false);
    await harness.db().collection('sessions.away').rename('sessions');
    expect(await works(process, token)).toBe(true);
  });

  let asked = 0;
  /** Reads of sessions that this database has run, without this question itself. */
  async function reads(): Promise<number> {
    asked += 1;
    const [stats] = await harness
      .db()
      .collection('sessions')
      .aggregate([{ $collStats: { latencyStats: {} } }])
      .toArray();
    return Number(stats?.latencyStats.reads.ops) - asked;
  }
});

test('a user who is not active any more, whoever changed the record, gets 403', async () => {
  const { email, token } = await loggedIn(one);
  const users = harness.db().collection('data.sys.users');
  await users.updateOne({ 'data.email': email }, { $set: { 'data.status': 'INACTIVE' } });
  await expect(other.auth.authenticate(token)).rejects.toMatchObject({ code: 'forbidden', status: 403 });
});

test('time zone and groups of the principal', async () => {
  const { email, token } = await loggedIn(one, { developer: true });
  const users = harness.db().collection('data.sys.users');
  await users.updateOne(
    { 'data.email': email },
    { $set: { 'data.localization.timezoneMode': 'MANUAL', 'data.localization.timezone': 'Asia/Tokyo' } },
  );
  expect((await other.auth.authenticate(token)).principal).toMatchObject({
    developer: true,
    timezone: 'Asia/Tokyo',
    groups: ['sales'],
  });
});
