// The entities that the query documentation works with, an entity with every field type, and what a query needs around them.
import type { EntityAccess } from '../../src/context.ts';
import { FULL_ACCESS } from '../../src/context.ts';
import type { EntityModel, Field, IndexPlan } from '../../src/definitions/model.ts';
import type { AggregateEnv } from '../../src/query/aggregate.ts';
import { type ListQuery, parseList, type QueryEnv } from '../../src/query/list.ts';
import type { Predicate } from '../../src/query/predicate.ts';
import { entityOf, type FieldSketch } from './entities.ts';
import { ENV } from './fields.ts';

const options = (...names: string[]) => ({
  possibleValues: names.map((name) => ({ name, label: name.toUpperCase() })),
});
const text: FieldSketch = { type: 'text' };
const addressFields = { addressLine: text, zipCode: text, city: text, state: text };
const textIndex: IndexPlan = {
  name: 'nameDescription',
  keys: [
    ['data.name', 'text'],
    ['data.notes', 'text'],
  ],
  unique: false,
  partialFilter: null,
  kind: 'text',
};

export const skills = entityOf('skills', { name: text }, { collection: 'skills' });

export const companies = entityOf(
  'companies',
  {
    name: text,
    state: { type: 'choice', rules: options('pending', 'active', 'inactive') },
    type: { type: 'choice', rules: options('a', 'b', 'c') },
    numberOfEmployees: { type: 'integer' },
    isCustomer: { type: 'boolean' },
    contactInformation: { type: 'nestedFields', fields: { phoneNumber: { type: 'phone' }, email: { type: 'email' } } },
    addresses: { type: 'nestedFields', many: true, fields: addressFields },
    address: { type: 'nestedFields', fields: addressFields },
    email: { type: 'email' },
    notes: { type: 'longText' },
    rating: { type: 'bigNumber' },
    revenue: { type: 'money' },
    lastMeeting: { type: 'dateTime' },
    location: { type: 'geoPoint' },
    services: { type: 'text', many: true },
    secret: { type: 'text', sensitive: true },
    scratch: { type: 'text', transient: true },
  },
  { collection: 'companies', indexes: [textIndex] },
);

export const contacts = entityOf(
  'contacts',
  {
    company: {
      type: 'relationship',
      rules: { entity: 'companies' },
      to: companies,
      copies: ['type', 'isCustomer', 'contactInformation.email'],
    },
    firstName: text,
    lastName: text,
    email: { type: 'email' },
    address: { type: 'nestedFields', fields: addressFields },
    skills: { type: 'relationship', many: true, rules: { entity: 'skills' }, to: skills },
    numberOfSkills: { type: 'integer' },
  },
  { collection: 'contacts' },
);

/** One field of each type, and one list of each that can be one; the rules are those without which a type makes no sense. */
const RULES: Readonly<Record<string, FieldSketch>> = {
  choice: { type: 'choice', rules: options('one', 'Two') },
  maskedText: { type: 'maskedText', rules: { mask: '999-aaa' } },
  relationship: {
    type: 'relationship',
    rules: { entity: 'companies' },
    to: companies,
    copies: ['name', 'numberOfEmployees'],
  },
  nestedFields: { type: 'nestedFields', fields: { word: text, number: { type: 'integer' } } },
};
export const SINGLE_TYPES: readonly string[] = ['rank', 'autoIncrement', 'dateRecordCreated', 'dateRecordModified'];

/** `textOne`, `textMany`, … for the given types. */
export function entityOfTypes(types: readonly string[]): EntityModel {
  const sketches: Record<string, FieldSketch> = {};
  for (const type of types) {
    const sketch = RULES[type] ?? { type };
    sketches[`${type}One`] = sketch;
    if (!SINGLE_TYPES.includes(type)) sketches[`${type}Many`] = { ...sketch, many: true };
  }
  return entityOf('everything', sketches, { collection: 'everything' });
}

export const entities = (name: string): EntityModel | undefined =>
  [companies, contacts, skills].find((entity) => entity.name === name);

export const NO_SEALER = { hashes: () => [] };

/** Rights that hide fields by their path and let only some records be read. */
export function accessOf(hidden: readonly string[], read: EntityAccess['read'] = null): EntityAccess {
  return { ...FULL_ACCESS, read, allFields: false, canRead: (field: Field) => !hidden.includes(field.path) };
}

export const queryEnv = (access: EntityAccess = FULL_ACCESS): QueryEnv => ({ access, env: ENV });

/** Parses a query string as a list of an entity. */
export function list(entity: EntityModel, query: string, access: EntityAccess = FULL_ACCESS): ListQuery {
  return parseList(entity, [...new URLSearchParams(query)], queryEnv(access));
}

/** The filter of a query string. */
export const filterOf = (entity: EntityModel, query: string): Predicate => list(entity, query).filter;

/** An aggregate's surroundings; `access` by entity name, all rights for the others. */
export function aggregateEnv(
  access: Readonly<Record<string, EntityAccess>> = {},
  scope: AggregateEnv['scope'] = 'rest',
): AggregateEnv {
  return { accessTo: ({ name }) => access[name] ?? FULL_ACCESS, entities, env: ENV, sealer: NO_SEALER, scope };
}
