// Load errors of fields: types, rules, references, conditions, calculations.
import { a, type Row, testRows } from './error-rows.ts';

const FIELDS: readonly Row[] = [
  ['an unknown type', a('- { name: u, type: txt }'), ['a.yaml:4 fields[u].type: there is no field type txt']],
  ['no type', a('- { name: u }'), ['a.yaml:4 fields[u]: type is missing']],
  ['two fields of one name', a('- { name: t, type: text }'), ['a.yaml:4 fields[t].name: there is already a field t']],
  ...['id', 'version', 'label'].map(
    (name): Row => [
      `the reserved name ${name}`,
      a(`- { name: ${name}, type: text }`),
      [`a.yaml:4 fields[${name}].name: ${name} is reserved: every record has one of its own`],
    ],
  ),
  [
    'a reserved name inside a group',
    a('- { name: g, type: nestedFields, nestedFields: [{ name: id, type: text }] }'),
    ['a.yaml:4 fields[g].nestedFields[id].name: id is reserved: every record has one of its own'],
  ],
  [
    'a group without fields',
    a('- { name: g, type: nestedFields }'),
    ['a.yaml:4 fields[g]: nestedFields is missing: a group needs inner fields'],
  ],
  [
    'a function that is not there',
    a('- { name: u, type: text, required: js/uRequired }'),
    ['a.yaml:4 fields[u].required: Function for js/uRequired not found in a.js'],
  ],
  [
    'a function that is not synchronous',
    { ...a('- { name: u, type: text, validation: js/check }'), 'a.js': '\nasync function check() {}' },
    ['a.yaml:4 fields[u].validation: check in a.js:2 must be a plain function: hooks are synchronous'],
  ],
  [
    'an unknown target',
    a('- { name: u, type: relationship, typeRules: { entity: b } }'),
    ['a.yaml:4 fields[u].typeRules.entity: entity b is not defined'],
  ],
  [
    'no target',
    a('- { name: u, type: relationship }'),
    ['a.yaml:4 fields[u].typeRules.entity: must be the full name of an entity'],
  ],
  [
    'an abstract target',
    { ...a('- { name: u, type: relationship, typeRules: { entity: b } }'), 'b.yaml': 'name: b\nabstract: true' },
    ['a.yaml:4 fields[u].typeRules.entity: entity b is abstract: it has no records to point to'],
  ],
  [
    'a copied field that is not there',
    a('- { name: u, type: relationship, typeRules: { entity: a, copiedFields: [t, x] } }'),
    ['a.yaml:4 fields[u].typeRules.copiedFields[1]: field x is not defined in entity a'],
  ],
  [
    'rules borrowed from nothing',
    a('- { name: u, type: text, typeRules: fields/x }'),
    ['a.yaml:4 fields[u].typeRules: field x is not defined in entity a'],
  ],
  [
    'rules borrowed in a circle',
    a('- { name: u, type: text, typeRules: fields/w }\n- { name: w, type: text, typeRules: fields/u }'),
    [
      'a.yaml:4 fields[u].typeRules: fields/w leads back to this field',
      'a.yaml:5 fields[w].typeRules: fields/u leads back to this field',
    ],
  ],
  [
    'named rules that are not there',
    a('- { name: u, type: text, typeRules: types/x }'),
    ['a.yaml:4 fields[u].typeRules: there are no type rules x for type text'],
  ],
  [
    'a type rule that can’t be',
    a('- { name: u, type: text, typeRules: { regularExpression: "(" } }'),
    [/^a\.yaml:4 fields\[u\]\.typeRules\.regularExpression: /],
  ],
  [
    'a group label from nothing',
    a('- { name: g, type: nestedFields, typeRules: { label: fields/x }, nestedFields: [{ name: y, type: text }] }'),
    ['a.yaml:4 fields[g].typeRules.label: field x is not defined in g'],
  ],
  [
    'an unknown path in a filter',
    a('- { name: u, type: text, required: { x: 1 } }'),
    [/^a\.yaml:4 fields\[u\]\.required\.x: .*\[x\]/],
  ],
  [
    'an operator the type lacks',
    a('- { name: u, type: boolean, readAccess: { u: like(x) } }'),
    [/^a\.yaml:4 fields\[u\]\.readAccess\.u: /],
  ],
  [
    'a filter on the target',
    a('- { name: u, type: relationship, typeRules: { entity: a, filteringRules: { filters: { x: 1 } } } }'),
    [/^a\.yaml:4 fields\[u\]\.typeRules\.filteringRules\.filters\.x: .*\[x\]/],
  ],
  [
    'an aggregate over nothing',
    a('- { name: u, type: integer, valueCalculation: { entity: b, operation: count } }'),
    ['a.yaml:4 fields[u].valueCalculation.entity: entity b is not defined'],
  ],
  [
    'a sum without field',
    a('- { name: u, type: integer, valueCalculation: { entity: a, operation: sum } }'),
    ['a.yaml:4 fields[u].valueCalculation: field is missing: sum needs one'],
  ],
  [
    'a sum of texts',
    a('- { name: u, type: integer, valueCalculation: { entity: a, operation: sum, field: t } }'),
    ["a.yaml:4 fields[u].valueCalculation.field: type text can't be added up"],
  ],
  [
    'a count in a text',
    a('- { name: u, type: text, valueCalculation: { entity: a, operation: count } }'),
    ["a.yaml:4 fields[u].valueCalculation: type text can't hold a count"],
  ],
];

testRows('fields', FIELDS);
