// `apis.yaml`: the APIs that are described, in both layouts, and every mistake that can be made in it.
import { describe, expect, it } from 'vitest';
import { load, mistakes } from './app.ts';

const GROUP = { name: 'sales', label: 'Sales' };
const app = (apis: unknown) => ({ 'apis.json': apis as object, 'groups/sales.json': GROUP });

it('is read in the flat layout and in that of exports, and is no entity', async () => {
  const apis = [{ name: 'sales', label: 'Sales', groups: ['sales'], published: true }, { name: 'inside' }];
  const flat = await load(app(apis));
  const exported = await load({
    'apis.yaml': JSON.stringify(apis),
    'model/entities/a.json': { name: 'a' },
    'security/groups/sales.json': GROUP,
  });
  for (const definitions of [flat, exported]) {
    expect(definitions.entities.has('apis')).toBe(false);
    expect(definitions.apis).toEqual([
      {
        name: 'sales',
        label: 'Sales',
        description: '',
        license: 'Proprietary',
        groups: ['sales'],
        published: true,
      },
      { name: 'inside', label: 'inside', description: '', license: 'Proprietary', groups: null, published: false },
    ]);
  }
  expect((await load({ 'a.json': { name: 'a' } })).apis).toEqual([]);
});

describe('mistakes', () => {
  it.each([
    ['a name twice', [{ name: 'a' }, { name: 'a' }], 'apis.json:6 [a].name: a is there already'],
    [
      'the name of developers',
      [{ name: 'full' }],
      'apis.json:3 [full].name: full is the API that developers always have',
    ],
    ['a name that is none', [{ name: 'a/b' }], 'apis.json:3 [a/b].name: must be letters, digits, _ and -'],
    ['an unknown group', [{ name: 'a', groups: ['x'] }], 'apis.json:5 [a].groups[0]: there is no group x'],
    ['no list', { name: 'a' }, 'apis.json:1: must be a list of APIs'],
  ])('%s', async (_what, apis, message) => {
    const found = await mistakes(app(apis));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });
});
