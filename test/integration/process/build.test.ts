// What the image runs: the compiled server, as `npm run build` makes it, with an environment of settings alone.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../../src/embedded/setup-steps.mjs';
import { settingsOn, startApi, startCommand } from '../../support/process.ts';
import { testDatabase } from '../../support/services.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const ADMIN = { email: 'admin@example.com', password: 'Correct-horse-1' };
const settings = { ...settingsOn(testDatabase()), ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password };

/** Beneath node_modules, so that the packages are found as beside a real build. */
const built = join(ROOT, 'node_modules/.cache', `trebuchet-build-${process.pid}`);
const cli = join(built, 'dist/cli.js');

beforeAll(async () => {
  mkdirSync(built, { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(built, 'package.json'));
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  const { code, stdout } = await run(tsc, ['-p', join(ROOT, 'tsconfig.json'), '--outDir', join(built, 'dist')], {
    timeoutMs: 120_000,
  });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
}, 120_000);
afterAll(() => rmSync(built, { recursive: true, force: true }));

it('serves, runs the scripts of the app in their hosts, and ends well', async () => {
  const api = await startApi(settings, undefined, cli);
  const post = async (path: string, body: object, token = '') => {
    const headers = { 'content-type': 'application/json', token };
    const answer = await fetch(`${api.apiUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const login = await post('/auth/login', ADMIN);
  const contact = { firstName: 'Ann', lastName: 'Lee' };
  const created = await post('/data/contacts', contact, String(login.body.token));
  expect(created).toMatchObject({ status: 200, body: { label: 'Ann Lee', numberOfSkills: 0 } });
  api.signal('SIGTERM');
  expect(await api.ended).toEqual({ code: 0, signal: null });
});

it('knows its version and its commands', async () => {
  const version = startCommand(['--version'], {}, undefined, cli);
  expect(await version.ended).toEqual({ code: 0, signal: null });
  expect(version.output()).toMatch(/^\d+\.\d+\.\d+\n$/);
});
