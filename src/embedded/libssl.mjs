// Brings libssl 1.1 into the cache folder on a Debian that no longer has it, without changing the system.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir, findOnPath, firstLines, run, say } from './setup-steps.mjs';

/** The last Debian that carried it, still with security updates in the archive. */
const SUITE = 'bullseye-security';
const APT_MS = 180_000;

/**
 * @returns {Promise<string | { failure: string }>} the folder to put in LD_LIBRARY_PATH, or why there is none
 */
export async function fetchLibssl11() {
  const target = join(cacheDir(), 'libssl1.1');
  const there = libraryFolder(target);
  if (there) return there;
  if (findOnPath('apt-get') === undefined || findOnPath('dpkg') === undefined)
    return { failure: 'needs libssl 1.1, and there is no apt to get it with' };
  const mirror = securityMirror();
  if (mirror === undefined)
    return { failure: 'needs libssl 1.1, and apt knows no Debian security mirror to get it from' };
  say(`fetching libssl1.1 of ${SUITE} for mongod alone, into the cache folder`);
  const work = await mkdtemp(join(cacheDir(), 'apt-'));
  try {
    const failure = await download(work, mirror);
    if (failure) return { failure };
    await rename(join(work, 'root'), target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return libraryFolder(target) ?? { failure: 'the libssl1.1 package has no libssl.so.1.1' };
}

/** @param {string} work @param {{ uri: string, signedBy: string | undefined }} mirror */
async function download(work, mirror) {
  const list = join(work, 'sources.list');
  const signed = mirror.signedBy === undefined ? '' : `[signed-by=${mirror.signedBy}] `;
  writeFileSync(list, `deb ${signed}${mirror.uri} ${SUITE} main\n`);
  await mkdir(join(work, 'lists/partial'), { recursive: true });
  await mkdir(join(work, 'cache/archives/partial'), { recursive: true });
  const options = [
    `Dir::Etc::sourcelist=${list}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(work, 'lists')}`,
    `Dir::Cache=${join(work, 'cache')}`,
    'APT::Sandbox::User=root',
    'Acquire::Check-Valid-Until=false', // the suite is no longer renewed; its signature is still checked
  ].flatMap((option) => ['-o', option]);
  for (const command of [['update'], ['download', 'libssl1.1']]) {
    const done = await run('apt-get', [...options, ...command], { cwd: work, timeoutMs: APT_MS });
    if (done.code !== 0) return `apt-get ${command.join(' ')} failed (${firstLines(done.stderr || done.stdout)})`;
  }
  const archive = readdirSync(work).find((name) => name.endsWith('.deb'));
  if (archive === undefined) return 'apt-get download brought no package';
  const unpacked = await run('dpkg', ['-x', join(work, archive), join(work, 'root')]);
  return unpacked.code === 0 ? undefined : `dpkg -x failed (${firstLines(unpacked.stderr)})`;
}

/** The address of the Debian security archive that this machine's own apt uses. */
function securityMirror() {
  const parts = '/etc/apt/sources.list.d';
  const names = existsSync(parts) ? readdirSync(parts) : [];
  for (const file of ['/etc/apt/sources.list', ...names.map((name) => join(parts, name))]) {
    if (!existsSync(file)) continue;
    const found = file.endsWith('.sources')
      ? readDeb822(readFileSync(file, 'utf8'))
      : readOneLine(readFileSync(file, 'utf8'));
    if (found) return found;
  }
  return undefined;
}

/** @param {string} text a `.sources` file: stanzas of `Key: value` */
function readDeb822(text) {
  for (const stanza of text.split(/\n\s*\n/)) {
    const uri = /^URIs:.*?(\S*debian-security\S*)/m.exec(stanza)?.[1];
    if (uri) return { uri, signedBy: /^Signed-By:\s*(\/\S+)/m.exec(stanza)?.[1] };
  }
  return undefined;
}

/** @param {string} text a `.list` file: `deb [options] uri suite components` */
function readOneLine(text) {
  const line = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S*debian-security\S*)\s/m.exec(text);
  return line?.[2] === undefined ? undefined : { uri: line[2], signedBy: /signed-by=(\S+)/.exec(line[1] ?? '')?.[1] };
}

/** @param {string} root */
function libraryFolder(root) {
  const folders = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'].map((folder) => join(root, folder));
  return folders.find((folder) => existsSync(join(folder, 'libssl.so.1.1')));
}
