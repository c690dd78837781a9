// Run by set-up in a process of its own, so that it can be given up: resolves and downloads the official mongod.
// `--reach` only asks the download host whether it has the build for this machine.
import { DryMongoBinary } from 'mongodb-memory-server-core/lib/util/DryMongoBinary.js';
import { MongoBinary } from 'mongodb-memory-server-core/lib/util/MongoBinary.js';
import { MongoBinaryDownloadUrl } from 'mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js';

const what = process.argv[2] ?? '--reach';

try {
  if (what === '--reach') await askHost();
  else process.stdout.write(`\n${await MongoBinary.getPath({ downloadDir: what })}\n`);
} catch (error) {
  const { message, cause } = /** @type {Error} */ (error);
  process.stderr.write(`${cause instanceof Error ? cause.message : message}\n`);
  process.exitCode = 1;
}

async function askHost() {
  const options = await DryMongoBinary.generateOptions();
  const url = await new MongoBinaryDownloadUrl({ ...options, platform: process.platform }).getDownloadUrl();
  const answer = await fetch(url, { method: 'HEAD' });
  if (!answer.ok) throw new Error(`it answered ${answer.status} for the build of this machine`);
}
