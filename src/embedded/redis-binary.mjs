// Finds `redis-server` (or `valkey-server`), and installs it with apt where that can be done without asking.
import { findOnPath, firstLines, run, SetupError, say, withLock } from './setup-steps.mjs';

const APT_MS = 300_000;

/**
 * @returns {string | undefined} the program to start
 */
export function findRedis() {
  return findOnPath('redis-server') ?? findOnPath('valkey-server');
}

/**
 * Installs redis-server with apt.
 * @throws {SetupError} with the one command to type where it can't
 */
export async function installRedis() {
  const apt = await aptCommand();
  if (apt === undefined) throw new SetupError(`no redis-server or valkey-server on PATH. ${howToInstall()}`);
  await withLock('redis', async () => {
    if (findRedis()) return;
    say('no Redis on this machine: installing redis-server with apt');
    const install = [...apt, 'install', '-y', '--no-install-recommends', 'redis-server'];
    // RUNLEVEL=1: the package must not start a Redis of the system's own, ours are started by the server that needs them
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    let done = await runAll(install, env);
    if (done.code !== 0) {
      await runAll([...apt, 'update'], env);
      done = await runAll(install, env);
    }
    if (done.code !== 0)
      throw new SetupError(`apt could not install redis-server (${firstLines(done.stderr)}). ${howToInstall()}`);
  });
}

/** @param {string[]} command @param {NodeJS.ProcessEnv} env */
function runAll([file = '', ...args], env) {
  return run(file, args, { env, timeoutMs: APT_MS });
}

async function aptCommand() {
  const apt = findOnPath('apt-get');
  if (apt === undefined) return undefined;
  if (process.getuid?.() === 0) return [apt];
  const sudo = findOnPath('sudo');
  if (sudo === undefined || (await run(sudo, ['-n', 'true'])).code !== 0) return undefined;
  return [sudo, '-n', apt];
}

function howToInstall() {
  const command =
    process.platform === 'darwin'
      ? 'brew install redis'
      : (Object.entries({
          'apt-get': 'sudo apt-get install redis-server',
          dnf: 'sudo dnf install valkey',
          apk: 'sudo apk add redis',
          pacman: 'sudo pacman -S valkey',
          zypper: 'sudo zypper install redis',
        }).find(([name]) => findOnPath(name))?.[1] ?? 'install redis-server 7 or later');
  return `Type: ${command}    (or set REDIS_URL to a Redis with maxmemory-policy noeviction)`;
}
