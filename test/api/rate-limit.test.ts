// Limits per token and per address: refused in the contract's words, never on health, and off unless set.
import { describe, expect, it } from 'vitest';
import { createRateLimit } from '../../src/http/rate-limit.ts';
import { startTestApp } from '../support/app.ts';

describe('the limit itself', () => {
  const timed = (perMinute: number) => {
    const clock = { now: 1_000_000 };
    const limit = createRateLimit(perMinute, 'this token', () => clock.now);
    const take = (source = 'a'): string | null => {
      try {
        limit(source);
        return null;
      } catch (error) {
        return (error as { headers: Record<string, string> }).headers['retry-after'] ?? '';
      }
    };
    return { clock, take };
  };

  it('lets a minute of requests through at once, then one for each share of time', () => {
    const { clock, take } = timed(30);
    for (let count = 0; count < 30; count += 1) expect(take()).toBeNull();
    expect(take()).toBe('2');
    expect(take('another')).toBeNull();
    clock.now += 1999;
    expect(take()).toBe('1');
    clock.now += 1;
    expect(take()).toBeNull();
    expect(take()).toBe('2');
  });

  it('lets whoever waits as long as told through, and forgets nothing that was not earned', () => {
    const { clock, take } = timed(1);
    expect(take()).toBeNull();
    expect(take()).toBe('60');
    clock.now += 30_000;
    expect(take()).toBe('30');
    clock.now += 30_000;
    expect(take()).toBeNull();
    expect(take()).toBe('60');
    clock.now += 600_000;
    expect([take(), take()]).toEqual([null, '60']);
  });
});

describe('per token', () => {
  const app = startTestApp({ RATE_LIMIT_PER_TOKEN: '5' });

  it('answers 429 with Retry-After to that token alone, in either base path', async () => {
    const { body } = await app.send('POST', '/auth/login', {
      email: 'admin@example.com',
      password: 'a password of tests',
    });
    for (let count = 0; count < 5; count += 1) expect((await app.get('/users/current')).status).toBe(200);
    const refused = await app.get('/users/current');
    expect(refused).toMatchObject({
      status: 429,
      body: { code: 'tooManyRequests', message: 'Too many requests from this token: 5 a minute are allowed' },
    });
    expect(refused.headers['retry-after']).toBe('12');
    const other = await app.send('GET', '/users/current', undefined, { token: body.token });
    expect(other.status).toBe(200);
    // a wrong token is a 401, whatever is limited
    expect((await app.send('GET', '/users/current', undefined, { token: 'x' })).status).toBe(401);
  });
});

describe('per address', () => {
  const app = startTestApp({ RATE_LIMIT_PER_ADDRESS: '4', TRUST_PROXY: 'true' });
  const from = (address: string) => app.send('GET', '/users/current', undefined, { 'x-forwarded-for': address });

  it('counts each IPv4 address, and each /64 of IPv6, before the token', async () => {
    for (let count = 0; count < 4; count += 1) expect((await from('10.1.1.1')).status).toBe(200);
    expect(await from('10.1.1.1')).toMatchObject({ status: 429, headers: { 'retry-after': '15' } });
    expect((await from('::ffff:10.1.1.1')).status).toBe(429);
    expect((await from('10.1.1.2')).status).toBe(200);
    for (let count = 0; count < 4; count += 1) expect((await from(`2001:db8::${count}`)).status).toBe(200);
    expect((await from('2001:db8::ffff')).status).toBe(429);
    expect((await from('2001:db8:0:1::1')).status).toBe(200);
    const guess = { token: 'wrong', 'x-forwarded-for': '10.1.1.1' };
    expect((await app.send('GET', '/users/current', undefined, guess)).status).toBe(429);
  });

  it('is never asked about health', async () => {
    for (let count = 0; count < 10; count += 1) {
      const probe = await app.fastify().inject({ url: '/health/live', headers: { 'x-forwarded-for': '10.9.9.9' } });
      expect(probe.statusCode).toBe(200);
    }
    expect((await from('10.9.9.9')).status).toBe(200);
  });
});

describe('without settings', () => {
  const app = startTestApp();

  it('nothing is limited', async () => {
    const answers = await Promise.all(Array.from({ length: 300 }, () => app.get('/users/current')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});
