// Ending the real process: requests in flight are finished, also when the signal reaches the whole group.
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { identify } from '../../../src/embedded/process-record.ts';
import { type RunningApi, settingsOn, startApi, startCommand, temporaryFolder } from '../../support/process.ts';
import { testDatabase } from '../../support/services.ts';

const settings = settingsOn(testDatabase());

/** A login whose body is only half sent, so that the request stays in flight until `finish`. */
async function openRequest({ apiUrl }: RunningApi) {
  const body = JSON.stringify({ email: 'nobody@example.com', password: 'wrong' });
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const open = request(`${apiUrl}/auth/login`, { method: 'POST', headers });
  const answered = new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    open.once('error', reject);
    open.once('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode, text });
    });
  });
  answered.catch(() => {}); // looked at by the test, maybe after it has failed
  await new Promise<void>((resolve) => open.write(body.slice(0, 10), () => resolve()));
  await sleep(100);
  return { answered, finish: () => open.end(body.slice(10)) };
}

const refusesConnections = ({ origin }: RunningApi) =>
  fetch(`${origin}/health/live`).then(
    () => false,
    () => true,
  );

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it.each(['process', 'group'] as const)('to the %s: a request in flight is answered, then exit 0', async (to) => {
    const api = await startApi(settings);
    const { answered, finish } = await openRequest(api);
    api.signal(signal, to);
    await expect.poll(() => refusesConnections(api)).toBe(true);
    await sleep(200);
    finish();
    expect(await answered).toMatchObject({ status: 401, text: expect.stringContaining('unauthorized') });
    expect(await api.ended).toEqual({ code: 0, signal: null });
  });
});

it('a request that never ends is cut off after SHUTDOWN_TIMEOUT_MS', async () => {
  const api = await startApi({ ...settings, SHUTDOWN_TIMEOUT_MS: '500' });
  const { answered } = await openRequest(api);
  const begin = performance.now();
  api.signal('SIGTERM');
  await expect(answered).rejects.toThrow();
  expect(await api.ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - begin).toBeLessThan(3_000);
  expect(api.output()).toContain('SHUTDOWN_TIMEOUT_MS');
});

it('the same signal twice in a moment is one; a later one ends it at once', async () => {
  const api = await startApi(settings);
  await openRequest(api);
  api.signal('SIGTERM');
  await api.printed(/finishing what is under way/);
  api.signal('SIGTERM');
  await sleep(1_200);
  expect(identify(api.pid)).toBeDefined();
  api.signal('SIGTERM');
  expect(await api.ended).toEqual({ code: 143, signal: null });
});

describe('under npm start', () => {
  it.each([
    ['SIGINT', 'group'],
    ['SIGTERM', 'process'],
  ] as const)('%s to the %s finishes the request in flight', async (signal, to) => {
    const api = await startApi({ ...settings, npm_config_loglevel: 'silent' }, undefined, 'npm');
    const { answered, finish } = await openRequest(api);
    api.signal(signal, to);
    await expect.poll(() => refusesConnections(api)).toBe(true);
    await sleep(300);
    finish();
    expect(await answered).toMatchObject({ status: 401 });
    await api.ended;
    expect(api.output()).toMatch(/"stopped"/);
  });
});

it('a signal during the start ends the start', async () => {
  const command = startCommand(['start'], {
    ...settings,
    MONGODB_URI: 'mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=300',
  });
  await command.printed(/can't be reached/);
  command.signal('SIGTERM');
  expect(await command.ended).toEqual({ code: 0, signal: null });
});

describe('with embedded services', () => {
  const pidsIn = (cwd: string) => {
    const read = (name: string) =>
      JSON.parse(readFileSync(join(cwd, 'data', name), 'utf8')) as { process: { pid: number } };
    return [read('mongodb.json').process.pid, read('redis.json').process.pid];
  };

  it('a signal to the group ends them after the last request', async () => {
    const cwd = temporaryFolder();
    const api = await startApi({}, cwd);
    const pids = pidsIn(cwd);
    const { answered, finish } = await openRequest(api);
    api.signal('SIGINT', 'group');
    await sleep(500);
    expect(pids.map((pid) => identify(pid) !== undefined)).toEqual([true, true]);
    finish();
    expect(await answered).toMatchObject({ status: 401 });
    expect(await api.ended).toEqual({ code: 0, signal: null });
    expect(pids.map((pid) => identify(pid))).toEqual([undefined, undefined]);
  });

  it('a signal while they are being started ends them too', async () => {
    const cwd = temporaryFolder();
    const command = startCommand(['start'], {}, cwd);
    await expect.poll(() => existsSync(join(cwd, 'data/mongodb.json')), { timeout: 20_000, interval: 10 }).toBe(true);
    command.signal('SIGTERM');
    expect(await command.ended).toEqual({ code: 0, signal: null });
    expect(pidsIn(cwd).map((pid) => identify(pid))).toEqual([undefined, undefined]);
  });

  it('a server that was killed leaves them to the next one, which ends them', async () => {
    const cwd = temporaryFolder();
    const killed = await startApi({}, cwd);
    const pids = pidsIn(cwd);
    killed.signal('SIGKILL', 'group');
    await killed.ended;
    const next = await startApi({}, cwd);
    expect(pidsIn(cwd)).toEqual(pids);
    next.signal('SIGTERM');
    expect(await next.ended).toEqual({ code: 0, signal: null });
    expect(pids.map((pid) => identify(pid))).toEqual([undefined, undefined]);
  });
});
