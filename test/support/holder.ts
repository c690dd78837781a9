// Run as a process of its own by tests: holds the embedded services of a data folder until it is told to end.
import { acquireServices } from '../../src/embedded/services.ts';

const dataDir = process.argv[2] ?? '';
const services = await acquireServices({ dataDir, mongo: true, redis: true, size: { cacheGb: 0.25, oplogMb: 256 } });
process.on('SIGTERM', async () => {
  await services.release();
  process.exit(0);
});
setInterval(() => {}, 60_000);
process.stdout.write(`${JSON.stringify({ ...services, release: undefined })}\n`);
