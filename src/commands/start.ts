// `trebuchet start`: serves the API until a signal ends it.
import { Command } from 'commander';
import type { Logger } from 'pino';
import type { RunningServer } from '../server.ts';

export function startCommand(): Command {
  return new Command('start')
    .description('serve the API; the settings are environment variables, also from ./.env')
    .action(async () => {
      const { runProcess } = await import('./run-process.ts');
      await runProcess(async (config, log, closers) => {
        const { startServer } = await import('../server.ts');
        announce(await startServer(config, log, closers), log);
      });
    });
}

/** The last words of a start: lines on a terminal, one entry in a log. */
function announce({ apiUrl, config, embedded }: RunningServer, log: Logger): void {
  const own = [embedded.mongodb && 'MongoDB', embedded.redis && 'Redis'].filter(Boolean).join(' and ');
  const services = own ? `${own} of our own, data in ${config.dataDir}` : 'MongoDB and Redis as given in the settings';
  if (!process.stdout.isTTY) {
    log.info({ apiUrl, services, entitiesDir: config.entitiesDir }, `Trebuchet serves ${apiUrl}`);
    return;
  }
  const lines = [
    `  Trebuchet serves  ${apiUrl}`,
    `  definitions       ${config.entitiesDir}`,
    `  services          ${services}`,
    '  Ctrl-C stops it',
  ];
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
}
