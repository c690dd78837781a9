// `trebuchet users` as a person at a shell uses it.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settingsOn, temporaryFolder } from '../../support/process.ts';
import { testDatabase } from '../../support/services.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const DEMO_APP = fileURLToPath(new URL('../../../entities', import.meta.url));

const database = testDatabase();
const cwd = temporaryFolder();
let client: MongoClient;
beforeAll(async () => {
  client = await new MongoClient(database.uri).connect();
});
afterAll(() => client.close());

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `trebuchet users …`; `input` is what is piped into it. */
function users(args: readonly string[], input = ''): Promise<Outcome> {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ENTITIES_DIR: DEMO_APP, DATA_DIR: cwd, ...settingsOn(database) };
  const child = spawn(process.execPath, [CLI, 'users', ...args], { cwd, env });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    text.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    text.stderr += chunk;
  });
  child.stdin.on('error', () => undefined); // a command that reads nothing may end before this is written
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...text })));
}

const stored = (email: string) =>
  client.db(database.dbName).collection('data.sys.users').findOne({ 'data.email': email });
const NAMES = ['--first-name', 'User', '--last-name', 'Test'];

test('add reads the password from the input and shows it nowhere', async () => {
  const { code, stdout, stderr } = await users(['add', 'user@test.com', '--developer', ...NAMES], 'my secret\n');
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^Added user@test\.com \([0-9a-f]{24}\)\n$/),
  });
  expect(stderr).not.toContain('my secret');
  expect(await stored('user@test.com')).toMatchObject({ version: 0, data: { permissions: { developer: true } } });
});

test('a made up password is printed, a given one is warned about', async () => {
  const generated = await users(['set-password', 'user@test.com', '--generate']);
  expect(generated).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Password: [A-Za-z0-9]{20}$/m) });
  const given = await users(['set-password', 'user@test.com', '--password', 'my secret']);
  expect(given).toMatchObject({ code: 0, stderr: expect.stringContaining('warning: a password on the command line') });
  expect(given.stdout + given.stderr).not.toContain('my secret');
});

test('deactivate, reactivate, unblock', async () => {
  expect(await users(['deactivate', 'user@test.com'])).toMatchObject({
    code: 0,
    stdout: 'user@test.com is INACTIVE\n',
  });
  expect(await users(['unblock', 'user@test.com'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('INACTIVE'),
  });
  expect(await users(['reactivate', 'user@test.com'])).toMatchObject({ code: 0, stdout: 'user@test.com is ACTIVE\n' });
});

test('list prints a table, or the JSON of the API', async () => {
  const { stdout } = await users(['list']);
  expect(stdout).toMatch(/^email +name +status +developer +groups +id\n/);
  expect(stdout).toMatch(/^user@test\.com +User Test +ACTIVE +yes/m);
  const list = JSON.parse((await users(['list', '--json'])).stdout) as { email: string }[];
  expect(list.map(({ email }) => email)).toEqual(['user@test.com', 'admin@example.com', 'system@trebuchet']);
});

describe('mistakes', () => {
  test('of fields are told one a line, with exit code 1', async () => {
    const outcome = await users(['add', 'no e-mail', '--first-name', ' ', '--last-name', 'Test'], 'short\n');
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    for (const line of [
      'firstName: First name cannot be empty',
      'email: Not a valid email',
      'password: ',
      'groups: ',
    ]) {
      expect(outcome.stderr).toContain(line);
    }
  });

  test.each([
    [['deactivate', 'nobody@test.com'], 1, 'nobody@test.com'],
    [['set-password', 'user@test.com'], 1, 'No password was given'],
    [['add', 'a@b.co'], 2, '--first-name'],
    [['frob'], 2, 'frob'],
  ] as const)('%j: %d', async (args, code, words) => {
    expect(await users(args)).toMatchObject({ code, stderr: expect.stringContaining(words) });
  });
});
