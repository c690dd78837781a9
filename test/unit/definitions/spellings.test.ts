// Aliases and the vendor's draft spellings mean the same as the canonical ones (spec entity-model §1).
import { describe, expect, it } from 'vitest';
import type { CompiledFilter, Field, FilterEnv } from '../../../src/definitions/model.ts';
import { entityFile, entityOf, type Files, load } from './app.ts';

/** Compiled entity `a` without what differs by the file's text alone. */
async function compiled(files: Files): Promise<string> {
  const definitions = await load({
    ...files,
    'a.js': SCRIPT,
    'b.yaml': entityFile('b', '- { name: t, type: text, unique: true }'),
  });
  expect(definitions.warnings).toEqual([]);
  const env: FilterEnv = { ...ENV, groups: definitions.groups };
  return JSON.stringify(entityOf(definitions, 'a'), (key, value: unknown) => {
    if (key === 'parent') return undefined;
    if (key === 'type' && typeof value === 'object') return (value as Field['type']).name;
    if (value instanceof Map) return Object.fromEntries(value);
    if (value instanceof Set) return [...value];
    return isFilter(value) ? value.bind(env) : value;
  });
}

function isFilter(value: unknown): value is CompiledFilter {
  return typeof value === 'object' && value !== null && 'bind' in value;
}

const ENV = {
  zone: 'UTC',
  now: 0,
  language: 'english',
  ignoreCase: true,
  userRecord: null,
  sourceRecord: null,
} as const;

const SCRIPT = 'function f() {} function goAction() {} function xFieldCalculation() {}';

const one = (keys: string): Files => ({ 'a.yaml': `name: a\nfields:\n  - { name: x, ${keys} }` });
const top = (keys: string): Files => ({
  'a.yaml': `name: a\nfields: [{ name: x, type: text, unique: true }]\n${keys}`,
});

describe('spellings', () => {
  it.each([
    ['sensitive', one('type: text, sensitive: true'), one('type: text, sensitiveData: true')],
    ['calculation', one('type: text, calculation: js/f'), one('type: text, valueCalculation: js/f')],
    ['validations of a field', one('type: text, validations: js/f'), one('type: text, validation: js/f')],
    ['customValidations', one('type: text, customValidations: js/f'), one('type: text, validation: js/f')],
    [
      'readWriteAccess',
      one('type: text, readWriteAccess: js/f'),
      one('type: text, readAccess: js/f, writeAccess: js/f'),
    ],
    ['required: true', one('type: text, required: true'), one('type: text, required: always')],
    ['required: false', one('type: text, required: false'), one('type: text')],
    ['required: none', one('type: text, required: none'), one('type: text, required: always')],
    ['multiplicity in capitals', one('type: text, multiplicity: MANY'), one('type: text, multiplicity: many')],
    [
      'nested',
      one('type: nested, fields: [{ name: y, type: text }]'),
      one('type: nestedFields, nestedFields: [{ name: y, type: text }]'),
    ],
    [
      'nestedField',
      one('type: nestedField, fields: [{ name: y, type: text }]'),
      one('type: nestedFields, nestedFields: [{ name: y, type: text }]'),
    ],
    [
      'nestedFieldLabel',
      one('type: nested, typeRules: { nestedFieldLabel: fields/y }, fields: [{ name: y, type: text }]'),
      one('type: nested, typeRules: { label: fields/y }, fields: [{ name: y, type: text }]'),
    ],
    [
      'targetEntity and filter',
      one('type: relationship, targetEntity: b, filter: { t: x }'),
      one('type: relationship, typeRules: { entity: b, filteringRules: { filters: { t: x } } }'),
    ],
    [
      'a draft filter',
      one(
        'type: relationship, targetEntity: b, filter: { condition: and, rules: [{ field: t, operator: equals, value: x }] }',
      ),
      one('type: relationship, typeRules: { entity: b, filteringRules: { filters: { t: x } } }'),
    ],
    [
      'choices',
      one('type: choice, choices: [{ name: y, label: Y }]'),
      one('type: choice, typeRules: { possibleValues: [{ name: y, label: Y }] }'),
    ],
    [
      'values of a choice',
      one('type: choice, typeRules: { values: [{ name: y, label: Y }] }'),
      one('type: choice, typeRules: { possibleValues: [{ name: y, label: Y }] }'),
    ],
    ['minimumLength', one('type: text, minimumLength: 6'), one('type: text, typeRules: { minLength: 6 }')],
    ['user', one('type: user'), one('type: relationship, typeRules: { entity: sys.users }')],
    ['LONG_TEXT', one('type: LONG_TEXT'), one('type: longText')],
    ['file', one('type: file'), one('type: fileUpload')],
    [
      'policies as yes and no',
      one('type: relationship, typeRules: { entity: b, labelUpdatePolicy: no, copiedFieldsUpdatePolicy: yes }'),
      one('type: relationship, typeRules: { entity: b, labelUpdatePolicy: false, copiedFieldsUpdatePolicy: true }'),
    ],
    [
      '__current_date__',
      one('type: date, defaultValue: __current_date__'),
      one('type: date, defaultValue: $currentDate'),
    ],
    [
      'expressions/currentDate',
      one('type: date, defaultValue: expressions/currentDate'),
      one('type: date, defaultValue: $currentDate'),
    ],
    ['an empty value', one('type: text, typeRules:, required:'), one('type: text')],
    [
      'rules of another field',
      one('type: text, typeRules: { maxLength: 3 } }\n  - { name: y, type: text, typeRules: fields/x'),
      one('type: text, typeRules: { maxLength: 3 } }\n  - { name: y, type: text, typeRules: { maxLength: 3 }'),
    ],
    [
      'options of another field',
      one('type: money, uiOptions: { symbol: "€" } }\n  - { name: y, type: money, uiOptions: fields/x'),
      one('type: money, uiOptions: { symbol: "€" } }\n  - { name: y, type: money, uiOptions: { symbol: "€" }'),
    ],
    ['validation of an entity', top('validation: js/f'), top('recordValidations: js/f')],
    ['validations of an entity', top('validations: js/f'), top('recordValidations: js/f')],
    ['lookupField', top('lookupField: x'), top('lookupFields: [x]')],
    ['parent', top('parent: b'), top('parentEntity: b')],
    ['extends', top('extends: b'), top('parentEntity: b')],
    [
      'one action',
      top('actions: { name: go, actions: js/goActions }'),
      top('actions: [{ name: go, actions: js/goActions }]'),
    ],
    [
      'script of an action',
      top('actions: [{ name: go, script: js/goActions }]'),
      top('actions: [{ name: go, actions: js/goActions }]'),
    ],
    [
      'action of an action',
      top('actions: [{ name: go, action: js/goActions }]'),
      top('actions: [{ name: go, actions: js/goActions }]'),
    ],
    ['global', top('actions: [{ name: go, type: global }]'), top('actions: [{ name: go, type: globalEntity }]')],
    [
      'MANY_RECORDS',
      top('actions: [{ name: go, type: MANY_RECORDS }]'),
      top('actions: [{ name: go, type: manyRecords }]'),
    ],
    [
      'restrictToOnlyOneRecord',
      top('actions: [{ name: go, restrictToOnlyOneRecord: true }]'),
      top('actions: [{ name: go, restrictToOneRecord: true }]'),
    ],
    [
      'validations of an action',
      top('actions: [{ name: go, validations: js/f }]'),
      top('actions: [{ name: go, validation: js/f }]'),
    ],
    [
      'recordUpdated',
      top('settings: { auditLogs: { userContext: { recordUpdated: true } } }'),
      top('settings: { auditLogs: { userContext: { recordChanged: true } } }'),
    ],
    [
      'retentionPeriod',
      top(
        'settings: { auditLogs: { userContext: { recordCreated: true }, deletionPolicy: retain, retentionPeriod: 2M } }',
      ),
      top(
        'settings: { auditLogs: { userContext: { recordCreated: true }, dataExpiration: { customDeletion: 2, customDeletionPolicyType: months } } }',
      ),
    ],
    [
      'fields of an index as text',
      top('settings: { indexes: [{ fields: x }] }'),
      top('settings: { indexes: [{ fields: [{ name: x }] }] }'),
    ],
  ])('%s', async (_what, older, canonical) => {
    expect(await compiled(older)).toBe(await compiled(canonical));
  });
});

