// `${NAME}` placeholders: which variables there are, and that everything else stays as it is (spec README, scripting-api §0.1).
import { describe, expect, it } from 'vitest';
import { loadDefinitions, systemVariables } from '../../../src/definitions/load.ts';
import { appVariables, replacePlaceholders } from '../../../src/definitions/placeholders.ts';
import { entityOf, load, withApp } from './app.ts';

const hole = (name: string): string => `\${${name}}`;

describe('replacing', () => {
  const variables = new Map([
    ['TOKEN', 'abc'],
    ['MONEY', '$&$1'],
  ]);

  it.each([
    ['a variable', `x ${hole('TOKEN')} y`, 'x abc y'],
    ['it twice', hole('TOKEN') + hole('TOKEN'), 'abcabc'],
    ['a value with characters that mean something to replace', hole('MONEY'), '$&$1'],
    ['an undefined one', hole('OTHER'), hole('OTHER')],
    ['small letters', hole('token'), hole('token')],
    ['an expression', hole('TOKEN + 1'), hole('TOKEN + 1')],
    ['a property of objects', hole('constructor'), hole('constructor')],
    ['an open one', '${TOKEN', '${TOKEN'],
  ])('%s', (_what, text, expected) => {
    expect(replacePlaceholders(text, variables)).toBe(expected);
  });
});

describe('variables', () => {
  it('are those of the environment with the prefix, and a possible name', () => {
    const found = appVariables({
      APP_VAR_TOKEN: 'abc',
      APP_VAR_: 'x',
      APP_VAR_lower: 'x',
      APP_VAR_GONE: undefined,
      TOKEN: 'x',
      ADMIN_PASSWORD: 'x',
    });
    expect([...found]).toEqual([['TOKEN', 'abc']]);
  });

  it('come from .env of the folder too, where the environment wins and settings of the server stay hidden', async () => {
    const definitions = await load(
      {
        '.env': 'APP_VAR_ONE=folder\nAPP_VAR_TWO="folder"\nENCRYPTION_KEY=secret\nMONGODB_URI=mongodb://x',
        'a.yaml': `name: a\nlabel: ${['ONE', 'TWO', 'ENCRYPTION_KEY', 'MONGODB_URI', 'APP_NAME', 'APP_ENV', 'APP_URL', 'HOME'].map(hole).join(' ')}`,
        'a.js': `var t = '${hole('ONE')}';`,
      },
      {
        appVars: { ONE: 'environment' },
        system: systemVariables({ appName: 'demo', envName: 'prod', publicUrl: 'http://x' }),
      },
    );
    expect(entityOf(definitions, 'a').label).toBe(
      `environment folder ${hole('ENCRYPTION_KEY')} ${hole('MONGODB_URI')} demo prod http://x ${hole('HOME')}`,
    );
    expect(definitions.scripts.find(({ file }) => file === 'a.js')?.source).toBe("var t = 'environment';");
  });

  it('count before the file is parsed', async () => {
    const definitions = await load(
      { 'a.yaml': `name: a\nfields: ${hole('FIELDS')}` },
      { appVars: { FIELDS: '[{ name: t, type: text }]' } },
    );
    expect(entityOf(definitions, 'a').fields.map(({ name }) => name)).toEqual(['t']);
  });

  it('have the version of the app: the time of the newest file', async () => {
    const definitions = await load({ 'a.yaml': `name: a\nlabel: v${hole('APP_VERSION')}` });
    expect(entityOf(definitions, 'a').label).toMatch(/^v1[0-9]{12}$/);
  });
});

describe('hashes', () => {
  const files = {
    'p.yaml': 'name: p',
    'a.yaml': `name: a\nextends: p\nlabel: ${hole('L')}`,
    'a.js': '',
    'b.yaml': 'name: b',
    'groups/g.yaml': 'name: g',
  };
  const hashes = (over: object, L = 'x') =>
    withApp({ ...files, ...over }, async (dir) => {
      const { hash, entities } = await loadDefinitions(dir, { appVars: { L } });
      return { all: hash, ...Object.fromEntries(entities) } as Record<string, string>;
    });

  it('change with the files of an entity and of its parents, and with nothing else', async () => {
    const before = await hashes({});
    const changed = async (over: object, L?: string): Promise<string[]> => {
      const after = await hashes(over, L);
      return Object.keys(after).filter((name) => after[name] !== before[name]);
    };
    expect(await changed({})).toEqual([]);
    expect(await changed({}, 'y')).toEqual([]);
    expect(await changed({ 'b.yaml': 'name: b # changed' })).toEqual(['all', 'b']);
    expect(await changed({ 'a.js': 'function f() {}' })).toEqual(['all', 'a']);
    expect(await changed({ 'p.yaml': 'name: p\nlabel: P' })).toEqual(['all', 'a', 'p']);
    expect(await changed({ 'groups/g.yaml': 'name: g\nlabel: G' })).toEqual(['all']);
    expect(await changed({ 'c.yaml': 'name: c' })).toEqual(['all', 'c']);
  });
});
