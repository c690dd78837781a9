// `trebuchet worker`: a process that works for the API processes, until a signal ends it.
import { Command } from 'commander';

export function workerCommand(): Command {
  return new Command('worker').description('run a worker process (no jobs yet)').action(async () => {
    const [{ runProcess }, { startWorker }] = await Promise.all([import('./run-process.ts'), import('../worker.ts')]);
    await runProcess(async (config, log, closers) => {
      const { healthUrl } = await startWorker(config, log, closers);
      log.info({ healthUrl }, `Trebuchet worker is ready; ${healthUrl}`);
    });
  });
}
