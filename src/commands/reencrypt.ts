// `trebuchet reencrypt`: moves sensitive values to the current encryption key.
import { Command } from 'commander';

export function reencryptCommand(): Command {
  return new Command('reencrypt')
    .description(
      'seal all sensitive values with ENCRYPTION_KEY again, those of ENCRYPTION_KEY_OLD and those still in clear',
    )
    .action(async () => {
      const { withServices } = await import('./with-services.ts');
      await withServices(async ({ services }) => {
        for (const progress of await services.reencrypt()) {
          process.stdout.write(`${progress.entity}: ${progress.changed} of ${progress.seen} records sealed again\n`);
        }
      });
    });
}
