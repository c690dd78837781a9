// What refers to something else: relationships and copies in circles, parents, labels, conditions, calculations, parameters.
import { describe, expect, it } from 'vitest';
import type { Field } from '../../../src/definitions/model.ts';
import { entityFile, entityOf, fieldOf, load } from './app.ts';

const copiesOf = (field: Field): string[] => (field.relationship?.copiedFields ?? []).map(({ path }) => path);

describe('relationships', () => {
  it('may go in circles, copies included', async () => {
    const definitions = await load({
      'a.yaml': entityFile(
        'a',
        '- { name: t, type: text }\n- { name: b, type: relationship, typeRules: { entity: b, copiedFields: [t, a] } }\n- { name: self, type: relationship, typeRules: { entity: a, copiedFields: [self, t] } }',
      ),
      'b.yaml': entityFile(
        'b',
        '- { name: t, type: text }\n- { name: a, type: relationship, typeRules: { entity: a, copiedFields: [t, b] } }',
      ),
    });
    const [a, b, self] = [
      fieldOf(definitions, 'a', 'b'),
      fieldOf(definitions, 'b', 'a'),
      fieldOf(definitions, 'a', 'self'),
    ];
    expect(copiesOf(a)).toEqual(['t', 'a']);
    expect(a.relationship?.copiedFields[1]).toBe(b);
    expect(b.relationship?.copiedFields[1]).toBe(a);
    expect(self.relationship?.copiedFields[0]).toBe(self);
  });

  it('copy plain paths, whole groups, lists, and relationships with their copies', async () => {
    const definitions = await load({
      'a.yaml': entityFile(
        'a',
        `- name: b
  type: relationship
  typeRules: { entity: b, copiedFields: [t, g.y, g, l, c.d.t, c.d, c, t] }`,
      ),
      'b.yaml': entityFile(
        'b',
        `- { name: t, type: text }
- { name: g, type: nestedFields, nestedFields: [{ name: y, type: text }] }
- { name: l, type: nestedFields, multiplicity: many, nestedFields: [{ name: y, type: text }] }
- { name: c, type: relationship, typeRules: { entity: c, copiedFields: [d] } }`,
      ),
      'c.yaml': entityFile('c', '- { name: d, type: relationship, typeRules: { entity: d, copiedFields: [t] } }'),
      'd.yaml': entityFile('d', '- { name: t, type: text }'),
    });
    expect(definitions.warnings).toEqual([]);
    expect(copiesOf(fieldOf(definitions, 'a', 'b'))).toEqual(['t', 'g', 'l', 'c']);
  });

  it('copy a path behind a relationship as that relationship, where it keeps a copy itself', async () => {
    const files = (kept: string) => ({
      'a.yaml': entityFile('a', '- { name: b, type: relationship, typeRules: { entity: b, copiedFields: [c.t] } }'),
      'b.yaml': entityFile('b', `- { name: c, type: relationship, typeRules: { entity: c, copiedFields: [${kept}] } }`),
      'c.yaml': entityFile('c', '- { name: t, type: text }\n- { name: u, type: text }'),
    });
    expect(copiesOf(fieldOf(await load(files('t')), 'a', 'b'))).toEqual(['c']);
    await expect(load(files('u'))).rejects.toThrow('field c.t is not defined in entity b');
  });

  it('have a filter on the target, with the record itself as source', async () => {
    const definitions = await load({
      'a.yaml': entityFile(
        'a',
        '- { name: t, type: text }\n- { name: b, type: relationship, typeRules: { entity: b, filteringRules: { filters: { owner: $currentRecord } } } }',
      ),
      'b.yaml': entityFile('b', '- { name: owner, type: relationship, typeRules: { entity: a } }'),
    });
    expect(fieldOf(definitions, 'a', 'b').relationship?.filter).toMatchObject({ entity: 'b', dynamic: true });
  });
});

