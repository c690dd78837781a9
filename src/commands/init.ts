// `trebuchet init`: writes a starter app into a folder.
import { Command } from 'commander';

export function initCommand(): Command {
  return new Command('init')
    .description('write a small app to start from')
    .argument('<folder>', 'where it goes: a new or an empty folder')
    .action(async (folder: string) => {
      const { writeStarterApp } = await import('../definitions/starter-app.ts');
      const files = await writeStarterApp(folder);
      const lines = [
        `Wrote ${files.join(', ')}`,
        `Check it with:  trebuchet validate ${folder}`,
        `Serve it with:  ENTITIES_DIR=${folder} trebuchet start`,
      ];
      process.stdout.write(`${lines.join('\n')}\n`);
    });
}
