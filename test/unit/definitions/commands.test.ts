// `trebuchet validate` and `trebuchet init`, run as people run them.
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EXPORT, withApp } from './app.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function trebuchet(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH ?? '', ...env } };
    const child = execFile(process.execPath, [CLI, ...args], options, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

describe('trebuchet validate', () => {
  it('prints every mistake as file:line path: message, and ends with 1', async () => {
    const files = {
      'a.yaml': 'name: a\nfields:\n  - { name: t, type: txt }\n  - { name: id, type: text }',
      'b.yaml': 'name: b\nlabel: [',
    };
    await withApp(files, async (dir) => {
      const { code, out, err } = await trebuchet(['validate', dir]);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err.split('\n').slice(0, 2)).toEqual([
        'a.yaml:3 fields[t].type: there is no field type txt',
        'a.yaml:4 fields[id].name: id is reserved: every record has one of its own',
      ]);
      expect(err).toMatch(/^b\.yaml:2: .*\ntrebuchet: 3 mistakes in the definitions\n$/m);
    });
  });

  it('prints a summary, and ends with 0', async () => {
    const { code, out, err } = await trebuchet(['validate', EXPORT]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n').slice(0, 3)).toEqual([
      'entity                   kind    fields  relationships  actions  indexes  functions',
      'machines                 data    12      0              2        3        yes',
      'scm.workOrders           data    12      2              1        0        yes',
    ]);
    expect(out).toContain('is correct: 5 entities, 2 groups, 2 listeners, 1 library\n');
  });

  it('prints warnings, takes ENTITIES_DIR, and gives the app its variables', async () => {
    await withApp({ 'a.yaml': 'name: a\nlabl: x\nfields: [{ name: t, type: $' + '{TYPE} }]' }, async (dir) => {
      const { code, out } = await trebuchet(['validate'], { ENTITIES_DIR: dir, APP_VAR_TYPE: 'integer' });
      expect(code).toBe(0);
      expect(out).toMatch(/^warning: unknown key labl in a\.yaml\n\nentity /);
    });
  });
});

describe('trebuchet init', () => {
  it('writes an app that is correct, with schemas for its files', async () => {
    await withApp({}, async (dir) => {
      const target = join(dir, 'my', 'app');
      expect((await trebuchet(['init', target])).code).toBe(0);
      expect((await readdir(target)).sort()).toEqual(['.env.example', '.schemas', 'groups', 'tasks.js', 'tasks.yaml']);
      for (const file of ['tasks.yaml', 'groups/members.yaml']) {
        const schema = /\$schema=(\S+)/.exec(await readFile(join(target, file), 'utf8'))?.[1] ?? '';
        expect(JSON.parse(await readFile(join(target, file, '..', schema), 'utf8'))).toHaveProperty('$schema');
      }
      const { code, out } = await trebuchet(['validate', target]);
      expect(code).toBe(0);
      expect(out).not.toContain('warning');
      expect(out).toMatch(/^tasks +data/m);
    });
  });

  it.each(['notes.txt', '.git'])('leaves a folder with %s alone', async (name) => {
    await withApp({}, async (dir) => {
      if (name === '.git') await mkdir(join(dir, name));
      else await writeFile(join(dir, name), 'mine');
      const { code, err } = await trebuchet(['init', dir]);
      expect(code).toBe(1);
      expect(err).toBe(`trebuchet: Folder ${dir} is not empty: nothing was written\n`);
      expect(await readdir(dir)).toEqual([name]);
    });
  });

  it('asks for a folder', async () => {
    expect((await trebuchet(['init'])).code).toBe(2);
  });
});
