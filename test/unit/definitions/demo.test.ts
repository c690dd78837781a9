// The demo app is exactly the complete example of spec entity-model §6, compiled.
import { describe, expect, it } from 'vitest';
import { DEMO, entityOf, fieldOf, loadFolder } from './app.ts';

describe('the demo app', async () => {
  const definitions = await loadFolder(DEMO);
  const shapeOf = (entity: string): string[] =>
    entityOf(definitions, entity).allFields.map(
      ({ path, label, type, many }) => `${path} | ${label} | ${type.name}${many ? '[]' : ''}`,
    );

  it('loads without a warning', () => {
    expect(definitions.warnings).toEqual([]);
    expect(definitions.groups.all.map(({ name }) => name)).toEqual(['sales', 'developers']);
  });

  it('has the fields of the example', () => {
    expect(shapeOf('companies')).toEqual([
      'name | Name | text',
      'state | State | choice',
      'type | Type | choice',
      'numberOfEmployees | Number of employees | integer',
      'isCustomer | Is customer | boolean',
      'contactInformation | Contact Information | nestedFields',
      'contactInformation.phoneNumber | Phone number | phone',
      'contactInformation.email | Email | email',
      'addresses | Addresses | nestedFields[]',
      'addresses.addressLine | Address line | text',
      'addresses.zipCode | Zip code | text',
      'addresses.city | City | text',
      'addresses.state | State | text',
      'homepage | Homepage | url',
      'taxId | Tax ID | text',
      'rating | Rating | bigNumber',
      'notes | Notes | longText',
      'lastMeeting | Last meeting | dateTime',
      'lastUpdate | Last update | dateRecordModified',
    ]);
    expect(shapeOf('contacts')).toEqual([
      'company | Company | relationship',
      'firstName | First name | text',
      'lastName | Last name | text',
      'email | Email | email',
      'address | Address | nestedFields',
      'address.addressLine | Address line | text',
      'address.zipCode | Zip code | text',
      'address.city | City | text',
      'address.state | State | text',
      'skills | Skills | relationship[]',
      'numberOfSkills | Number of skills | integer',
    ]);
    expect(shapeOf('skills')).toEqual(['name | Name | text']);
  });

  it('has its rules', () => {
    expect(fieldOf(definitions, 'companies', 'name')).toMatchObject({
      unique: true,
      indexable: true,
      required: { kind: 'always' },
    });
    expect(fieldOf(definitions, 'companies', 'state').defaultValue).toEqual({ kind: 'literal', value: 'active' });
    expect(fieldOf(definitions, 'companies', 'contactInformation').labelRule).toEqual({ kind: 'static' });
    expect(fieldOf(definitions, 'companies', 'addresses').labelRule).toMatchObject({
      kind: 'hook',
      hook: { fn: 'addressesLabel', file: 'companies.js', params: ['record', 'nested'] },
    });
    expect(fieldOf(definitions, 'companies', 'addresses.zipCode')).toMatchObject({
      insideMany: true,
      storagePath: 'data.addresses.zipCode',
    });
    expect(fieldOf(definitions, 'contacts', 'numberOfSkills').calculation).toMatchObject({
      kind: 'hook',
      hook: { fn: 'numberOfSkillsValueCalculation' },
    });
    expect(entityOf(definitions, 'contacts').labelRule).toMatchObject({
      kind: 'hook',
      hook: { fn: 'contactsRecordNameScript' },
    });
    expect(entityOf(definitions, 'companies').labelRule).toMatchObject({ kind: 'field', field: { path: 'name' } });
    const { company, skills } = Object.fromEntries(entityOf(definitions, 'contacts').fieldByName);
    expect(company?.relationship).toMatchObject({
      entity: 'companies',
      deletePolicy: 'none',
      filter: null,
      labelUpdatePolicy: true,
    });
    expect(company?.relationship?.copiedFields).toEqual([
      fieldOf(definitions, 'companies', 'type'),
      fieldOf(definitions, 'companies', 'isCustomer'),
    ]);
    expect(skills?.relationship).toMatchObject({ entity: 'skills', deletePolicy: 'removeRelationship' });
  });

  it('has its actions and indexes', () => {
    const { actions, audit } = entityOf(definitions, 'companies');
    expect([...actions.values()].map(({ name, type, script }) => `${name} ${type} ${script?.fn}`)).toEqual([
      'logSomething oneRecord logSomethingAction',
      'customResponse oneRecord customResponseAction',
      'countEmployees manyRecords countEmployeesAction',
    ]);
    expect(audit?.script.size).toBe(4);
    expect(audit?.keepAfterDelete).toBeNull();
    const names = (entity: string): string[] => entityOf(definitions, entity).indexes.map(({ name }) => name);
    expect(names('companies')).toEqual(['data.name', 'data.name__id']);
    expect(names('contacts')).toEqual(['data.company._id', 'data.company.label', 'data.email']);
    expect(names('skills')).toEqual(['data.name']);
  });

  it('says what each entity has', () => {
    const has = { conditions: false, sensitive: false };
    expect(entityOf(definitions, 'companies').has).toEqual({
      ...has,
      hooks: true,
      defaults: true,
      calculations: false,
      unique: true,
      relationships: false,
    });
    expect(entityOf(definitions, 'contacts').has).toEqual({
      ...has,
      hooks: true,
      defaults: false,
      calculations: true,
      unique: false,
      relationships: true,
    });
    expect(entityOf(definitions, 'skills').has).toEqual({
      ...has,
      hooks: false,
      defaults: false,
      calculations: false,
      unique: true,
      relationships: false,
    });
  });

  it('is frozen', () => {
    const company = entityOf(definitions, 'companies');
    for (const part of [
      definitions,
      definitions.listeners,
      company,
      company.fields,
      company.has,
      ...company.allFields,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    expect(Object.isFrozen(fieldOf(definitions, 'contacts', 'company').relationship)).toBe(true);
  });
});
