// Filter maps as conditions of fields: required, read and write access, filters of relationships; on the record itself, on related
// records that are not copied, and on the current user (spec entity-model §2.4, 2.9, 3.2).
import { beforeAll, describe, expect, test } from 'vitest';
import { complaints, ok, startSmallApp } from '../support/small-app.ts';

const company = { name: 'company', type: 'relationship', typeRules: { entity: 'companies' } };
const companies = { ...company, name: 'companies', multiplicity: 'many' };
const text = (name: string, over: object = {}) => ({ name, type: 'text', ...over });
const hidden = { syncAccess: false };

const app = startSmallApp({
  owners: { recordLabel: 'fields/name', fields: [text('name'), text('level')] },
  companies: {
    recordLabel: 'fields/name',
    fields: [
      text('name'),
      { name: 'state', type: 'choice', typeRules: { possibleValues: [{ name: 'ACTIVE' }, { name: 'CLOSED' }] } },
      { name: 'secret', type: 'text', sensitiveData: true },
      { name: 'owner', type: 'relationship', typeRules: { entity: 'owners' } },
      { name: 'group', type: 'nestedFields', nestedFields: [text('region')] },
    ],
  },
  orders: {
    recordLabel: 'fields/name',
    fields: [
      text('name'),
      company,
      companies,
      text('reason', { required: { 'company.state': 'closed' } }),
      text('approval', { required: { 'company.owner.level': 'gold' } }),
      text('code', { required: { 'companies.secret': 'like(word)' } }),
      text('onlyOpen', { ...hidden, writeAccess: { 'company.state': 'active' } }),
      text('internal', { ...hidden, readAccess: { 'company.owner.level': 'notEquals(gold)' } }),
      text('mine', { ...hidden, readAccess: { '$currentUser.email': 'admin@example.com' } }),
      text('others', { ...hidden, readAccess: { '$currentUser.email': 'notEquals(admin@example.com)' } }),
      { name: 'seller', type: 'user' },
      text('note', { required: { seller: '$currentUser' } }),
      text('sellersName', { required: { name: 'currentUserField(firstName)' } }),
      {
        name: 'lines',
        type: 'nestedFields',
        multiplicity: 'many',
        nestedFields: [company, text('why', { required: { 'lines.company.state': 'closed' } })],
      },
    ],
  },
  tasks: {
    fields: [
      text('region'),
      {
        ...company,
        typeRules: { entity: 'companies', filteringRules: { filters: { state: 'active' } } },
      },
      {
        ...companies,
        name: 'regional',
        typeRules: {
          entity: 'companies',
          filteringRules: { filters: { 'group.region': 'currentRecordField(region)' } },
        },
      },
      {
        name: 'parent',
        type: 'relationship',
        typeRules: { entity: 'tasks', filteringRules: { filters: { id: 'notEquals($currentRecord)' } } },
      },
      {
        name: 'lines',
        type: 'nestedFields',
        multiplicity: 'many',
        nestedFields: [
          {
            ...company,
            typeRules: { entity: 'companies', filteringRules: { filters: { secret: 'Word' } } },
          },
        ],
      },
      {
        ...company,
        name: 'fixed',
        ...hidden,
        writeAccess: { region: 'empty()' },
        typeRules: { entity: 'companies', filteringRules: { filters: { state: 'active' } } },
      },
    ],
  },
});

const ids: Record<string, string> = {};

beforeAll(async () => {
  ok(await app.post('/data/owners', { name: 'Ann', level: 'gold' }));
  ok(await app.post('/data/owners', { name: 'Bob', level: 'tin' }));
  const make = async (body: { name: string; [key: string]: unknown }) => {
    ids[body.name] = ok(await app.post('/data/companies', body)).id;
  };
  await make({ name: 'Open', state: 'ACTIVE', owner: 'Bob', group: { region: 'North' } });
  await make({ name: 'Closed', state: 'CLOSED', owner: 'Ann', secret: 'Word', group: { region: 'South' } });
});

const missing = (path: string): string => `${path} required This field is required`;

