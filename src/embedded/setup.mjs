// What `npm start` and `npm test` need before dependencies exist: run by npm as `prestart`/`pretest` on any Node >= 20.
// Silent when there is nothing to do. `--tests`: tests start services of their own, whatever MONGODB_URI and REDIS_URL say.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchMongod, findMongod, npmCommand } from './mongod-binary.mjs';
import { findRedis, installRedis } from './redis-binary.mjs';
import { firstLines, run, SetupError, say, withLock } from './setup-steps.mjs';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');
const NODE_MAJOR = 24;
const INSTALL_MS = 15 * 60_000;

try {
  await setUp();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}

async function setUp() {
  const forTests = process.argv.includes('--tests');
  if (!forTests && existsSync('.env')) process.loadEnvFile?.('.env');
  await installDependencies();
  requireNode();
  if (forTests || !process.env.MONGODB_URI) (await findMongod(process.env)) ?? (await fetchMongod());
  if ((forTests || !process.env.REDIS_URL) && findRedis() === undefined) await installRedis();
}

async function installDependencies() {
  if (dependenciesAreInstalled()) return;
  await withLock('npm-ci', async () => {
    if (dependenciesAreInstalled()) return;
    say('installing dependencies (npm ci)');
    const npm = npmCommand();
    // no package of ours needs its install script: what is native comes prebuilt
    const done = await run(npm.file, [...npm.args, 'ci', '--ignore-scripts'], { cwd: ROOT, timeoutMs: INSTALL_MS });
    if (done.code !== 0) throw new SetupError(`npm ci failed: ${firstLines(done.stderr)}`);
  });
}

/** Compared by content: npm's own record of what it installed against the lock file. */
function dependenciesAreInstalled() {
  const wanted = readPackages(join(ROOT, 'package-lock.json'));
  const installed = readPackages(join(ROOT, 'node_modules/.package-lock.json'));
  if (wanted === undefined) return existsSync(join(ROOT, 'node_modules')); // an installed package has no lock file
  if (installed === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    const there = installed[path];
    if (path === '' || (there === undefined && (entry.optional || entry.devOptional || entry.peer))) return true;
    return there?.version === entry.version;
  });
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }> | undefined}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function requireNode() {
  if (Number.parseInt(process.versions.node, 10) >= NODE_MAJOR || existsSync(join(ROOT, 'node_modules/.bin/node')))
    return;
  throw new SetupError(
    `Node ${NODE_MAJOR} or later is needed, this is ${process.versions.node}: install it and repeat the command`,
  );
}