describe('parents', () => {
  it('give fields, actions, indexes, label and validations to children, their own first', async () => {
    const definitions = await load({
      'p.yaml': `${entityFile('p', '- { name: x, type: text, unique: true, required: js/xRequired }', 'abstract: true\nrecordLabel: fields/x\nrecordValidations: js/check\nlookupFields: x\nsettings: { auditLogs: { userContext: { recordCreated: true } } }\nactions: [{ name: go, actions: js/goActions }]')}`,
      'p.js': 'function xRequired() {} function check() {} function goAction() {}',
      'm.yaml': entityFile(
        'm',
        '- { name: y, type: integer, indexable: true }',
        'extends: p\nrecordValidations: js/check',
      ),
      'm.js': 'function check() {}',
      'c.yaml': entityFile('c', '- { name: z, type: text }', 'extends: m\nrecordLabel: fields/z'),
    });
    const child = entityOf(definitions, 'c');
    expect(child.fields.map(({ name }) => name)).toEqual(['x', 'y', 'z']);
    expect(child.fieldByName.get('x')?.required).toMatchObject({ kind: 'hook', hook: { file: 'p.js' } });
    expect(child.recordValidations.map(({ file }) => file)).toEqual(['p.js', 'm.js']);
    expect(child.labelRule).toMatchObject({ kind: 'field', field: { path: 'z' } });
    expect(entityOf(definitions, 'm').labelRule).toMatchObject({ kind: 'field', field: { path: 'x' } });
    expect(child.indexes.map(({ name }) => name)).toEqual(['data.x', 'data.y']);
    expect(child.lookupFields.map(({ path }) => path)).toEqual(['x']);
    expect([...child.actions.keys()]).toEqual(['go']);
    expect(child).toMatchObject({ parentEntity: 'm', audit: null, collection: 'data.c', served: true });
    expect(entityOf(definitions, 'p')).toMatchObject({ abstract: true, served: false });
    expect(child.fieldByName.get('x')).not.toBe(entityOf(definitions, 'm').fieldByName.get('x'));
  });
});

describe('fields', () => {
  it('follow read access with write access unless they say otherwise', async () => {
    const definitions = await load({
      'a.yaml': entityFile(
        'a',
        `- { name: t, type: text }
- { name: synced, type: text, readAccess: never }
- { name: apart, type: text, readAccess: never, syncAccess: false }
- { name: own, type: text, readAccess: never, writeAccess: always }
- { name: filtered, type: text, readAccess: { t: x } }`,
      ),
    });
    const access = (path: string): string => {
      const { readAccess, writeAccess } = fieldOf(definitions, 'a', path);
      return `${readAccess.kind} ${writeAccess.kind}`;
    };
    expect(['t', 'synced', 'apart', 'own', 'filtered'].map(access)).toEqual([
      'always always',
      'never never',
      'never always',
      'never always',
      'filter filter',
    ]);
    expect(entityOf(definitions, 'a').has.conditions).toBe(true);
  });

  it('have conditions that read fields of related records without copies, but no list filter has', async () => {
    const files = (key: string) => ({
      'a.yaml': entityFile(
        'a',
        `- { name: b, type: relationship, typeRules: { entity: b } }\n- { name: t, type: text, ${key}: { b.t: x } }`,
      ),
      'b.yaml': entityFile(
        'b',
        '- { name: t, type: text }\n- { name: a, type: relationship, typeRules: { entity: a, filteringRules: { filters: {} } } }',
      ),
    });
    expect(fieldOf(await load(files('required')), 'a', 't').required.kind).toBe('filter');
    const bad = load({
      ...files('required'),
      'groups/g.yaml': 'name: g\nentityPermissions: [{ entity: a, read: { b.t: x } }]',
    });
    await expect(bad).rejects.toThrow(/groups\/g\.yaml:2 entityPermissions\[a\]\.read\.b\.t: /);
  });

  it('are calculated by functions and by aggregates over other entities', async () => {
    const definitions = await load({
      'a.yaml': entityFile(
        'a',
        '- { name: n, type: money, valueCalculation: { type: aggregate, entity: b, filters: { a: $currentRecord }, operation: sum, field: price } }\n- { name: c, type: integer, valueCalculation: { entity: b, operation: count, field: price } }',
      ),
      'b.yaml': entityFile(
        'b',
        '- { name: price, type: money }\n- { name: a, type: relationship, typeRules: { entity: a } }',
      ),
    });
    const sum = fieldOf(definitions, 'a', 'n').calculation;
    expect(sum).toMatchObject({
      kind: 'aggregate',
      entity: 'b',
      operation: 'sum',
      field: 'price',
      filter: { entity: 'b', dynamic: true },
    });
    expect(fieldOf(definitions, 'a', 'c').calculation).toMatchObject({
      operation: 'count',
      field: null,
      filter: { dynamic: false },
    });
    expect(entityOf(definitions, 'a').has).toMatchObject({ calculations: true, hooks: false });
  });

  it('may take an inner field as the label of their group', async () => {
    const definitions = await load({
      'a.yaml': entityFile(
        'a',
        '- { name: g, type: nestedFields, typeRules: { label: fields/h.y }, nestedFields: [{ name: h, type: nestedFields, nestedFields: [{ name: y, type: text }] }] }',
      ),
    });
    expect(fieldOf(definitions, 'a', 'g').labelRule).toEqual({
      kind: 'field',
      field: fieldOf(definitions, 'a', 'g.h.y'),
    });
  });
});