describe('fields of related records that are not copied', () => {
  test.each([
    [{ company: 'Open' }, []],
    [{ company: 'Closed' }, [missing('reason'), missing('approval')]],
    [{ company: 'Closed', reason: 'x', approval: 'x' }, []],
    [{ company: 'Closed', reason: 'x' }, [missing('approval')]],
    [{ companies: ['Open', 'Closed'] }, [missing('code')]],
    [{ companies: ['Open'] }, []],
    [{ lines: [{ company: 'Closed' }, { company: 'Open' }, {}] }, [missing('lines[0].why')]],
  ])('decide what %j needs', async (body, expected) => {
    expect(complaints(await app.post('/data/orders', body))).toEqual(expected);
  });

  test('are read anew at every save', async () => {
    const { id } = ok(await app.post('/data/companies', { name: 'Moving', state: 'ACTIVE' }));
    const order = ok(await app.post('/data/orders', { company: id, onlyOpen: 'written' }));
    expect(order.onlyOpen).toBe('written');
    ok(await app.put(`/data/companies/${id}`, { state: 'CLOSED' }));
    expect(complaints(await app.put(`/data/orders/${order.id}`, { name: 'x' }))).toEqual([missing('reason')]);
    const saved = ok(await app.put(`/data/orders/${order.id}`, { reason: 'x', onlyOpen: 'changed' }));
    expect(saved).toMatchObject({ reason: 'x', onlyOpen: 'written' });
  });

  test('decide what each record of a list shows', async () => {
    const names = ['shown', 'hidden', 'alone'];
    const bodies = [{ company: 'Open' }, { company: 'Closed', reason: 'x', approval: 'x' }, {}];
    for (const [index, body] of bodies.entries()) {
      ok(await app.post('/data/orders', { ...body, name: names[index], internal: 'secret' }));
    }
    const { items } = ok(await app.get('/data/orders?name=shown,hidden,alone&_sortField=name'));
    const shown = items.map(({ name, internal }: Record<string, unknown>) => [name, internal]);
    expect(shown).toEqual([
      ['alone', 'secret'],
      ['hidden', undefined],
      ['shown', 'secret'],
    ]);
  });
});

describe('the current user', () => {
  test('decides by its fields and by its record', async () => {
    const order = ok(await app.post('/data/orders', { mine: 'a', others: 'b' }));
    expect(order.mine).toBe('a');
    expect(order).not.toHaveProperty('others');
    const { userId, userName } = await currentUser();
    expect(complaints(await app.post('/data/orders', { seller: userId }))).toEqual([missing('note')]);
    expect(complaints(await app.post('/data/orders', { seller: userId, note: 'x' }))).toEqual([]);
    const [firstName] = userName.split(' ');
    expect(complaints(await app.post('/data/orders', { name: firstName }))).toEqual([missing('sellersName')]);
    expect(complaints(await app.post('/data/orders', { name: 'nobody' }))).toEqual([]);
  });
});

async function currentUser(): Promise<{ userId: string; userName: string }> {
  const { id, firstName } = ok(await app.get('/users/current'));
  return { userId: id, userName: firstName };
}

describe('the filter of a relationship', () => {
  const refused = (path: string) => `${path} invalid Record does not match the filter of the field`;

  test.each([
    [{ company: 'Open' }, []],
    [{ company: 'Closed' }, [refused('company')]],
    [{ region: 'north', regional: ['Open', 'Closed'] }, [refused('regional[1]')]],
    [{ regional: ['Open'] }, [refused('regional[0]')]],
    [{ lines: [{ company: 'Open' }, { company: 'Closed' }] }, [refused('lines[0].company')]],
  ])('holds for what %j refers to', async (body, expected) => {
    expect(complaints(await app.post('/data/tasks', body))).toEqual(expected);
  });

  test('names what was sent', async () => {
    const { body } = await app.post('/data/tasks', { company: 'Closed' });
    expect(body.errors[0].additionalInfo).toEqual({ rejectedValue: 'Closed' });
  });

  test('knows the record at hand', async () => {
    const task = ok(await app.post('/data/tasks', {}));
    const other = ok(await app.post('/data/tasks', { parent: task.id }));
    expect(complaints(await app.put(`/data/tasks/${other.id}`, { parent: other.id }))).toEqual([refused('parent')]);
  });

  test('is checked at every save, also for values that did not change or were put back', async () => {
    const { id } = ok(await app.post('/data/companies', { name: 'Closing', state: 'ACTIVE' }));
    const task = ok(await app.post('/data/tasks', { company: id, fixed: id }));
    ok(await app.put(`/data/companies/${id}`, { state: 'CLOSED' }));
    const again = await app.put(`/data/tasks/${task.id}`, { region: 'x', fixed: ids.Open });
    expect(complaints(again)).toEqual([refused('company'), refused('fixed')]);
    expect(again.body.errors[0].additionalInfo).toEqual({ rejectedValue: id });
    expect(complaints(await app.put(`/data/tasks/${task.id}`, { company: null, fixed: null }))).toEqual([]);
  });
});
