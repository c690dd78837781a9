// Folders that are a mistake or an attack end in a clear message, never in a crash or a full memory.
import { execFileSync } from 'node:child_process';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadDefinitions } from '../../../src/definitions/load.ts';
import { DefinitionsError, formatProblem, Problems } from '../../../src/definitions/problems.ts';
import { readTree } from '../../../src/definitions/source-tree.ts';
import { type Files, withApp } from './app.ts';

/** Mistakes after `spoil` has done something to a folder with these files. */
function mistakesAfter(spoil: (dir: string) => unknown, files: Files = { 'a.yaml': 'name: a' }): Promise<string[]> {
  return withApp(files, async (dir) => {
    await spoil(dir);
    try {
      await loadDefinitions(dir);
      return [];
    } catch (error) {
      if (error instanceof DefinitionsError) return error.problems.map(formatProblem);
      throw error;
    }
  });
}

describe('a definitions folder', () => {
  it.each([
    [
      'a file out of it',
      (dir: string) => symlink('/etc/hostname', join(dir, 'b.yaml')),
      'b.yaml: is a link that leads out of the definitions folder',
    ],
    [
      'a folder out of it',
      (dir: string) => symlink('/etc', join(dir, 'b')),
      'b: is a link that leads out of the definitions folder',
    ],
    [
      'its parent',
      (dir: string) => symlink('..', join(dir, 'b')),
      'b: is a link that leads out of the definitions folder',
    ],
    ['nothing', (dir: string) => symlink('gone', join(dir, 'b.yaml')), "b.yaml: can't be read (ENOENT)"],
    ['itself', (dir: string) => symlink('b.yaml', join(dir, 'b.yaml')), "b.yaml: can't be read (ELOOP)"],
  ])('with a link to %s', async (_what, spoil, expected) => {
    expect(await mistakesAfter(spoil)).toEqual([expected]);
  });

  it('with links that stay inside, as a mounted volume has them', async () => {
    const spoil = async (dir: string): Promise<void> => {
      await mkdir(join(dir, '..data'));
      await writeFile(join(dir, '..data', 'b.yaml'), 'name: b\nfields: [{ name: t, type: oops }]');
      await symlink('..data/b.yaml', join(dir, 'b.yaml'));
      await symlink('.', join(dir, 'loop'));
    };
    expect(await mistakesAfter(spoil)).toEqual(['b.yaml:2 fields[t].type: there is no field type oops']);
  });

  it('with a huge file, which is not read', async () => {
    const spoil = async (dir: string): Promise<void> => {
      await writeFile(join(dir, 'b.yaml'), '');
      await truncate(join(dir, 'b.yaml'), 50 * 1024 ** 3);
    };
    expect(await mistakesAfter(spoil)).toEqual(['b.yaml: is larger than 2 MB']);
  });

  it('with a pipe, which is not opened', async () => {
    expect(await mistakesAfter((dir) => execFileSync('mkfifo', [join(dir, 'b.yaml')]))).toEqual([
      'b.yaml: is not a regular file',
    ]);
  });

  it('with bytes that are no text', async () => {
    expect(await mistakesAfter((dir) => writeFile(join(dir, 'b.yaml'), Buffer.from([0x6e, 0xff, 0xfe])))).toEqual([
      'b.yaml: is not valid UTF-8',
    ]);
  });

  it('with folders without end', async () => {
    const spoil = (dir: string) => mkdir(join(dir, 'x/'.repeat(18)), { recursive: true });
    expect(await mistakesAfter(spoil)).toEqual([
      expect.stringMatching(/^(x\/?)+: folders are nested deeper than 16 levels$/),
    ]);
  });

  it.each([
    ['too many files', { files: 2 }, 'c.js: there are more than 2 definition files'],
    ['too much text together', { totalBytes: 9 }, 'b.js: the definitions are larger than 9 bytes together'],
  ])('with %s', async (_what, limit, expected) => {
    await withApp({ 'a.js': '12345', 'b.js': '12345', 'c.js': '12345' }, async (dir) => {
      const problems = new Problems();
      const files = await readTree(dir, () => true, problems, {
        fileBytes: 100,
        totalBytes: 100,
        files: 10,
        depth: 3,
        ...limit,
      });
      expect(problems.errors.map(formatProblem)).toEqual([expected]);
      expect(files.length).toBeLessThan(3);
    });
  });

  it('that is a file', async () => {
    await withApp({ a: 'x' }, async (dir) => {
      await expect(loadDefinitions(join(dir, 'a'))).rejects.toThrow('the definitions folder is not a folder');
    });
  });

  it('with a .env that is a folder', async () => {
    expect(await mistakesAfter((dir) => mkdir(join(dir, '.env')))).toEqual(['.env: is not a regular file']);
  });
});

describe('a definition file', () => {
  const bomb = Array.from(
    { length: 30 },
    (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level}, `.repeat(9)}]`,
  ).join('\n');

  it.each([
    ['aliases that grow without end', `a0: &a0 x\n${bomb}`, 'a.yaml: more than 100 values come from aliases'],
    ['an alias of itself', 'a: &a [*a, *a]', 'a.yaml: the file is nested deeper than 64 levels'],
    ['lists without end', `a: ${'['.repeat(300_000)}`, 'a.yaml:1: the file is nested deeper than 64 levels'],
    [
      'maps deeper than the limit',
      `a: ${'{ b: '.repeat(70)}1${' }'.repeat(70)}`,
      'a.yaml: the file is nested deeper than 64 levels',
    ],
    ['a prototype', '__proto__: { polluted: true }\nname: a', 'a.yaml:1 __proto__: is not a possible key'],
  ])('with %s', async (_what, text, expected) => {
    const found = await mistakesAfter(() => undefined, { 'a.yaml': text });
    expect(found[0]).toBe(expected);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
