// docker-compose.yml and Dockerfile keep up with the settings, and expose nothing but the one door.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfig, SETTINGS } from '../../../src/config.ts';

const read = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');

interface Service {
  image: string;
  command: string[];
  ports?: string[];
  environment?: Record<string, string | null>;
  volumes?: string[];
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> };

/** Settings that mean nothing inside of the network of the containers. */
const NOT_THERE = ['TLS_CERT', 'TLS_KEY', 'METRICS_PORT', 'MONGOD_BINARY', 'APP_VAR_*'];

describe('docker-compose.yml', () => {
  it.each(['api', 'worker'])('gives %s every setting', (name) => {
    const given = Object.keys(compose.services[name]?.environment ?? {});
    const wanted = SETTINGS.map((setting) => setting.name).filter((setting) => !NOT_THERE.includes(setting));
    expect(given.toSorted()).toEqual(wanted.toSorted());
  });

  it('has values for its settings that the server accepts', () => {
    const environment = compose.services.api?.environment ?? {};
    const given = Object.entries(environment).map(([name, value]) => [name, value?.replace(/^\$\{\w+:-(.*)\}$/, '$1')]);
    const config = readConfig(Object.fromEntries(given));
    expect(config).toMatchObject({
      host: '0.0.0.0',
      port: 3000,
      dataDir: '/data',
      trustProxy: 'uniquelocal',
      runWorker: false,
    });
    expect(config.mongodbUri).toBe('mongodb://mongodb:27017/trebuchet?replicaSet=rs0');
  });

  it('exposes the gateway alone, so that api and worker can be multiplied', () => {
    const open = Object.entries(compose.services).filter(([, { ports }]) => ports !== undefined);
    expect(open.map(([name]) => name)).toEqual(['gateway']);
  });

  it('starts Redis as the server demands it', () => {
    expect(compose.services.redis?.command.join(' ')).toMatch(/--appendonly yes --maxmemory-policy noeviction/);
  });

  it('lets api and worker share the folder with the encryption key', () => {
    for (const name of ['api', 'worker']) expect(compose.services[name]?.volumes).toContain('keys:/data');
  });
});

describe('Dockerfile', () => {
  it('ends as a user without rights, with a health check', () => {
    const last =
      read('Dockerfile')
        .split(/^FROM /m)
        .at(-1) ?? '';
    expect(last).toMatch(/^USER node$/m);
    expect(last).toMatch(/^HEALTHCHECK /m);
  });
});
