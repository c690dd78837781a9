// Both layouts: which file becomes what, and that the vendor's export loads as it is.
import { describe, expect, it } from 'vitest';
import { EXPORT, entityFile, entityOf, fieldOf, load, loadFolder } from './app.ts';

describe('the export layout', async () => {
  const definitions = await loadFolder(EXPORT, { appVars: { COMPANY: 'ACME' } });

  it('loads without a warning', () => {
    expect(definitions.warnings).toEqual([]);
  });

  it('names entities by their folders', () => {
    expect([...definitions.entities.keys()]).toEqual([
      'machines',
      'scm.workOrders',
      'sys.users',
      'sys.oauthApps',
      'sys.oauthAuthorizations',
    ]);
  });

  it('finds groups, listeners and scripts', () => {
    expect(definitions.groups.all.map(({ name, label }) => [name, label])).toEqual([
      ['admins', 'Admins'],
      ['developers', 'Developers'],
    ]);
    expect(definitions.listeners.map(({ name, action }) => [name, action?.file, action?.fn])).toEqual([
      ['onMachineDeleted', 'model/listeners/onMachineDeleted.js', 'actionScript'],
      ['onOrderCreated', 'model/listeners/onOrderCreated.js', 'actionScript'],
    ]);
    expect(definitions.scripts.map(({ file, kind, owner }) => [file, kind, owner])).toEqual([
      ['(built in)/sys/users.js', 'entity', 'sys.users'],
      ['(built in)/sys/oauthApps.js', 'entity', 'sys.oauthApps'],
      ['(built in)/sys/oauthAuthorizations.js', 'entity', 'sys.oauthAuthorizations'],
      ['model/entities/machines.js', 'entity', 'machines'],
      ['model/entities/scm/workOrders.js', 'entity', 'scm.workOrders'],
      ['model/entities/sys/users.js', 'entity', 'sys.users'],
      ['model/libraries/commons/words.js', 'library', 'commons.words'],
      ['model/listeners/onMachineDeleted.js', 'listener', 'onMachineDeleted'],
      ['model/listeners/onOrderCreated.js', 'listener', 'onOrderCreated'],
    ]);
  });

  it('compiles what exports say', () => {
    const order = entityOf(definitions, 'scm.workOrders');
    expect(order).toMatchObject({
      label: 'Work orders',
      kind: 'data',
      served: true,
      collection: 'data.scm.workOrders',
    });
    expect(order.labelRule).toMatchObject({ kind: 'hook', hook: { fn: 'workOrdersRecordNameScript' } });
    expect(order.audit).toEqual({
      user: new Set(['recordCreated', 'recordChanged', 'recordDeleted', 'actionExecuted']),
      script: new Set(['recordChanged', 'recordDeleted', 'actionExecuted']),
      cascadeUpdates: false,
      refactorings: false,
      ignoredFields: { user: new Set(), script: new Set() },
      keepAfterDelete: 60 * 24 * 60 * 60 * 1000,
    });
    expect(order.actions.get('addEntry')).toMatchObject({
      type: 'oneRecord',
      queue: 'mix',
      script: {
        file: 'model/entities/scm/workOrders.js',
        fn: 'addEntryAction',
        params: ['record', 'oldRecord', 'action'],
      },
      parameters: [
        { name: 'text', path: 'text', required: { kind: 'always' }, transient: true, parameterType: 'parameter' },
      ],
    });
    expect(fieldOf(definitions, 'scm.workOrders', 'log.date').defaultValue).toEqual({ kind: 'currentDate' });
    expect(fieldOf(definitions, 'machines', 'location.floor').defaultValue).toEqual({ kind: 'literal', value: 0 });
  });

  it('reads expressions that the exporter put into lower case', () => {
    const rule = fieldOf(definitions, 'scm.workOrders', 'machine').relationship;
    expect(rule?.filter).toMatchObject({ entity: 'machines', dynamic: false });
    const groups = definitions.groups;
    const env = {
      zone: 'UTC',
      now: 0,
      language: 'english',
      groups,
      ignoreCase: true,
      userRecord: null,
      sourceRecord: null,
    } as const;
    expect(rule?.filter?.bind(env)).toEqual({ kind: 'in', path: 'data.status', values: ['SCRAPPED'] });
  });

  it('overlays built-in entities by the app’s own file', () => {
    const users = entityOf(definitions, 'sys.users');
    expect(users.label).toBe('People');
    expect(users.served).toBe(false);
    const labels = users.fields.slice(0, 7).map(({ name, label }) => `${name}: ${label}`);
    expect(labels).toEqual([
      'firstName: Given name',
      'lastName: Family name',
      'fullName: Full name',
      'email: E-mail',
      'badge: Badge',
      'localization: Localization',
      'emailStandardized: Email Standardized',
    ]);
    expect(users.fieldByPath.get('localization')?.fields.map(({ name }) => name)).toEqual([
      'timezone',
      'office',
      'timezoneMode',
      'language',
    ]);
    expect(users.lookupFields.map(({ path }) => path)).toEqual(['email']);
    const scripts = [...users.actions.values()].map(({ label, script }) => [label, script?.file]);
    expect(scripts).toEqual([
      ['Switch on', 'model/entities/sys/users.js'],
      ['Reset Password', '(built in)/sys/users.js'],
      ['Deactivate', '(built in)/sys/users.js'],
      ['Unblock', '(built in)/sys/users.js'],
    ]);
  });

  it('replaces the app’s variables in scripts and nothing else', () => {
    const script = definitions.scripts.find(({ file }) => file.endsWith('machines.js'));
    expect(script?.source).toContain("by ACME'");
    expect(script?.source).toMatch(/\$\{record\.label\(\)\}/);
  });
});

