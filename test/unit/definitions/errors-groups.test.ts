// Load errors of groups and listeners: they speak of entities, fields and actions that must exist.
import type { Files } from './app.ts';
import { a, type Row, testRows } from './error-rows.ts';

const listener = (lines: string, script = 'function actionScript() {}'): Files => ({
  ...a('', 'actions: [{ name: all, type: manyRecords }]'),
  'listeners/l.yaml': `name: l\naction: js/actionScript\n${lines}`,
  'listeners/l.js': script,
});

const LISTENERS: readonly Row[] = [
  [
    'a listener without action',
    { 'listeners/l.yaml': 'name: l\ntype: data' },
    ['listeners/l.yaml:1: action is missing'],
  ],
  [
    'a data listener without entity',
    listener('type: data'),
    ['listeners/l.yaml:1: entity is missing: listeners of type data need it'],
  ],
  [
    'a data listener of nothing',
    listener('type: data\nentity: b'),
    ['listeners/l.yaml:4 entity: entity b is not defined'],
  ],
  [
    'an unknown event',
    listener('type: data\nentity: a\nevents: [{ type: recordRead }]'),
    [
      'listeners/l.yaml:5 events[0].type: must be one of recordCreated, recordChanged, recordDeleted, actionPerformed, conditionMet, not "recordRead"',
    ],
  ],
  [
    'an event condition on nothing',
    listener('type: data\nentity: a\nevents: [{ type: recordCreated, condition: { x: 1 } }]'),
    [/^listeners\/l\.yaml:5 events\[0\]\.condition\.x: .*\[x\]/],
  ],
  [
    'an event condition without function',
    listener('type: data\nentity: a\nevents: [{ type: recordCreated, condition: js/condition0Script }]'),
    ['listeners/l.yaml:5 events[0].condition: Function for js/condition0Script not found in listeners/l.js'],
  ],
  [
    'actions that are not there or not of one record',
    listener('type: data\nentity: a\nevents: [{ type: actionPerformed, actions: [go, all] }]'),
    [
      'listeners/l.yaml:5 events[0].actions[0]: action go is not defined in entity a',
      'listeners/l.yaml:5 events[0].actions[1]: action all is not of type oneRecord',
    ],
  ],
  [
    'a function that is not there',
    listener('type: custom\nevent: e', ''),
    ['listeners/l.yaml:2 action: Function for js/actionScript not found in listeners/l.js'],
  ],
  ['a time listener without expression', listener('type: time'), ['listeners/l.yaml:1 expression: is missing']],
  [
    'a time listener with a unix expression',
    listener('type: time\nexpression: 0 12 * * *'),
    ['listeners/l.yaml:4 expression: a Quartz expression has 6 or 7 parts (seconds first), not 5'],
  ],
  [
    'an unknown zone',
    listener('type: time\nexpression: 0 0 12 * * ?\ntimezone: Mars/Olympus'),
    ['listeners/l.yaml:5 timezone: Mars/Olympus is not a time zone'],
  ],
  [
    'a job listener without event',
    listener('type: job'),
    [
      'listeners/l.yaml:1: jobType is missing: listeners of type job need it',
      'listeners/l.yaml:1: event is missing: listeners of type job need it',
    ],
  ],
];
const group = (lines: string): Files => ({
  ...a(
    '- { name: g, type: nestedFields, nestedFields: [{ name: y, type: text }] }',
    'actions: [{ name: go, parameters: [{ name: p, type: text }] }]',
  ),
  'groups/g.yaml': `name: g\nentityPermissions:\n  - entity: a\n${lines.replaceAll(/^/gm, '    ')}`,
});

const GROUPS: readonly Row[] = [
  [
    'permissions on nothing',
    { 'groups/g.yaml': 'name: g\nentityPermissions: [{ entity: a }]' },
    ['groups/g.yaml:2 entityPermissions[a].entity: entity a is not defined'],
  ],
  [
    'permissions given twice',
    { ...a(''), 'groups/g.yaml': 'name: g\nentityPermissions:\n  - { entity: a }\n  - { entity: a }' },
    ['groups/g.yaml:4 entityPermissions[a]: there are already permissions for entity a'],
  ],
  [
    'reading by a script',
    group('read: js/can'),
    ["groups/g.yaml:4 entityPermissions[a].read: must be always, never or a filter map: scripts can't filter lists"],
  ],
  [
    'a script that is not there',
    group('update: js/can'),
    ['groups/g.yaml:4 entityPermissions[a].update: Function for js/can not found in groups/g.js'],
  ],
  [
    'a condition on nothing',
    group('delete: { x: 1 }'),
    [/^groups\/g\.yaml:4 entityPermissions\[a\]\.delete\.x: .*\[x\]/],
  ],
  [
    'a field that is not there',
    group('fields: [{ field: x, permission: none }]'),
    ['groups/g.yaml:4 entityPermissions[a].fields[x].field: field x is not defined in entity a'],
  ],
  [
    'an inner field that is not there',
    group('fields: [{ field: g, permission: none, nestedFields: [{ field: z, permission: none }] }]'),
    ['groups/g.yaml:4 entityPermissions[a].fields[g].nestedFields[z].field: field g.z is not defined in entity a'],
  ],
  [
    'an unknown permission',
    group('fields: [{ field: t, permission: write }]'),
    [
      'groups/g.yaml:4 entityPermissions[a].fields[t].permission: must be one of readWrite, readOnly, none, parent, advanced, not "write"',
    ],
  ],
  [
    'an action that is not there',
    group('actions: [{ action: stop, permission: always }]'),
    ['groups/g.yaml:4 entityPermissions[a].actions[stop].action: action stop is not defined in entity a'],
  ],
  [
    'a parameter that is not there',
    group('actions: [{ action: go, permission: always, parameters: [{ parameter: q, permission: none }] }]'),
    [
      'groups/g.yaml:4 entityPermissions[a].actions[go].parameters[q].parameter: parameter q is not defined in action go',
    ],
  ],
];

testRows('listeners', LISTENERS);
testRows('groups', GROUPS);
