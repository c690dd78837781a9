// Whatever the files hold, loading ends in definitions or in a DefinitionsError that says something.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DefinitionsError } from '../../../src/definitions/problems.ts';
import { DEMO, EXPORT, type Files, load } from './app.ts';

function readAll(dir: string): Record<string, string> {
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(yaml|json|js)$/.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(dir, name), 'utf8')]));
}

async function endsWell(files: Files): Promise<void> {
  try {
    await load(files);
  } catch (error) {
    if (!(error instanceof DefinitionsError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const { file, message } of error.problems) expect(`${file}: ${message}`).toMatch(/^\S.*: \S/);
  }
}

const APPS = [readAll(DEMO), readAll(EXPORT)];

const spoiled = fc
  .constantFrom(...APPS)
  .chain((app) => fc.tuple(fc.constant(app), fc.constantFrom(...Object.keys(app)), fc.nat({ max: 10_000 })));

describe('spoiled definitions', () => {
  it('cut anywhere', async () => {
    const cut = ([app, file, at]: [Record<string, string>, string, number]): Files => {
      const text = app[file] ?? '';
      return { ...app, [file]: text.slice(0, at % (text.length + 1)) };
    };
    await fc.assert(
      fc.asyncProperty(spoiled, (what) => endsWell(cut(what))),
      { numRuns: 60 },
    );
  });

  it('without one of their lines', async () => {
    const shorten = ([app, file, at]: [Record<string, string>, string, number]): Files => {
      const lines = (app[file] ?? '').split('\n');
      return { ...app, [file]: lines.toSpliced(at % lines.length, 1).join('\n') };
    };
    await fc.assert(
      fc.asyncProperty(spoiled, (what) => endsWell(shorten(what))),
      { numRuns: 60 },
    );
  });

  it('with any value in any place', async () => {
    const leaf = fc.oneof(
      fc.constantFrom('always', 'js/x', 'fields/x', 'types/x', '$currentDate', 'many', 'text', ''),
      fc.boolean(),
      fc.integer(),
      fc.constant(null),
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('name', 'type', 'entity', 'filters', 'value', 'label', '__proto__'), tie('any'), {
          maxKeys: 3,
        }),
      ),
    })).any;
    const keys = [
      'name',
      'type',
      'fields',
      'nestedFields',
      'typeRules',
      'settings',
      'indexes',
      'auditLogs',
      'actions',
      'parameters',
      'required',
      'defaultValue',
      'valueCalculation',
      'recordLabel',
      'entityPermissions',
      'events',
      'dataGeneration',
      'lookupFields',
      'parentEntity',
    ];
    const map = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 8 });
    const field = fc
      .record({
        name: fc.constantFrom('x', 'y', 'id'),
        type: fc.constantFrom('text', 'relationship', 'nestedFields', 'choice', 'integer'),
      })
      .chain((base) => map.map((more) => ({ ...more, ...base })));
    const app = fc.tuple(map, fc.array(field, { maxLength: 3 }), map).map(([entity, fields, group]) => ({
      'a.json': { ...entity, name: 'a', fields },
      'groups/g.json': { ...group, name: 'g' },
    }));
    await fc.assert(fc.asyncProperty(app, endsWell), { numRuns: 100 });
  });
});
