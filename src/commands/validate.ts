// `trebuchet validate`: checks the definitions of a folder; needs no database.
import { Command } from 'commander';
import type { Definitions, EntityModel } from '../definitions/model.ts';

export function validateCommand(): Command {
  return new Command('validate')
    .description('check the definitions of an app and print every mistake, or a summary')
    .argument('[folder]', 'the definitions; without it ENTITIES_DIR')
    .action(async (folder: string | undefined) => {
      const { loadDotEnv, readConfig } = await import('../config.ts');
      loadDotEnv();
      const config = readConfig();
      const { loadDefinitions, compileDefinitions, systemVariables } = await import('../definitions/load.ts');
      const { provisionalIdentities } = await import('../definitions/identities.ts');
      const dir = folder ?? config.entitiesDir;
      const loaded = await loadDefinitions(dir, {
        appVars: config.appVariables,
        system: systemVariables(config),
        queues: Object.keys(config.queues ?? {}),
      });
      const identities = provisionalIdentities(loaded.entities.keys(), loaded.groups);
      process.stdout.write(summarize(dir, compileDefinitions(loaded, identities)));
    });
}

/** A table of the entities, the counts of everything else, and the warnings. */
export function summarize(dir: string, { entities, groups, listeners, scripts, warnings }: Definitions): string {
  const libraries = scripts.filter(({ kind }) => kind === 'library').length;
  const header = ['entity', 'kind', 'fields', 'relationships', 'actions', 'indexes', 'functions'];
  const table = columns([header, ...Array.from(entities.values(), rowOf)]);
  const counts = [
    [entities.size, 'entity', 'entities'],
    [groups.all.length, 'group', 'groups'],
    [listeners.length, 'listener', 'listeners'],
    [libraries, 'library', 'libraries'],
  ] as const;
  const total = counts.map(([count, one, many]) => `${count} ${count === 1 ? one : many}`).join(', ');
  const notes = warnings.map((warning) => `warning: ${warning}\n`).join('');
  return `${notes}${notes && '\n'}${table}\n${dir} is correct: ${total}\n`;
}

function rowOf({ name, kind, abstract, allFields, actions, indexes, has }: EntityModel): string[] {
  const relationships = allFields.filter((field) => field.relationship !== null).length;
  const numbers = [allFields.length, relationships, actions.size, indexes.length].map(String);
  return [name, abstract ? `${kind} (abstract)` : kind, ...numbers, has.hooks ? 'yes' : '-'];
}

/** Left-aligned columns, two blanks apart. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}
