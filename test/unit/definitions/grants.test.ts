// What groups grant, compiled from their files (spec entity-model §4.2).
import { describe, expect, it } from 'vitest';
import type { EntityGrant } from '../../../src/definitions/model.ts';
import { type Files, load } from './app.ts';
import { a } from './error-rows.ts';

const ENTITY = a(
  '- { name: g, type: nestedFields, nestedFields: [{ name: y, type: text }] }',
  'actions: [{ name: go, parameters: [{ name: p, type: text }, { name: q, type: text }] }]',
);

async function grantOf(
  lines: string,
  others: Files = {},
): Promise<{ grant: EntityGrant; warnings: readonly string[] }> {
  const group = `name: g\nentityPermissions:\n  - entity: a\n${lines.replaceAll(/^/gm, '    ')}`;
  const { groups, warnings } = await load({ ...ENTITY, 'groups/g.yaml': group, ...others });
  const grant = groups.models.get('g')?.grants.get('a');
  if (!grant) throw new Error('nothing is granted');
  return { grant, warnings };
}

const kinds = async (lines: string) => {
  const { grant } = await grantOf(lines);
  return Object.fromEntries([...grant.fields].map(([path, { read, write }]) => [path, `${read.kind} ${write.kind}`]));
};

describe('records', () => {
  it('nothing is granted that is not said', async () => {
    const { grant } = await grantOf('read: always');
    expect(Object.values(grant.records).map(({ kind }) => kind)).toEqual([
      'always',
      'never',
      'never',
      'never',
      'never',
    ]);
    expect(grant).toMatchObject({ import: false, export: false });
  });

  it('conditions are filters, with or without their wrapping, and functions of the script beside the group', async () => {
    const { grant } = await grantOf('read: { t: x }\nupdate: { filters: { t: y } }\ndelete: js/mayDelete\ncreate: {}', {
      'groups/g.js': 'function mayDelete(record) { return true; }',
    });
    expect(grant.records).toMatchObject({
      read: { kind: 'filter' },
      update: { kind: 'filter' },
      delete: { kind: 'hook', hook: { file: 'groups/g.js', fn: 'mayDelete' } },
      create: { kind: 'always' },
    });
    const env = { zone: 'UTC', now: 0, language: 'english' } as never;
    expect(grant.records.read.kind === 'filter' && grant.records.read.filter.bind(env)).toMatchObject({
      path: 'data.t',
    });
  });
});

describe('fields', () => {
  it.each([
    ['readWrite', { t: 'always always' }],
    ['readOnly', { t: 'always never' }],
    ['none', { t: 'never never' }],
    ['parent', { t: 'never never' }],
    ['advanced, readAccess: { t: x }', { t: 'filter filter' }],
    ['advanced, writeAccess: { t: x }', { t: 'always filter' }],
    ['advanced, readAccess: never, writeAccess: always', { t: 'never always' }],
    ['advanced', { t: 'never never' }],
  ])('%s', async (permission, expected) => {
    expect(await kinds(`fields: [{ field: t, permission: ${permission} }]`)).toEqual(expected);
  });

  it('inner ones count by themselves; what is around them is added later', async () => {
    expect(await kinds('fields: [{ field: g, permission: readOnly }, { field: g.y, permission: parent }]')).toEqual({
      g: 'always never',
      'g.y': 'always always',
    });
  });

  it('warns of permissions that mean nothing', async () => {
    const { warnings } = await grantOf(
      'fields: [{ field: t, permission: parent }, { field: g, permission: advanced }]',
    );
    expect(warnings).toEqual([
      'groups/g.yaml:4 entityPermissions[a].fields[t].permission: parent means nothing at the root, where no group of fields is around it',
      'groups/g.yaml:4 entityPermissions[a].fields[g]: is advanced but has neither readAccess nor writeAccess; it counts as none',
    ]);
  });
});

it('actions and their parameters', async () => {
  const { grant } = await grantOf(
    'actions: [{ action: go, permission: { value: { t: x } }, parameters: [{ parameter: p, permission: none }] }]',
  );
  const action = grant.actions.get('go');
  expect(action?.condition.kind).toBe('filter');
  expect([...(action?.parameters ?? [])].map(([name, { write }]) => [name, write.kind])).toEqual([['p', 'never']]);
});

describe('the group of developers', () => {
  it('is there without being defined', async () => {
    const { groups } = await load(ENTITY);
    expect(groups.byName('developers')).toMatchObject({
      label: 'Developers',
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
    });
  });

  it('is the own one of an app that has one', async () => {
    const { groups } = await load({ ...ENTITY, 'groups/developers.yaml': 'name: developers\nlabel: Makers' });
    expect(groups.all.map(({ label }) => label)).toEqual(['Makers']);
  });
});

it('groups whose people others manage must exist', async () => {
  const { groups } = await load({ ...ENTITY, 'groups/g.yaml': 'name: g\nmanagedGroups: [g]' });
  expect(groups.models.get('g')?.definition.managedGroups).toEqual(['g']);
  await expect(load({ ...ENTITY, 'groups/g.yaml': 'name: g\nmanagedGroups: [h]' })).rejects.toThrow(/group h/);
});
