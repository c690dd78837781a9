// environment -> one frozen, validated Config; read once, passed down. Every setting has its row in the table here.
import { existsSync } from 'node:fs';
import {
  bytes,
  email,
  flag,
  folder,
  hexKey,
  integer,
  matching,
  milliseconds,
  mongodbUri,
  numbersByName,
  oneOf,
  origins,
  port,
  proxies,
  readableFile,
  type SettingKind,
  text,
  timezone,
  url,
} from './setting-kinds.ts';

type Row = readonly [name: string, kind: SettingKind<unknown>, fallback: string | undefined, description: string];

const word = matching('word', 'letters, digits, _ and -', /^[A-Za-z0-9_-]+$/);

/** Key in Config -> variable, kind, default (a text, as if it had been given), and what it is for. */
const TABLE = {
  port: ['PORT', port, '3000', 'Port of the API; 0 takes any free one'],
  host: ['HOST', text, '127.0.0.1', 'Address to listen on; 0.0.0.0 for every one'],
  envName: ['ENV_NAME', word, 'prod', 'The `<env>` of the base path `/<env>/runtime/api`'],
  appName: ['APP_NAME', text, 'trebuchet', 'The `app` of the login answer'],
  publicUrl: [
    'PUBLIC_URL',
    url('http:', 'https:'),
    undefined,
    'Where clients reach the server, for links; without it `http(s)://localhost:<PORT>`',
  ],
  timezone: ['APP_TIMEZONE', timezone, 'UTC', 'Time zone of the app'],
  entitiesDir: ['ENTITIES_DIR', folder, './entities', 'The definitions of the app'],
  dataDir: ['DATA_DIR', folder, './.data', 'Data of the embedded MongoDB and Redis, and the generated encryption key'],
  mongodbUri: [
    'MONGODB_URI',
    mongodbUri,
    undefined,
    'A replica set or sharded cluster, 8.0 or later; without it a `mongod` of our own is started',
  ],
  mongodbDb: ['MONGODB_DB', word, undefined, 'Database; without it the one that the URI names, else `trebuchet`'],
  redisUrl: [
    'REDIS_URL',
    url('redis:', 'rediss:'),
    undefined,
    'A Redis with `maxmemory-policy noeviction`; without it a `redis-server` of our own is started',
  ],
  redisPrefix: ['REDIS_PREFIX', text, 'trebuchet:', 'Begins the name of every key in Redis'],
  adminEmail: ['ADMIN_EMAIL', email, 'admin@example.com', 'The administrator that the first start creates'],
  adminPassword: [
    'ADMIN_PASSWORD',
    text,
    undefined,
    'The password of that administrator; without it one is made up and printed once',
  ],
  encryptionKey: [
    'ENCRYPTION_KEY',
    hexKey,
    undefined,
    'Key for sensitive fields; without it one is made once and kept in `DATA_DIR`',
  ],
  encryptionKeyOld: ['ENCRYPTION_KEY_OLD', hexKey, undefined, 'The key before, while values are moved to the new one'],
  logLevel: [
    'LOG_LEVEL',
    oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'info',
    'How much the process log tells',
  ],
  appLogRequests: [
    'APP_LOG_REQUESTS',
    oneOf('all', 'writes', 'none'),
    'all',
    'Which requests get a line in the app log: all, those that are no GET, or none',
  ],
  appLogMaxMb: [
    'APP_LOG_MAX_MB',
    integer(1, 1_000_000, 'MB'),
    '256',
    'The size to which the app log may grow before its oldest lines go',
  ],
  runWorker: ['RUN_WORKER', flag, 'true', 'Whether jobs run in the API process too'],
  queues: [
    'QUEUES',
    numbersByName('a comma list of queues and how many jobs each runs at once (1 to 999), such as reports:2,mix:8'),
    'system:2,mix:4,light:8,heavy:1',
    'Further queues for jobs, and other numbers for those that always exist: jobs at the same time in each process',
  ],
  jobRetentionDays: [
    'JOB_RETENTION_DAYS',
    integer(1, 3_650, 'days'),
    '90',
    'How long jobs and their logs are kept after their end',
  ],
  syncTimeoutMs: [
    'SYNC_TIMEOUT_MS',
    milliseconds(1),
    '30000',
    'How long a request may work on many records before it has to be made a job',
  ],
  workerPort: ['WORKER_PORT', port, '3001', 'Port of the health answers of a worker process; 0 takes any free one'],
  tlsCert: [
    'TLS_CERT',
    readableFile,
    undefined,
    'Certificate chain (PEM); with `TLS_KEY` the server speaks HTTPS itself',
  ],
  tlsKey: ['TLS_KEY', readableFile, undefined, 'Private key (PEM) of that certificate'],
  requireHttps: ['REQUIRE_HTTPS', flag, 'false', 'Refuse requests that did not come over HTTPS'],
  trustProxy: ['TRUST_PROXY', proxies, 'false', 'Proxies whose `X-Forwarded-*` headers are believed'],
  corsOrigins: ['CORS_ORIGINS', origins, '*', 'Origins that browsers may call from, or `*` for every one'],
  smtpUrl: ['SMTP_URL', url('smtp:', 'smtps:'), undefined, 'Server for outgoing mail (not used yet)'],
  watch: ['WATCH', flag, undefined, 'Put changed definitions in force at once; without it, where `ENV_NAME` is `dev`'],
  metricsPort: [
    'METRICS_PORT',
    port,
    undefined,
    'Port of `/metrics` for Prometheus, in API processes and workers; without it there are none; 0 takes any free one',
  ],
  rateLimitPerToken: [
    'RATE_LIMIT_PER_TOKEN',
    integer(0, 1_000_000),
    '0',
    'Requests a minute with one token, in each API process, before 429; 0 is without limit',
  ],
  rateLimitPerAddress: [
    'RATE_LIMIT_PER_ADDRESS',
    integer(0, 1_000_000),
    '0',
    'Requests a minute from one address, in each API process, before 429; 0 is without limit',
  ],
  bodyLimit: ['BODY_LIMIT_BYTES', bytes(1024), '16777216', 'The largest request body'],
  fileMaxBytes: ['FILE_MAX_BYTES', bytes(), '104857600', 'The largest file that can be uploaded'],
  fileUnreferencedMs: [
    'FILE_UNREFERENCED_MS',
    milliseconds(1000),
    '43200000',
    'How long a file is kept that no record refers to',
  ],
  fileSweepMs: ['FILE_SWEEP_MS', milliseconds(1000), '900000', 'How often files whose time is over are removed'],
  requestTimeoutMs: [
    'REQUEST_TIMEOUT_MS',
    milliseconds(),
    '300000',
    'How long a client may take to send a whole request; 0 is without limit',
  ],
  headersTimeoutMs: ['HEADERS_TIMEOUT_MS', milliseconds(), '60000', 'How long a client may take to send the headers'],
  shutdownTimeoutMs: [
    'SHUTDOWN_TIMEOUT_MS',
    milliseconds(),
    '30000',
    'How long requests in flight may still take when the server is stopped',
  ],
  connectTimeoutMs: [
    'CONNECT_TIMEOUT_MS',
    milliseconds(),
    '60000',
    'How long a start tries to reach MongoDB and Redis',
  ],
  queryTimeoutMs: ['QUERY_TIMEOUT_MS', milliseconds(1), '30000', 'How long one query may take in MongoDB'],
  maxIdsInPath: ['MAX_IDS_IN_PATH', integer(1, 10_000), '1000', 'How many ids a path may list'],
  authCacheMs: [
    'AUTH_CACHE_MS',
    milliseconds(),
    '250',
    'How long a process trusts what it has read about a session or a user',
  ],
  sessionIdleMs: ['SESSION_IDLE_MS', milliseconds(1000), '28800000', 'A session ends after so long without a request'],
  maxLoginAttempts: ['MAX_LOGIN_ATTEMPTS', integer(1), '10', 'A user is blocked after so many failed logins in a row'],
  passwordHashConcurrency: [
    'PASSWORD_HASH_CONCURRENCY',
    integer(1, 64),
    '2',
    'How many passwords are hashed at the same time',
  ],
  passwordHashQueue: [
    'PASSWORD_HASH_QUEUE',
    integer(1, 10_000),
    '100',
    'How many logins may wait for their turn; further ones get 429',
  ],
  loginFailuresPerAddress: [
    'LOGIN_FAILURES_PER_ADDRESS',
    integer(0),
    '100',
    'Failed logins that one address may make in the window below before it gets 429; 0 is without limit',
  ],
  loginFailureWindowMs: [
    'LOGIN_FAILURE_WINDOW_MS',
    milliseconds(1000),
    '900000',
    'How long failed logins of an address are counted together',
  ],
  scriptHosts: ['SCRIPT_HOSTS', integer(1, 64), '2', 'Processes for the scripts of the app'],
  scriptMemoryMb: ['SCRIPT_MEMORY_MB', integer(8, 4096, 'MB'), '64', 'Memory of one sandbox'],
  scriptTimeoutMs: ['SCRIPT_TIMEOUT_MS', milliseconds(1), '30000', 'How long the scripts of one request may run'],
  hookTimeoutMs: [
    'HOOK_TIMEOUT_MS',
    milliseconds(1),
    '2000',
    'How long one label, calculation or rule of a record may run',
  ],
} as const satisfies Record<string, Row>;