describe('spellings of groups and listeners', () => {
  const base: Files = {
    'a.yaml': entityFile(
      'a',
      '- { name: g, type: nestedFields, nestedFields: [{ name: y, type: text }] }',
      'actions: [{ name: go }]',
    ),
  };

  it('give groups one canonical form', async () => {
    const definitions = await load({
      ...base,
      'groups/g.yaml': `name: g
entityPermissions:
  - entity: a
    import: always
    export: never
    fields:
      - { field: g, permission: READ_ONLY, nestedFields: [{ field: y, permission: none }] }
    actions:
      - { action: go, permission: always }`,
    });
    expect(definitions.groups.models.get('g')?.definition).toMatchObject({
      entityPermissions: [
        {
          entity: 'a',
          import: true,
          export: false,
          fields: [
            { field: 'g', permission: 'readOnly' },
            { field: 'g.y', permission: 'none' },
          ],
          actions: [{ action: 'go', permission: { value: 'always' } }],
        },
      ],
    });
  });

  it('give listeners one canonical form', async () => {
    const definitions = await load({
      ...base,
      'listeners/l.yaml': `name: l
type: data
entity: a
action: js/actionScript
events:
  - { type: recordCreated, conditionType: expression, expression: { g.y: x }, sourceEvents: [userEvents] }
  - { type: recordChanged, conditionType: script, script: js/condition1Script }
  - { type: actionPerformed, action: go }`,
      'listeners/l.js': 'function actionScript() {} function condition1Script() {}',
    });
    expect(definitions.warnings).toEqual([]);
    expect(definitions.listeners[0]?.definition).toMatchObject({
      queue: 'mix',
      events: [
        { type: 'recordCreated', condition: { 'g.y': 'x' }, events: ['userEvents'] },
        { type: 'recordChanged', condition: 'js/condition1Script' },
        { type: 'actionPerformed', actions: ['go'] },
      ],
    });
  });
});
