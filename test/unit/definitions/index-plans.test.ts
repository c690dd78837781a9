// Index plans: names, keys and partial filters for every way of asking for an index (spec entity-model §1.7).
import { describe, expect, it } from 'vitest';
import type { IndexPlan } from '../../../src/definitions/model.ts';
import { entityFile, entityOf, fieldOf, load } from './app.ts';

const plain = (name: string, ...paths: string[]): IndexPlan => ({
  name,
  keys: [...paths, '_id'].map((path) => [path, 1]),
  unique: false,
  partialFilter: null,
  kind: 'normal',
});
const unique = (name: string, path: string, test: object): IndexPlan => ({
  ...plain(name),
  keys: [[path, 1]],
  unique: true,
  partialFilter: { [path]: test },
});

const EXISTS = { $exists: true };

describe('indexes of fields', () => {
  it.each([
    ['indexable', '- { name: t, type: text, indexable: true }', [plain('data.t', 'data.t')]],
    ['unique', '- { name: t, type: text, unique: true }', [unique('data.t', 'data.t', EXISTS)]],
    [
      'unique and indexable',
      '- { name: t, type: text, unique: true, indexable: true }',
      [unique('data.t', 'data.t', EXISTS), plain('data.t__id', 'data.t')],
    ],
    [
      'unique in a list',
      '- { name: t, type: email, multiplicity: many, unique: true }',
      [unique('keys.t', 'keys.t', EXISTS)],
    ],
    [
      'indexable in a list',
      '- { name: t, type: email, multiplicity: many, indexable: true }',
      [plain('data.t', 'data.t')],
    ],
    [
      'inside a group',
      '- { name: g, type: nestedFields, nestedFields: [{ name: y, type: text, unique: true, indexable: true }] }',
      [unique('data.g.y', 'data.g.y', EXISTS), plain('data.g.y__id', 'data.g.y')],
    ],
    [
      'inside a list of groups',
      '- { name: g, type: nestedFields, multiplicity: many, nestedFields: [{ name: y, type: text, unique: true, indexable: true }] }',
      [unique('keys.g-y', 'keys.g-y', EXISTS), plain('data.g.y', 'data.g.y')],
    ],
    [
      'a relationship',
      '- { name: r, type: relationship, indexable: true, typeRules: { entity: a } }',
      [plain('data.r._id', 'data.r._id'), plain('data.r.label', 'data.r.label')],
    ],
    [
      'a unique relationship',
      '- { name: r, type: relationship, unique: true, indexable: true, typeRules: { entity: a } }',
      [
        unique('data.r._id', 'data.r._id', EXISTS),
        plain('data.r._id__id', 'data.r._id'),
        plain('data.r.label', 'data.r.label'),
      ],
    ],
    [
      'a file, whatever is asked for: its holders are looked for before it is removed',
      '- { name: f, type: fileUpload }',
      [{ ...unique('data.f._id', 'data.f._id', EXISTS), unique: false }],
    ],
    [
      'files in a list of groups',
      '- { name: g, type: nestedFields, multiplicity: many, nestedFields: [{ name: f, type: file, multiplicity: many }] }',
      [{ ...unique('data.g.f._id', 'data.g.f._id', EXISTS), unique: false }],
    ],
    [
      'a sensitive file',
      '- { name: f, type: fileUpload, sensitiveData: true }',
      [{ ...unique('data.f.hash', 'data.f.hash', EXISTS), unique: false }],
    ],
    ['a transient file', '- { name: f, type: fileUpload, transient: true }', []],
    [
      'a geo point, whatever is asked for: `near` needs it',
      '- { name: p, type: geoPoint }',
      [{ ...plain('data.p'), keys: [['data.p', '2dsphere']] }],
    ],
    [
      'sensitive',
      '- { name: t, type: text, sensitiveData: true, indexable: true }',
      [plain('data.t.hash', 'data.t.hash')],
    ],
    [
      'sensitive and unique',
      '- { name: t, type: text, sensitiveData: true, unique: true }',
      [unique('data.t.hash', 'data.t.hash', EXISTS)],
    ],
    [
      'sensitive and unique in a list',
      '- { name: t, type: text, multiplicity: many, sensitiveData: true, unique: true }',
      [unique('keys.t', 'keys.t', EXISTS)],
    ],
  ])('%s', async (_what, fields, expected) => {
    expect(entityOf(await load({ 'a.yaml': entityFile('a', fields) }), 'a').indexes).toEqual(expected);
  });
});

describe('declared indexes', () => {
  const FIELDS = `- { name: t, type: text }
- { name: n, type: integer }
- { name: h, type: html }
- { name: r, type: relationship, typeRules: { entity: a } }`;

  it.each([
    ['one field', '[{ fields: [n] }]', [plain('data.n', 'data.n')]],
    ['a name of its own', '[{ name: byNumber, fields: [n] }]', [plain('byNumber', 'data.n')]],
    [
      'a relationship',
      '[{ name: ignored, fields: [r] }]',
      [plain('data.r._id', 'data.r._id'), plain('data.r.label', 'data.r.label')],
    ],
    [
      'several fields',
      '[{ fields: [n, t, r] }]',
      [plain('data.n_data.t_data.r._id', 'data.n', 'data.t', 'data.r._id')],
    ],
    [
      'several unique fields',
      '[{ unique: true, fields: [n, t] }]',
      [
        {
          ...plain('data.n_data.t'),
          keys: [
            ['data.n', 1],
            ['data.t', 1],
          ],
          unique: true,
          partialFilter: { 'data.n': EXISTS, 'data.t': EXISTS },
        },
      ],
    ],
    [
      'text',
      '[{ type: text, fields: [t, h] }]',
      [
        {
          ...plain('data.t_data.h'),
          keys: [
            ['data.t', 'text'],
            ['data.h.plain', 'text'],
          ],
          kind: 'text',
        },
      ],
    ],
    [
      'text beside a normal index of the same field',
      '[{ type: text, fields: [t] }, { fields: [t] }]',
      [plain('data.t', 'data.t'), { ...plain('data.t_text'), keys: [['data.t', 'text']], kind: 'text' }],
    ],
    ['the same twice', '[{ fields: [n] }, { fields: n }]', [plain('data.n', 'data.n')]],
  ])('%s', async (_what, indexes, expected) => {
    const definitions = await load({ 'a.yaml': entityFile('a', FIELDS, `settings: { indexes: ${indexes} }`) });
    expect(definitions.warnings).toEqual([]);
    expect(entityOf(definitions, 'a').indexes).toEqual(expected);
  });

  it('make a single field unique, so that saves check it and records are found by it', async () => {
    const definitions = await load({
      'a.yaml': entityFile(
        'a',
        FIELDS,
        'settings: { indexes: [{ name: data.t, unique: true, fields: [{ name: t }] }] }\nlookupFields: t',
      ),
    });
    expect(fieldOf(definitions, 'a', 't').unique).toBe(true);
    expect(entityOf(definitions, 'a').has.unique).toBe(true);
    expect(entityOf(definitions, 'a').indexes).toEqual([unique('data.t', 'data.t', EXISTS)]);
  });
});
