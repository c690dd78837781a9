// `npm run bench`: measures the server beside a bare one on the same MongoDB in the same run and prints the ratios.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, ObjectId } from 'mongodb';
import { parse, stringify } from 'yaml';
import { acquireServices } from '../../src/embedded/services.ts';
import { type Comparison, compare, load, type Side } from './rounds.ts';

const RECORDS = Number(process.env.BENCH_RECORDS ?? 100_000);
/** How many of them have a twin with an audit log. */
const TWINS = 20_000;
const DB = 'bench';
const PASSWORD = 'bench-password';
const EMAIL = 'bench@example.com';
/** Which requests get a line in the app's log; the table says it. */
const APP_LOG_REQUESTS = process.env.APP_LOG_REQUESTS ?? 'all';

const dataDir = await mkdtemp(join(tmpdir(), 'trebuchet-bench-'));
const services = await acquireServices({ dataDir, mongo: true, redis: true });
const children: ChildProcess[] = [];
try {
  const { mongodbUri = '', redisUrl = '' } = services;
  const ours = await startOurs(mongodbUri, redisUrl);
  const ids = await seed(mongodbUri);
  const bare = await startBare(mongodbUri);
  print(await measure(ours, bare, ids));
} finally {
  for (const child of children) child.kill('SIGKILL');
  await services.release();
  await rm(dataDir, { recursive: true, force: true });
}

interface Api {
  readonly url: string;
  readonly headers: Record<string, string>;
}

