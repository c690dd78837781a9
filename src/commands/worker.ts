// `trebuchet worker`: a process that works for the API processes, until a signal ends it.
import { Command } from 'commander';

export function workerCommand(): Command {
  return new Command('worker').description('run a worker process (no jobs yet)').action(async () => {
    const { runProcess } = await import('./run-process.ts');
    await runProcess(async (config, log, closers) => {
      const { startWorker } = await import('../worker.ts');
      const { healthUrl } = await startWorker(config, log, closers);
      log.info({ healthUrl }, `Trebuchet worker is ready; ${healthUrl}`);
    });
  });
}