type Table = typeof TABLE;
type ValueOf<R> = R extends readonly [string, SettingKind<infer T>, infer Fallback, string]
  ? Fallback extends undefined
    ? T | undefined
    : T
  : never;

type Settings = { readonly [K in keyof Table]: ValueOf<Table[K]> };

/** All settings of a process, checked and frozen. `*Ms` are milliseconds, folders and files absolute paths. */
export type Config = Omit<Settings, 'publicUrl' | 'watch'> & {
  /** Whether changed definitions are put in force at once. */
  readonly watch: boolean;
  /** Never ends in a slash. */
  readonly publicUrl: string;
  /** `APP_VAR_<NAME>` -> its value under `NAME`: what `${NAME}` in definitions and scripts may see. */
  readonly appVariables: Readonly<Record<string, string>>;
};

/** A Config with everything that had to be found at start: what services are built from. */
export type RunConfig = Config & {
  readonly mongodbUri: string;
  readonly redisUrl: string;
  readonly encryptionKey: string;
};

/** The table of the README: one row a setting. */
export const SETTINGS: readonly { name: string; type: string; default: string | undefined; description: string }[] = [
  ...Object.values(TABLE).map(([name, kind, fallback, description]) => ({
    name,
    type: kind.type,
    default: fallback,
    description,
  })),
  {
    name: 'APP_VAR_*',
    type: 'text',
    default: undefined,
    description: '`APP_VAR_COLOR=red` is the placeholder `COLOR` of definitions and scripts',
  },
  {
    name: 'MONGOD_BINARY',
    type: 'file',
    default: undefined,
    description: 'The `mongod` to start as our own; without it the one on PATH, else a fetched one',
  },
];