describe('parameters', () => {
  it('are fields of the action; linked ones take the definition of the record’s field', async () => {
    const definitions = await load({
      'a.yaml': entityFile(
        'a',
        '- { name: state, label: State, type: choice, unique: false, required: js/stateRequired, typeRules: { possibleValues: [{ name: on }] } }',
        `actions:
  - name: go
    parameters:
      - { name: state, parameterType: linked }
      - { name: before, label: Before, parameterType: entityField, field: state }
      - { name: list, type: nestedFields, multiplicity: many, nestedFields: [{ name: note, type: text, required: always }], typeRules: { label: fields/note } }`,
      ),
      'a.js': 'function stateRequired() {}',
    });
    const [linked, before, list] = entityOf(definitions, 'a').actions.get('go')?.parameters ?? [];
    const state = fieldOf(definitions, 'a', 'state');
    expect(linked).toMatchObject({
      name: 'state',
      label: 'State',
      parameterType: 'linked',
      options: state.options,
      required: { kind: 'hook' },
    });
    expect(linked?.linkedField).toBe(state);
    expect(before).toMatchObject({ name: 'before', label: 'Before', path: 'before', parameterType: 'entityField' });
    expect(before?.linkedField).toBe(state);
    expect(list?.fieldByName.get('note')).toMatchObject({
      path: 'list.note',
      insideMany: true,
      required: { kind: 'always' },
    });
    expect(list?.labelRule).toEqual({ kind: 'field', field: list?.fieldByName.get('note') });
  });

  it('do not make the entity one with hooks', async () => {
    const definitions = await load({
      'a.yaml': entityFile(
        'a',
        '- { name: t, type: text }',
        'actions: [{ name: go, actions: js/go, parameters: [{ name: p, type: text, required: js/go }] }]',
      ),
      'a.js': 'function go() {}',
    });
    expect(entityOf(definitions, 'a').has.hooks).toBe(false);
  });
});

describe('enum entities', () => {
  it('carry the records of their file', async () => {
    const definitions = await load({
      'x/a.yaml': entityFile('a', '- { name: t, type: text }', 'type: enum\nrecordsSync: createNewRecords'),
      'x/a.records.yaml':
        '- { id: 5f0000000000000000000001, t: one }\n- { id: 5f0000000000000000000002, t: two, label: x }',
    });
    expect(entityOf(definitions, 'x.a').enumRecords).toEqual({
      sync: 'createNewRecords',
      records: [
        { id: '5f0000000000000000000001', t: 'one' },
        { id: '5f0000000000000000000002', t: 'two', label: 'x' },
      ],
    });
  });
});

describe('groups in filters', () => {
  it('are found by the ids that the definitions were compiled with', async () => {
    const definitions = await load({
      'a.yaml': entityFile('a', '- { name: team, type: group }\n- { name: t, type: text, required: { team: admins } }'),
      'groups/admins.yaml': 'name: admins',
    });
    const { required } = fieldOf(definitions, 'a', 't');
    const env = {
      zone: 'UTC',
      now: 0,
      language: 'english',
      groups: definitions.groups,
      ignoreCase: true,
      userRecord: null,
      sourceRecord: null,
    } as const;
    const predicate = required.kind === 'filter' ? JSON.stringify(required.filter.bind(env)) : '';
    expect(predicate).toContain(definitions.groups.byName('admins')?.id);
  });
});
