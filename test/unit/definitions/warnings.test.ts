// Load warnings: what is unknown, unsupported or without effect is said and does no harm.
import { describe, expect, it } from 'vitest';
import { entityFile, type Files, fieldOf, load } from './app.ts';
import { a } from './error-rows.ts';

const field = (keys: string): Files => a(`- { name: u, ${keys} }`);
const unsupported = (key: string, type: string): string =>
  `a.yaml:4 fields[u].${key}: type ${type} does not support this; it is ignored`;

/** A row for each flag with a type that lacks it (spec entity-model §1.2). */
const FLAGS = [
  ['multiplicity: many', 'rank', 'multiplicity'],
  ['multiplicity: many', 'autoIncrement', 'multiplicity'],
  ['defaultValue: x', 'fileUpload', 'defaultValue'],
  ['unique: true', 'decimal', 'unique'],
  ['unique: true', 'boolean', 'unique'],
  ['required: always', 'boolean', 'required'],
  ['required: { t: x }', 'dateRecordCreated', 'required'],
  ['indexable: true', 'dynamicChoice', 'indexable'],
  ['sensitiveData: true', 'geoPoint', 'sensitiveData'],
  ['valueCalculation: js/f', 'dateRecordModified', 'valueCalculation'],
] as const;

const ROWS: readonly (readonly [what: string, files: Files, expected: readonly string[]])[] = [
  [
    'unknown keys at every level',
    {
      'a.yaml':
        'name: a\nlabl: A\nfields: [{ name: t, type: text, uniqe: true, typeRules: { minLenght: 2 } }]\nsettings: { audit: true }',
    },
    [
      'unknown key labl in a.yaml',
      'unknown key fields[t].uniqe in a.yaml',
      'unknown key fields[t].typeRules.minLenght in a.yaml',
      'unknown key settings.audit in a.yaml',
    ],
  ],
  [
    'a script beside no definition',
    { 'a.yaml': 'name: a', 'b.js': '' },
    ['b.js stands beside no definition and is never run'],
  ],
  [
    'unique and transient',
    field('type: text, unique: true, indexable: true, transient: true'),
    [
      'a.yaml:4 fields[u].unique: a transient field is never stored; this is ignored',
      'a.yaml:4 fields[u].indexable: a transient field is never stored; this is ignored',
    ],
  ],
  [
    'inner fields of a text',
    field('type: text, nestedFields: [{ name: x, type: text }]'),
    ['a.yaml:4 fields[u].nestedFields: type text has no inner fields; they are ignored'],
  ],
  [
    'a default that will be refused',
    field('type: integer, defaultValue: many'),
    ['a.yaml:4 fields[u].defaultValue: Not a valid integer: "many" will be refused'],
  ],
  [
    'a copied field that is sensitive',
    a(
      '- { name: s, type: text, sensitiveData: true }\n- { name: u, type: relationship, typeRules: { entity: a, copiedFields: [s] } }',
    ),
    ['a.yaml:5 fields[u].typeRules.copiedFields[0]: field s is sensitive and is not copied'],
  ],
  [
    'a precondition of a global action',
    a('', 'actions: [{ name: go, type: globalEntity, precondition: { t: x } }]'),
    ['a.yaml:5 actions[go].precondition: actions of type globalEntity have none; it is ignored'],
  ],
  [
    'an unknown queue',
    a('', 'actions: [{ name: go, queue: fast }]'),
    ['a.yaml:5 actions[go].queue: there is no queue fast; mix is used'],
  ],
  [
    'a unique parameter',
    a('', 'actions: [{ name: go, parameters: [{ name: p, type: text, unique: true }] }]'),
    ['a.yaml:5 actions[go].parameters[p].unique: parameters are never stored; this is ignored'],
  ],
  [
    'a semantic index',
    a('', 'settings: { indexes: [{ type: semantic, fields: t }] }'),
    ['a.yaml:5 settings.indexes[0].type: semantic indexes are not supported; it is ignored'],
  ],
  [
    'a unique index of decimals',
    a('- { name: u, type: decimal }', 'settings: { indexes: [{ unique: true, fields: u }] }'),
    ['a.yaml:5 settings.indexes[0].unique: type decimal does not support this; it is ignored'],
  ],
  [
    'a calculated entity',
    a('', 'type: calculated'),
    ['a.yaml:5 type: calculated entities are not supported yet: reads find nothing, writes are refused'],
  ],
  [
    'generation of a data entity',
    a('', 'dataGeneration: { expression: 0 0 12 * * ? }'),
    ['a.yaml:5 dataGeneration: counts only for entities of type calculated; it is ignored'],
  ],
  [
    'record sync of a data entity',
    a('', 'recordsSync: fullSync'),
    ['a.yaml:5 recordsSync: counts only for entities of type enum; it is ignored'],
  ],
  [
    'record sync without records',
    a('', 'type: enum\nrecordsSync: FULL_SYNC'),
    ['a.yaml:6 recordsSync: there is no a.records.yaml beside the entity'],
  ],
  [
    'field access in a plain permission',
    {
      ...a(''),
      'groups/g.yaml':
        'name: g\nentityPermissions: [{ entity: a, fields: [{ field: t, permission: readOnly, readAccess: never }] }]',
    },
    [
      'groups/g.yaml:2 entityPermissions[a].fields[t].readAccess: counts only where permission is advanced; it is ignored',
    ],
  ],
  [
    'two display defaults of a type',
    {
      ...a(''),
      'types/typesDisplayOptions/money/x.yaml': 'name: x\ntype: money\ndefaultSettings: true',
      'types/typesDisplayOptions/money/y.yaml': 'name: y\ntype: money\ndefaultSettings: true',
    },
    ['types/typesDisplayOptions/money/y.yaml:1: type money has default display options already; these are ignored'],
  ],
];

describe('load warnings', () => {
  it.each(ROWS)('%s', async (_what, files, expected) => {
    const definitions = await load(files);
    expect(definitions.warnings).toEqual(expected);
  });

  it.each(FLAGS)('%s on %s', async (key, type, name) => {
    const definitions = await load(field(`type: ${type}, ${key}`));
    expect(definitions.warnings).toEqual([unsupported(name, type)]);
    const { many, defaultValue, unique, required, indexable, sensitive, calculation } = fieldOf(definitions, 'a', 'u');
    expect({ many, defaultValue, unique, required: required.kind, indexable, sensitive, calculation }).toEqual({
      many: false,
      defaultValue: null,
      unique: false,
      required: 'never',
      indexable: false,
      sensitive: false,
      calculation: null,
    });
  });

  it('has none for what has no effect on purpose', async () => {
    const ui = '{ representation: boxes, anything: [1, 2], readOnly: js/nowhere, visible: js/nowhere }';
    const definitions = await load({
      'a.yaml': entityFile(
        'a',
        `- { name: t, type: text, system: true, uiOptions: ${ui} }`,
        'system: true\nviews: [x]\ndefaultSettings: { y: 1 }',
      ),
      'README.md': '# not a definition',
      '.hidden/a.yaml': 'nonsense: [',
      'node_modules/x.js': 'nonsense (',
    });
    expect(definitions.warnings).toEqual([]);
  });

  it('knows the custom queues it is told of', async () => {
    const definitions = await load(a('', 'actions: [{ name: go, queue: fast }]'), { queues: ['fast'] });
    expect(definitions.warnings).toEqual([]);
    expect(definitions.entities.get('a')?.actions.get('go')?.queue).toBe('fast');
  });
});