/** Wrong settings, all of them together; the command prints them and ends with 1. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Adds the variables of `./.env` to the environment; those that are set already win. */
export function loadDotEnv(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

/**
 * Reads and checks all settings; an empty variable counts as not set.
 * @throws {ConfigError} naming every wrong variable and what it must be
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const problems: string[] = [];
  const values = Object.fromEntries(
    Object.entries(TABLE).map(([key, row]) => [key, readOne(row, env, problems)]),
  ) as unknown as Settings;
  problems.push(...contradictions(values));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze({
    ...values,
    watch: values.watch ?? values.envName === 'dev',
    publicUrl: values.publicUrl ?? `${values.tlsCert ? 'https' : 'http'}://localhost:${values.port}`,
    appVariables: Object.freeze(readAppVariables(env)),
  });
}

function readOne([name, kind, fallback]: Row, env: NodeJS.ProcessEnv, problems: string[]): unknown {
  const given = env[name]?.trim() || fallback;
  if (given === undefined) return undefined;
  const value = kind.parse(given);
  if (value === undefined) problems.push(`${name} must be ${kind.must}, not ${shown(name, given)}`);
  return value;
}

/** Secrets stay out of messages, which end in logs. */
function shown(name: string, given: string): string {
  return /KEY|PASSWORD|URI|_URL/.test(name) ? `the given ${given.length} characters` : JSON.stringify(given);
}

/** Names that the base path would take away from other routes. */
const TAKEN_PATHS = ['api', 'health', 'docs', 'guide'];

function contradictions(values: Settings): string[] {
  const problems: string[] = [];
  if ((values.tlsCert === undefined) !== (values.tlsKey === undefined)) {
    const [given, missing] = values.tlsCert ? ['TLS_CERT', 'TLS_KEY'] : ['TLS_KEY', 'TLS_CERT'];
    problems.push(`${missing} must be given too when ${given} is: HTTPS needs both`);
  }
  if (TAKEN_PATHS.includes(values.envName))
    problems.push(`ENV_NAME must not be ${TAKEN_PATHS.join(', ')}: those paths have a meaning of their own`);
  return problems;
}

const APP_VARIABLE = 'APP_VAR_';

function readAppVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  const given = Object.entries(env).filter(([name, value]) => name.startsWith(APP_VARIABLE) && value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name.slice(APP_VARIABLE.length), value ?? '']));
}