async function startOurs(mongodbUri: string, redisUrl: string): Promise<Api> {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const env = {
    PATH: process.env.PATH,
    PORT: String(port),
    MONGODB_URI: mongodbUri,
    MONGODB_DB: DB,
    REDIS_URL: redisUrl,
    DATA_DIR: dataDir,
    ADMIN_EMAIL: EMAIL,
    ADMIN_PASSWORD: PASSWORD,
    ENCRYPTION_KEY: 'ab'.repeat(32),
    LOG_LEVEL: 'warn',
    ENTITIES_DIR: await writeApp(),
    APP_LOG_REQUESTS,
  };
  const child = spawn(process.execPath, ['src/cli.ts', 'start'], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  children.push(child);
  const url = `http://127.0.0.1:${port}/api`;
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await fetch(`${url}/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
      });
      const { token } = (await answer.json()) as { token: string };
      return { url, headers: { token, 'content-type': 'application/json' } };
    } catch (error) {
      if (attempt > 150) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** The companies of the demo app without their audit log, and twins of them that have it. */
async function writeApp(): Promise<string> {
  const demo = new URL('../../entities/', import.meta.url);
  const folder = join(dataDir, 'app');
  await mkdir(folder);
  const { settings, ...companies } = parse(await readFile(new URL('companies.yaml', demo), 'utf8'));
  const twins = { ...companies, settings, name: 'auditedCompanies', fullName: 'auditedCompanies' };
  for (const entity of [companies, twins]) {
    await writeFile(join(folder, `${entity.name}.yaml`), stringify(entity));
    await cp(new URL('companies.js', demo), join(folder, `${entity.name}.js`));
  }
  return folder;
}

async function startBare(mongodbUri: string): Promise<Api> {
  const child = fork(new URL('bare-server.ts', import.meta.url), [mongodbUri, DB]);
  children.push(child);
  const [{ address }] = (await once(child, 'message')) as [{ address: string }];
  return { url: address, headers: { 'content-type': 'application/json' } };
}

/** Companies in the stored shape, inserted past the server: what is measured is serving them. */
async function seed(mongodbUri: string): Promise<string[]> {
  const client = await new MongoClient(mongodbUri).connect();
  const companies = client.db(DB).collection('data.companies');
  const ids: string[] = [];
  for (let start = 0; start < RECORDS; start += 5000) {
    const batch = Array.from({ length: Math.min(5000, RECORDS - start) }, (_, offset) => company(start + offset));
    await companies.insertMany(batch);
    if (start < TWINS) await client.db(DB).collection('data.auditedCompanies').insertMany(batch);
    ids.push(...batch.map(({ _id }) => _id.toHexString()));
  }
  // the demo app does not index `type`, and both sides filter by it
  await companies.createIndex({ 'data.type': 1, _id: -1 });
  await client.close();
  return ids;
}

function company(index: number): { _id: ObjectId } & Record<string, unknown> {
  const name = `Company ${index}`;
  return {
    _id: new ObjectId(),
    version: 0,
    label: name,
    __label_lower_case__: name.toLowerCase(),
    data: {
      name,
      state: 'active',
      type: ['a', 'b', 'c'][index % 3],
      numberOfEmployees: index,
      isCustomer: index % 2 === 0,
      contactInformation: {
        _id: new ObjectId(),
        _label: 'Contact Information',
        phoneNumber: '17028459380',
        email: `c${index}@example.com`,
      },
      addresses: [
        {
          _id: new ObjectId(),
          _label: 'NV - 89145',
          addressLine: '4 Magdeline Place',
          zipCode: '89145',
          city: 'Las Vegas',
          state: 'NV',
        },
      ],
      homepage: 'http://www.example.com',
      taxId: '350-KWM',
      notes: 'notes of a company',
      lastMeeting: new Date(1429623180000),
      lastUpdate: new Date(),
    },
  };
}

async function measure(ours: Api, bare: Api, ids: readonly string[]): Promise<Comparison[]> {
  const id = (): string => ids[Math.floor(Math.random() * ids.length)] ?? '';
  const deep = ids[Math.floor(ids.length / 10)] ?? '';
  let serial = 0;
  const body = (): string =>
    JSON.stringify({
      name: `New ${++serial} ${process.pid}`,
      state: 'pending',
      type: 'a',
      numberOfEmployees: 95,
      isCustomer: false,
      notes: 'n',
    });
  const change = (): string => JSON.stringify({ numberOfEmployees: ++serial, notes: `changed ${serial}` });
  const side = (api: Api, data: string, method: 'GET' | 'POST' | 'PUT', next: () => string) => ({
    name: api.url,
    round: (seconds: number) => {
      const base = new URL(`${api.url}${data}`);
      return load({ url: base.href, method, headers: api.headers, next: () => `${base.pathname}${next()}` }, seconds);
    },
  });
  const companies = (method: 'GET' | 'POST' | 'PUT', next: () => string, theirs = next): Sides => [
    side(ours, '/data/companies', method, next),
    side(bare, '/companies', method, theirs),
  ];
  /** The same against the twins with an audit log; what they are compared with has none. */
  const audited = (method: 'POST' | 'PUT', next: () => string): Sides => [
    side(ours, '/data/auditedCompanies', method, next),
    side(bare, '/companies', method, next),
  ];
  const twin = (): string => ids[Math.floor(Math.random() * Math.min(TWINS, ids.length))] ?? '';
  const rows: readonly [name: string, goal: number, sides: Sides][] = [
    ['read one', 0.7, companies('GET', () => `/${id()}`)],
    ['list 20 by an indexed filter', 0.6, companies('GET', () => '?type=b')],
    [
      'page by id offset, 90 % deep',
      0.6,
      companies(
        'GET',
        () => `?_offset=${deep}`,
        () => `?after=${deep}`,
      ),
    ],
    ['create', 0.6, companies('POST', () => `\n${body()}`)],
    ['create, audit on', 0.35, audited('POST', () => `\n${body()}`)],
    ['update', 0.6, companies('PUT', () => `/${id()}\n${change()}`)],
    ['update, audit on', 0.35, audited('PUT', () => `/${twin()}\n${change()}`)],
  ];
  const results: Comparison[] = [];
  for (const [name, goal, [mine, other]] of rows) {
    if (name.startsWith(process.env.BENCH_ONLY ?? '')) results.push(await compare(name, goal, mine, other));
  }
  return results;
}

type Sides = readonly [ours: Side, bare: Side];

function print(rows: readonly Comparison[]): void {
  const cell = (text: string, width: number): string => text.padEnd(width);
  process.stdout.write(`APP_LOG_REQUESTS=${APP_LOG_REQUESTS}\n`);
  process.stdout.write(
    `| load | server /s | bare /s | ratio | spread | goal |\n| --- | --- | --- | --- | --- | --- |\n`,
  );
  for (const { name, ours, bare, ratio, spread, goal } of rows) {
    const [low, high] = spread;
    process.stdout.write(
      `| ${cell(name, 28)} | ${ours.toFixed(0)} | ${bare.toFixed(0)} | ${ratio.toFixed(2)} | ${low.toFixed(2)}–${high.toFixed(2)} | ${goal} |\n`,
    );
  }
}
