// Schemas of records: as answers show them, and as bodies may write them, each with the fields that the reader may know of.
import type { EntityAccess } from '../../context.ts';
import type { EntityModel, Field } from '../../definitions/model.ts';
import type { Part } from './components.ts';

const ID = { type: 'string', pattern: '^[0-9a-f]{24}$', description: 'Id, 24 hex digits' };

export const canSee = (access: EntityAccess, field: Field): boolean =>
  field.readAccess.kind !== 'never' && (access.allFields || access.canRead(field));

export const canSet = (access: EntityAccess, field: Field): boolean =>
  !field.type.automatic &&
  field.calculation === null &&
  field.writeAccess.kind !== 'never' &&
  (access.allFields || access.canWrite(field));

/** A record as answers show it. */
export function recordSchema(entity: EntityModel, access: EntityAccess): Part {
  return {
    type: 'object',
    title: entity.label,
    ...(entity.description && { description: entity.description }),
    required: ['id', 'version', 'label'],
    properties: {
      id: ID,
      version: { type: 'integer', description: 'Grows by one with every change' },
      label: { type: 'string', description: 'What the record is called' },
      ...properties(entity.fields, access, readSchema),
    },
  };
}

/** The body of a create or an update. */
export function bodySchema(entity: EntityModel, access: EntityAccess, operation: 'create' | 'update'): Part {
  const required = entity.fields.filter((field) => mustSend(field) && canSet(access, field)).map(({ name }) => name);
  const isUpdate = operation === 'update';
  return {
    type: 'object',
    title: `${entity.label}, to be ${isUpdate ? 'changed' : 'created'}`,
    ...(!isUpdate && required.length > 0 && { required }),
    properties: {
      ...(isUpdate && {
        version: { type: 'integer', description: 'The version that was read: any other one now is a 409' },
      }),
      ...properties(entity.fields, access, writeSchema),
    },
  };
}

/** Parameters of an action. */
export function parametersSchema(title: string, fields: readonly Field[]): Part {
  const required = fields.filter(mustSend).map(({ name }) => name);
  return {
    type: 'object',
    title,
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(fields.map((field) => [field.name, described(field, writtenValue(field))])),
  };
}

type SchemaOf = (field: Field, access: EntityAccess) => Part | null;

function properties(fields: readonly Field[], access: EntityAccess, of: SchemaOf): Record<string, Part> {
  const found = fields.flatMap((field): [string, Part][] => {
    const schema = of(field, access);
    return schema ? [[field.name, described(field, schema)]] : [];
  });
  return Object.fromEntries(found);
}

function readSchema(field: Field, access: EntityAccess): Part | null {
  if (!canSee(access, field)) return null;
  const readOnly = (field.type.automatic || field.calculation !== null) && { readOnly: true };
  if (field.fields.length === 0) return { ...several(field, field.type.schema(field)), ...readOnly };
  const group = {
    type: 'object',
    properties: { id: ID, label: { type: 'string' }, ...properties(field.fields, access, readSchema) },
  };
  // a single group is on every record
  return { ...(field.many ? { type: 'array', items: group } : group), ...readOnly };
}

function writeSchema(field: Field, access: EntityAccess): Part | null {
  if (!canSet(access, field)) return null;
  if (field.fields.length === 0) return writtenValue(field);
  const known = field.many && { id: { type: 'string', description: 'Of an element that is there already' } };
  return several(field, {
    type: 'object',
    properties: { ...known, ...properties(field.fields, access, writeSchema) },
  });
}

function writtenValue(field: Field): Part {
  const { type } = field;
  return several(field, type.inputSchema?.(field) ?? type.schema(field));
}

/** A list, or one value that may be empty. */
function several(field: Field, one: Part): Part {
  if (field.many) return { type: 'array', items: one };
  if (field.type.emptyNative !== null) return one;
  // an enum would have to name null as well
  if (typeof one.type === 'string' && one.enum === undefined) return { ...one, type: [one.type, 'null'] };
  return { anyOf: [one, { type: 'null' }] };
}

/** Has to be in the body of a create. */
function mustSend(field: Field): boolean {
  return field.required.kind === 'always' && field.defaultValue === null && field.type.supports.required;
}

function described(field: Field, schema: Part): Part {
  const own = typeof schema.description === 'string' ? [schema.description] : [];
  const description = [...own, ...facts(field)].map((text) => `${text}.`).join(' ');
  return { ...schema, title: field.label, ...(description && { description }) };
}

function facts(field: Field): string[] {
  const { relationship, required, defaultValue, calculation, type } = field;
  const is = (holds: boolean, text: string): string[] => (holds ? [text] : []);
  return [
    ...is(relationship !== null, `A record of \`${relationship?.entity}\``),
    ...is(required.kind === 'always', 'Required'),
    ...is(required.kind === 'filter' || required.kind === 'hook', 'Required under a condition'),
    ...is(field.unique, 'No two records have the same value'),
    ...is(defaultValue?.kind === 'literal', `Default: \`${JSON.stringify(defaultLiteral(field))}\``),
    ...is(defaultValue?.kind === 'currentDate', 'Default: the moment of creation'),
    ...is(defaultValue?.kind === 'hook', 'Has a computed default'),
    ...is(calculation !== null, 'Computed by the server'),
    ...is(type.automatic, 'Set by the server'),
    ...is(field.transient, 'Never stored: answers have null'),
    ...is(field.sensitive, 'Stored encrypted'),
    ...is(field.readAccess.kind === 'filter' || field.readAccess.kind === 'hook', 'Absent where a rule hides it'),
  ];
}

function defaultLiteral({ defaultValue }: Field): unknown {
  return defaultValue?.kind === 'literal' ? defaultValue.value : null;
}
