// The program of a worker process of tests: an engine, its runner, and the end that SIGTERM asks for.
import { type JobPlace, type JobTestOptions, openEngine } from './jobs.ts';
import { startMeter } from './process-meter.ts';

const { place, options } = JSON.parse(process.argv[2] ?? '{}') as { place: JobPlace; options: JobTestOptions };
const engine = await openEngine(place, options);
const runner = await engine.startRunner();
process.on('SIGTERM', async () => {
  await runner.stop(5_000);
  await engine.close();
  process.exit(0);
});
const meter = startMeter();
process.on('message', (message) => {
  if (message === 'measure') meter.start();
  if (message === 'report') process.send?.(meter.report());
});
// Whoever forked it is gone: so is the test.
process.on('disconnect', () => process.exit(1));
process.send?.('ready');
