// Load errors that lie in the files themselves: names, syntax, shapes.
import { describe, expect, it } from 'vitest';
import { loadDefinitions } from '../../../src/definitions/load.ts';
import { entityFile, mistakes } from './app.ts';
import { a, type Row, testRows } from './error-rows.ts';

const FILES: readonly Row[] = [
  [
    'two spellings of one file',
    { 'a.yaml': 'name: a', 'a.json': { name: 'a' } },
    ['a.yaml: defines the same entity as a.json'],
  ],
  [
    'two files with one full name',
    { 'x.a.yaml': 'name: a', 'x/a.yaml': 'name: a' },
    ['x/a.yaml:1: entity x.a is already defined in x.a.yaml'],
  ],
  [
    'a name that is not the file’s',
    { 'a.yaml': 'label: A\nname: b' },
    ['a.yaml:2 name: must be a, as the file is called, not b'],
  ],
  [
    'a full name that is not the path’s',
    { 'x/a.yaml': 'name: a\nfullName: a' },
    ['x/a.yaml:2 fullName: must be x.a, as folders and file are called, not a'],
  ],
  [
    'an impossible file name',
    { 'work-orders.yaml': 'name: workOrders' },
    [
      'work-orders.yaml:1: work-orders is not a possible name: folders and file names need letters, digits and _, a letter first',
    ],
  ],
  [
    'a parse error',
    { 'a.yaml': 'name: a\nfields: [' },
    ['a.yaml:2: Flow sequence in block collection must be sufficiently indented and end with a ]'],
  ],
  ['a duplicate key', { 'a.yaml': 'name: a\nlabel: A\nname: a' }, ['a.yaml:3: Map keys must be unique']],
  ['an unknown tag', { 'a.yaml': 'name: !!binary a' }, ['a.yaml:1: Unresolved tag: tag:yaml.org,2002:binary']],
  ['an alias without anchor', { 'a.yaml': 'name: a\nlabel: *b' }, ['a.yaml:2: there is no anchor &b before *b']],
  ['an empty file', { 'a.yaml': '# nothing' }, ['a.yaml: the file is empty']],
  [
    'two documents in one file',
    { 'a.yaml': 'name: a\n---\nname: b' },
    ['a.yaml:2: the file holds more than one document: each definition is a file of its own'],
  ],
  ['a list instead of a map', { 'a.yaml': '- name: a' }, ['a.yaml:1: must be a map']],
  [
    'an empty folder descriptor',
    { 'x/descriptor.json': '[]', 'a.yaml': 'name: a' },
    ['x/descriptor.json:1: must be a map'],
  ],
  [
    'a syntax error in a script',
    { 'a.yaml': 'name: a', 'a.js': 'function f() {\n  return (;\n}' },
    ['a.js:2: Unexpected token'],
  ],
  [
    'a syntax error hides nothing else and is said once',
    { 'a.yaml': entityFile('a', '- { name: t, type: txt, required: js/tRequired }'), 'a.js': 'function (' },
    ['a.js:1: Unexpected token', 'a.yaml:3 fields[t].type: there is no field type txt'],
  ],
];
const SHAPES: readonly Row[] = [
  ['a missing name', { 'a.yaml': 'label: A' }, ['a.yaml:1: name is missing']],
  ['a number as text', { 'a.yaml': 'name: a\nlabel: 7' }, ['a.yaml:2 label: must be text: write "7" in quotes']],
  [
    'a word as boolean',
    a('- { name: u, type: text, unique: yes }'),
    ['a.yaml:4 fields[u].unique: must be true or false, not "yes"'],
  ],
  [
    'an unknown kind',
    { 'a.yaml': 'name: a\ntype: table' },
    ['a.yaml:2 type: must be one of data, enum, calculated, system, not "table"'],
  ],
  ['a map where a list belongs', { 'a.yaml': 'name: a\nfields: { name: x }' }, ['a.yaml:2 fields: must be a list']],
  [
    'an impossible field name',
    a('- { name: my field, type: text }'),
    ['a.yaml:4 fields[my field].name: must be letters, digits and _, with a letter first, not "my field"'],
  ],
  [
    'a leading underscore',
    a('- { name: _x, type: text }'),
    ['a.yaml:4 fields[_x].name: must be letters, digits and _, with a letter first, not "_x"'],
  ],
  [
    'a wrong condition',
    a('- { name: u, type: text, required: sometimes }'),
    ['a.yaml:4 fields[u].required: must be always, never, js/<function> or a filter map, not "sometimes"'],
  ],
  [
    'two spellings of one key',
    a('- { name: u, type: text, sensitive: true, sensitiveData: true }'),
    ['a.yaml:4 fields[u].sensitiveData: sensitiveData is given twice: sensitiveData is another spelling of it'],
  ],
  [
    'an older place beside the new one',
    a('- { name: u, type: relationship, targetEntity: a, typeRules: { entity: a } }'),
    ['a.yaml:4 fields[u].targetEntity: is given twice: it is an older form of typeRules.entity'],
  ],
  [
    'an older place beside borrowed rules',
    a('- { name: u, type: text, minimumLength: 2, typeRules: fields/t }'),
    ["a.yaml:4 fields[u].minimumLength: can't be combined with typeRules"],
  ],
  [
    'too many decimals',
    a('- { name: u, type: decimal, typeRules: { numberOfDecimals: 5 } }'),
    ['a.yaml:4 fields[u].typeRules.numberOfDecimals: must be a whole number from 0 to 4'],
  ],
  [
    'an unknown delete policy',
    a('- { name: u, type: relationship, typeRules: { entity: a, deletePolicy: cascade } }'),
    ['a.yaml:4 fields[u].typeRules.deletePolicy: must be one of none, removeRelationship, deleteRecord, not "cascade"'],
  ],
];
const TYPES: readonly Row[] = [
  [
    'rules of an unknown type',
    { 'types/typesRules/txt/x.yaml': 'name: x\ntype: txt' },
    ['types/typesRules/txt/x.yaml:2 type: there is no field type txt'],
  ],
];