describe('the flat layout', () => {
  it('takes folders for names, and the folders of groups, listeners, libraries and types for what they are', async () => {
    const definitions = await load({
      'a.yaml': entityFile('a', '- { name: t, type: text, typeRules: types/short }\n- { name: m, type: money }'),
      'x/y/b.json': { name: 'b', fields: [{ name: 't', type: 'text' }] },
      'x/descriptor.json': { label: 'X' },
      'c.yml': 'name: c',
      'groups/g.yaml': 'name: g',
      'listeners/l.yaml': 'name: l\ntype: custom\nevent: e\naction: js/actionScript',
      'listeners/l.js': 'function actionScript(event) {}',
      'libraries/commons/words.js': 'exports.x = 1;',
      'libraries/other.yaml': 'name: other',
      'types/typesRules/text/short.yaml': 'name: short\ntype: text\nrules: { maxLength: 5 }',
      'types/typesDisplayOptions/money/euro.yaml':
        'name: euro\ntype: money\ndefaultSettings: true\nrules: { symbol: € }',
    });
    expect(definitions.warnings).toEqual([]);
    expect([...definitions.entities.keys()].filter((name) => !name.startsWith('sys.'))).toEqual(['a', 'c', 'x.y.b']);
    expect(definitions.groups.byName('g')).toMatchObject({ name: 'g', label: 'g' });
    expect(definitions.listeners.map(({ name }) => name)).toEqual(['l']);
    expect(definitions.scripts.filter(({ kind }) => kind === 'library').map(({ owner }) => owner)).toEqual([
      'commons.words',
    ]);
    expect(fieldOf(definitions, 'a', 't').options).toMatchObject({ maxLength: 5 });
    expect(fieldOf(definitions, 'a', 'm').display).toEqual({ symbol: '€' });
  });

  it('is an export as soon as one of its folders is there', async () => {
    const definitions = await load({
      'model/entities/a.yaml': 'name: a',
      'groups/g.yaml': 'name: g',
      'b.yaml': 'name: b',
    });
    expect([...definitions.entities.keys()].filter((name) => !name.startsWith('sys.'))).toEqual(['a']);
    expect(definitions.groups.all.map(({ name }) => name)).toEqual(['developers']);
  });

  it('needs no file at all: the platform’s entities are there', async () => {
    const definitions = await load({});
    expect([...definitions.entities.keys()]).toEqual(['sys.users', 'sys.oauthApps', 'sys.oauthAuthorizations']);
    expect([...definitions.entities.values()].some(({ served }) => served)).toBe(false);
  });
});

describe('YAML', () => {
  it('is read as version 1.2, where only true and false are booleans', async () => {
    const definitions = await load({
      'a.yaml': entityFile(
        'a',
        '- { name: s, type: text, label: NO, defaultValue: yes }\n- { name: d, type: date, defaultValue: 2020-01-02 }\n- { name: e, type: text, label: on }',
      ),
    });
    expect(fieldOf(definitions, 'a', 's').label).toBe('NO');
    expect(fieldOf(definitions, 'a', 's').defaultValue).toEqual({ kind: 'literal', value: 'yes' });
    expect(fieldOf(definitions, 'a', 'd').defaultValue).toEqual({ kind: 'literal', value: '2020-01-02' });
    expect(fieldOf(definitions, 'a', 'e').label).toBe('on');
  });

  it('may use anchors', async () => {
    const definitions = await load({
      'a.yaml': entityFile(
        'a',
        '- { name: t, type: choice, typeRules: &rules { possibleValues: [{ name: x }] } }\n- { name: u, type: choice, typeRules: *rules }',
      ),
    });
    expect(fieldOf(definitions, 'a', 'u').options).toEqual(fieldOf(definitions, 'a', 't').options);
  });
});
