// `trebuchet demo`: fills an empty app with the records that lie beside its definitions.
import { Command } from 'commander';
import type { Context } from '../context.ts';
import type { RecordService } from '../records/service.ts';

/** Folder below the definitions, one file per entity: `<order>-<entity>.jsonl`, a record in REST form on each line. */
const FOLDER = 'demo-data';
const FILE = /^\d+-(.+)\.jsonl$/;

export function demoCommand(): Command {
  return new Command('demo')
    .description(`add the records of <ENTITIES_DIR>/${FOLDER} to entities that have none yet`)
    .action(async () => {
      const { withServices } = await import('./with-services.ts');
      const { systemContext } = await import('../context.ts');
      await withServices(async ({ services, config }, log) => {
        const ctx = systemContext('demo data', { log, zone: config.timezone });
        for (const { entity, lines } of await readDemoData(config.entitiesDir)) {
          process.stdout.write(`${entity}: ${await addRecords(services.records, ctx, entity, lines)}\n`);
        }
      });
    });
}

/** @throws StartError when the app brings no such records */
async function readDemoData(entitiesDir: string): Promise<{ entity: string; lines: string[] }[]> {
  const { readdir, readFile } = await import('node:fs/promises');
  const { join } = await import('node:path');
  const { StartError } = await import('../db/connecting.ts');
  const folder = join(entitiesDir, FOLDER);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`${folder} can't be read (${error.code}): this app has no demo data`, { cause: error });
  });
  const files = names.filter((name) => FILE.test(name)).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  return Promise.all(
    files.map(async (name) => ({
      entity: FILE.exec(name)?.[1] ?? name,
      lines: (await readFile(join(folder, name), 'utf8')).split('\n').filter((line) => line.trim() !== ''),
    })),
  );
}

/** One after the other, so that ids and with them the order of lists are the same at every run. */
async function addRecords(records: RecordService, ctx: Context, entity: string, lines: string[]): Promise<string> {
  const { total } = await records.list(ctx, entity, [['_size', '0']]);
  if (total > 0) return `has ${total} records already, nothing added`;
  for (const line of lines) await records.create(ctx, entity, JSON.parse(line));
  return `${lines.length} records added`;
}