testRows('files', FILES);
testRows('shapes', SHAPES);
testRows('named types', TYPES);

describe('load errors', () => {
  it('are all there at once, sorted by file and line', async () => {
    const found = await mistakes({
      'b.yaml': entityFile(
        'b',
        '- { name: u, type: relationship, typeRules: { entity: a } }\n- { name: v, type: nope }',
      ),
      'a.yaml': 'name: a\nfields: [',
      'c.yaml': entityFile('c', '- { name: w, type: text, required: js/w }\n- { name: id, type: text }'),
      'groups/g.yaml': 'name: h',
    });
    expect(found).toEqual([
      expect.stringMatching(/^a\.yaml:2: /),
      'b.yaml:4 fields[v].type: there is no field type nope',
      'c.yaml:3 fields[w].required: Function for js/w not found in c.js',
      'c.yaml:4 fields[id].name: id is reserved: every record has one of its own',
      'groups/g.yaml:1 name: must be g, as the file is called, not h',
    ]);
  });

  it('are not repeated by references to what is broken', async () => {
    const found = await mistakes({
      'a.yaml': entityFile('a', '- { name: t, type: txt }', 'recordLabel: fields/t\nlookupFields: t'),
      'b.yaml': entityFile(
        'b',
        '- { name: r, type: relationship, typeRules: { entity: a, copiedFields: [t], filteringRules: { filters: { t: 1 } } } }',
      ),
      'groups/g.yaml': 'name: g\nentityPermissions: [{ entity: a, fields: [{ field: t, permission: none }] }]',
    });
    expect(found).toEqual(['a.yaml:3 fields[t].type: there is no field type txt']);
  });

  it('name the folder when there is none', async () => {
    await expect(loadDefinitions('/nowhere/at/all')).rejects.toThrow("the definitions folder can't be read (ENOENT)");
  });
});
