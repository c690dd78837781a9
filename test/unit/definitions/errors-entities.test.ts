// Load errors of entities as a whole: labels, parents, actions, indexes, audit settings, records.
import { entityFile } from './app.ts';
import { a, type Row, testRows } from './error-rows.ts';

const ENTITIES: readonly Row[] = [
  [
    'a label field that is not there',
    a('', 'recordLabel: fields/x'),
    ['a.yaml:5 recordLabel: field x is not defined in entity a'],
  ],
  [
    'a label inside a list',
    a(
      '- { name: g, type: nestedFields, multiplicity: many, nestedFields: [{ name: y, type: text }] }',
      'recordLabel: fields/g.y',
    ),
    ["a.yaml:5 recordLabel: field g.y is inside a list and can't be the label"],
  ],
  [
    'a lookup field that is not unique',
    a('', 'lookupFields: [t]'),
    ['a.yaml:5 lookupFields[0]: field t must be unique to find records by it'],
  ],
  [
    'record validations that are not there',
    a('', 'recordValidations: js/check'),
    ['a.yaml:5 recordValidations: Function for js/check not found in a.js'],
  ],
  ['an unknown parent', a('', 'parentEntity: p'), ['a.yaml:5 parentEntity: entity p is not defined']],
  [
    'an entity that is its own parent',
    a('', 'parentEntity: a'),
    ['a.yaml:5 parentEntity: entity a inherits from itself'],
  ],
  [
    'a circle of parents',
    { 'a.yaml': 'name: a\nparentEntity: b', 'b.yaml': 'name: b\nparentEntity: a' },
    ['b.yaml:2 parentEntity: entity b inherits from itself through a'],
  ],
  [
    'a field that a parent has',
    {
      'a.yaml': entityFile('a', '- { name: t, type: text }', 'parentEntity: p'),
      'p.yaml': entityFile('p', '- { name: t, type: text }'),
    },
    ['a.yaml:3 fields[t].name: there is already a field t in p.yaml'],
  ],
  [
    'an action that a parent has',
    { 'a.yaml': 'name: a\nparentEntity: p\nactions: [{ name: go }]', 'p.yaml': 'name: p\nactions: [{ name: go }]' },
    ['a.yaml:3 actions[go].name: there is already an action go'],
  ],
  ...['aggregate', 'import', 'export', 'auditLogs', 'files'].map(
    (name): Row => [
      `the reserved action ${name}`,
      a('', `actions: [{ name: ${name} }]`),
      [`a.yaml:5 actions[${name}].name: ${name} is reserved: it has a meaning of its own in URLs`],
    ],
  ),
  [
    'two actions of one name',
    a('', 'actions:\n  - { name: go }\n  - { name: go }'),
    ['a.yaml:7 actions[go].name: there is already an action go'],
  ],
  [
    'two parameters of one name',
    a('', 'actions:\n  - name: go\n    parameters:\n      - { name: p, type: text }\n      - { name: p, type: text }'),
    ['a.yaml:9 actions[go].parameters[p].name: there is already a parameter p'],
  ],
  [
    'an action without its script',
    a('', 'actions: [{ name: go, actions: js/goActions }]'),
    ['a.yaml:5 actions[go].actions: Function for js/goActions not found in a.js'],
  ],
  [
    'a linked parameter to nothing',
    a('', 'actions: [{ name: go, parameters: [{ name: x, parameterType: linked }] }]'),
    ['a.yaml:5 actions[go].parameters[x].name: field x is not defined in entity a'],
  ],
  [
    'a linked parameter of a global action',
    a('', 'actions: [{ name: go, type: global, parameters: [{ name: t, parameterType: linked }] }]'),
    ['a.yaml:5 actions[go].parameters[t].parameterType: only actions on one record have parameters of type linked'],
  ],
  [
    'a precondition on nothing',
    a('', 'actions: [{ name: go, precondition: { x: 1 } }]'),
    [/^a\.yaml:5 actions\[go\]\.precondition\.x: .*\[x\]/],
  ],
  [
    'an index of nothing',
    a('', 'settings: { indexes: [{ fields: [x] }] }'),
    ['a.yaml:5 settings.indexes[0].fields[0]: field x is not defined in entity a'],
  ],
  [
    'an index without fields',
    a('', 'settings: { indexes: [{ unique: true }] }'),
    ['a.yaml:5 settings.indexes[0]: fields is missing: an index needs at least one'],
  ],
  [
    'an index of a transient field',
    a('- { name: u, type: text, transient: true }', 'settings: { indexes: [{ fields: [u] }] }'),
    ['a.yaml:5 settings.indexes[0].fields[0]: field u is transient: it is never stored'],
  ],
  [
    'two text indexes',
    a('', 'settings:\n  indexes:\n    - { type: text, fields: t }\n    - { type: text, fields: t }'),
    ['a.yaml:8 settings.indexes[1]: there can be only one text index in an entity'],
  ],
  [
    'a text index of numbers',
    a('- { name: n, type: integer }', 'settings: { indexes: [{ type: text, fields: n }] }'),
    ['a.yaml:5 settings.indexes[0]: field n is of type integer, which has no text to index'],
  ],
  [
    'an ignored field that is not there',
    a('', 'settings: { auditLogs: { userContext: { recordCreated: true, ignoredFields: [x] } } }'),
    ['a.yaml:5 settings.auditLogs.userContext.ignoredFields[0]: field x is not defined in entity a'],
  ],
  [
    'a retention period of nonsense',
    a('', 'settings: { auditLogs: { retentionPeriod: long } }'),
    ['a.yaml:5 settings.auditLogs.dataExpiration.retentionPeriod: must be a number and D, W, M or Y, such as 2M'],
  ],
  [
    'a cron expression of nonsense',
    a('', 'type: calculated\ndataGeneration: { expression: 0 0 12 }'),
    ['a.yaml:6 dataGeneration.expression: a Quartz expression has 6 or 7 parts (seconds first), not 3'],
  ],
];
const RECORDS: readonly Row[] = [
  [
    'records of an entity that is not enum',
    { ...a(''), 'a.records.yaml': '- { id: 5f0000000000000000000001 }' },
    ['a.records.yaml:1: entity a is not of type enum: only those have records in files'],
  ],
  [
    'records of nothing',
    { 'b.records.yaml': '- { id: 5f0000000000000000000001 }' },
    ['b.records.yaml:1: entity b is not defined'],
  ],
  [
    'a record without id',
    { ...a('', 'type: enum'), 'a.records.yaml': '- { t: x }' },
    ['a.records.yaml:1 [0]: id is missing'],
  ],
  [
    'a record with a bad id',
    { ...a('', 'type: enum'), 'a.records.yaml': '- { id: one }' },
    ['a.records.yaml:1 [0].id: must be 24 hex digits, not "one"'],
  ],
  [
    'two records of one id, and an unknown field',
    {
      ...a('', 'type: enum'),
      'a.records.yaml': '- { id: 5f000000000000000000000a, t: x }\n- { id: 5F000000000000000000000A, u: x }',
    },
    [
      'a.records.yaml:2 [1].id: there is already a record with id 5F000000000000000000000A',
      'a.records.yaml:2 [1].u: field u is not defined in entity a',
    ],
  ],
];

testRows('entities', ENTITIES);
testRows('records of enum entities', RECORDS);
