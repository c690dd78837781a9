// Settings: defaults, every kind of mistake named with its variable and what it must be, and the README's table.
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, SETTINGS } from '../../../src/config.ts';

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('without any variable', () => {
  const config = readConfig({});

  it('has the documented defaults', () => {
    expect(config).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      envName: 'prod',
      timezone: 'UTC',
      entitiesDir: resolve('entities'),
      dataDir: resolve('.data'),
      mongodbUri: undefined,
      bodyLimit: 16 * 1024 * 1024,
      sessionIdleMs: 8 * 3600 * 1000,
      authCacheMs: 250,
      runWorker: true,
      trustProxy: false,
      publicUrl: 'http://localhost:3000',
    });
  });

  it('is frozen', () => {
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.appVariables)).toBe(true);
  });
});

describe('a wrong value', () => {
  const own = join(tmpdir(), `trebuchet-config-${process.pid}.pem`);
  writeFileSync(own, 'x');

  it.each([
    ['PORT', '-1', 'a whole number from 0 to 65535'],
    ['PORT', '80.5', 'a whole number from 0 to 65535'],
    ['PORT', '70000', 'a whole number from 0 to 65535'],
    ['PORT', '3000x', 'a whole number from 0 to 65535'],
    ['ENV_NAME', 'a/b', 'letters, digits, _ and -'],
    ['ENV_NAME', 'health', 'not be'],
    ['PUBLIC_URL', 'example.com', 'a URL that begins with http:// or https://'],
    ['PUBLIC_URL', 'ftp://example.com', 'a URL that begins with http:// or https://'],
    ['APP_TIMEZONE', 'Mars/Base', 'an IANA time zone'],
    ['MONGODB_URI', 'localhost:27017', 'a MongoDB URI'],
    ['REDIS_URL', 'http://localhost', 'a URL that begins with redis:// or rediss://'],
    ['ADMIN_EMAIL', 'admin', 'an e-mail address'],
    ['ENCRYPTION_KEY', 'abc', '64 hex digits'],
    ['LOG_LEVEL', 'loud', 'one of trace, debug, info, warn, error, fatal, silent'],
    ['RUN_WORKER', 'maybe', 'true or false'],
    ['TLS_CERT', '/no/such/file.pem', 'a file that this user may read'],
    ['TRUST_PROXY', '10.0.0.0/40', 'a comma list of addresses'],
    ['TRUST_PROXY', '10.0.0.0/8/8', 'a comma list of addresses'],
    ['CORS_ORIGINS', 'https://a.example/path', 'a comma list of origins'],
    ['SCRIPT_TIMEOUT_MS', '0', 'at least 1|from 1'],
    ['REQUEST_TIMEOUT_MS', '99999999999', 'from 0 to 2147483647'],
  ])('%s=%s: %s', (name, value, must) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} must .*(${must.replaceAll(/[*.]/g, '\\$&')})`));
  });

  it('TLS_CERT without TLS_KEY, and the other way round', () => {
    expect(problemsOf({ TLS_CERT: own })).toEqual(['TLS_KEY must be given too when TLS_CERT is: HTTPS needs both']);
    expect(problemsOf({ TLS_KEY: own })).toEqual(['TLS_CERT must be given too when TLS_KEY is: HTTPS needs both']);
  });

  it('is reported together with all the others', () => {
    const problems = problemsOf({ PORT: 'x', LOG_LEVEL: 'x', TLS_KEY: own, ENCRYPTION_KEY: 'x' });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'PORT',
      'ENCRYPTION_KEY',
      'LOG_LEVEL',
      'TLS_CERT',
    ]);
  });

  it('is not printed when it may be a secret', () => {
    const problems = problemsOf({
      ENCRYPTION_KEY: 'deadbeef',
      MONGODB_URI: 'mongo://u:geheim@h',
      REDIS_URL: 'http://u:geheim@h',
    });
    expect(problems.join()).not.toMatch(/deadbeef|geheim/);
  });
});

describe('a right value', () => {
  it.each([
    ['TRUST_PROXY', 'true', 'trustProxy', true],
    ['TRUST_PROXY', '2', 'trustProxy', 2],
    ['TRUST_PROXY', '10.0.0.0/8, loopback, ::1', 'trustProxy', '10.0.0.0/8,loopback,::1'],
    ['CORS_ORIGINS', '*', 'corsOrigins', '*'],
    [
      'CORS_ORIGINS',
      'https://a.example, http://localhost:8080',
      'corsOrigins',
      ['https://a.example', 'http://localhost:8080'],
    ],
    ['PUBLIC_URL', 'https://api.example.com/', 'publicUrl', 'https://api.example.com'],
    ['MONGODB_URI', 'mongodb://a:1,b:2/app?replicaSet=rs', 'mongodbUri', 'mongodb://a:1,b:2/app?replicaSet=rs'],
    ['ENCRYPTION_KEY', 'AB'.repeat(32), 'encryptionKey', 'ab'.repeat(32)],
    ['PORT', '', 'port', 3000],
    ['PORT', ' 8080 ', 'port', 8080],
  ] as const)('%s=%s', (name, value, key, expected) => {
    expect(readConfig({ [name]: value })[key]).toEqual(expected);
  });

  it('APP_VAR_* become variables for the app', () => {
    expect(readConfig({ APP_VAR_COLOR: 'red', APP_VAR_EMPTY: '', HOME: '/root' }).appVariables).toEqual({
      COLOR: 'red',
      EMPTY: '',
    });
  });
});

it('the README lists every setting with its default', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const rows = new Map([...readme.matchAll(/^\| `([A-Z_*]+)` \|(.*)$/gm)].map(([, name, rest]) => [name, rest]));
  expect([...rows.keys()].filter((name) => !SETTINGS.some((setting) => setting.name === name))).toEqual([]);
  for (const setting of SETTINGS) {
    expect(rows.get(setting.name), `a row for ${setting.name}`).toBeDefined();
    if (setting.default !== undefined) expect(rows.get(setting.name), setting.name).toContain(setting.default);
  }
});
