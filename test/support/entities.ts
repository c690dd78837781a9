// Compiled entities made in a line or two, for tests that need a model but no definitions files.
import type { EntityModel, Field, IndexPlan } from '../../src/definitions/model.ts';
import type { FieldType } from '../../src/fields/field-type.ts';
import { resolveFieldType } from '../../src/fields/index.ts';

/** A field in short: its type (a name, or a type made up by the test) and what differs from the defaults. */
export type FieldSketch = Partial<Omit<Field, 'type' | 'fields' | 'relationship'>> & {
  readonly type: string | FieldType;
  readonly fields?: Readonly<Record<string, FieldSketch>>;
  readonly rules?: Readonly<Record<string, unknown>>;
  /** Target of a relationship and the paths it copies. */
  readonly to?: EntityModel;
  readonly copies?: readonly string[];
};

const ALWAYS = { kind: 'always' } as const;

/** A compiled entity with the given fields; `over` replaces whatever else matters to a test. */
export function entityOf(
  name: string,
  sketches: Readonly<Record<string, FieldSketch>>,
  over: Partial<EntityModel> & { readonly indexes?: readonly IndexPlan[] } = {},
): EntityModel {
  const fields = Object.entries(sketches).map(([fieldName, sketch]) => fieldOf(fieldName, sketch, null));
  const allFields = fields.flatMap(withInner);
  return {
    id: '0'.repeat(24),
    name,
    label: name,
    kind: 'data',
    version: 1,
    abstract: false,
    served: true,
    collection: `records.${name}`,
    fields,
    fieldByName: new Map(fields.map((field) => [field.name, field])),
    fieldByPath: new Map(allFields.map((field) => [field.path, field])),
    allFields,
    labelRule: { kind: 'id' },
    lookupFields: [],
    recordValidations: [],
    indexes: [],
    audit: null,
    actions: new Map(),
    parentEntity: null,
    enableDetailedLogging: false,
    has: {
      hooks: false,
      defaults: false,
      calculations: false,
      conditions: false,
      sensitive: allFields.some((field) => field.sensitive),
      unique: false,
      relationships: allFields.some((field) => field.relationship),
    },
    description: '',
    ...over,
  };
}

function fieldOf(name: string, sketch: FieldSketch, parent: Field | null): Field {
  const { type: typeOrName, fields: inner = {}, rules = {}, to, copies = [], ...over } = sketch;
  const type = typeof typeOrName === 'string' ? resolveFieldType(typeOrName) : typeOrName;
  if (!type) throw new Error(`No field type [${String(typeOrName)}]`);
  const path = parent ? `${parent.path}.${name}` : name;
  const many = over.many ?? false;
  const field: Field = {
    name,
    label: name,
    path,
    storagePath: `data.${path}`,
    type,
    options: optionsOf(type, rules),
    display: {},
    many,
    insideMany: many || (parent?.insideMany ?? false),
    parent,
    fields: [],
    fieldByName: new Map(),
    labelRule: Object.keys(inner).length > 0 ? { kind: 'static' } : null,
    required: { kind: 'never' },
    readAccess: ALWAYS,
    writeAccess: ALWAYS,
    defaultValue: null,
    calculation: null,
    validation: null,
    unique: false,
    indexable: false,
    transient: false,
    sensitive: false,
    relationship: to ? relationshipTo(to, copies) : null,
    ...over,
  };
  const fields = Object.entries(inner).map(([innerName, innerSketch]) => fieldOf(innerName, innerSketch, field));
  return Object.assign(field, { fields, fieldByName: new Map(fields.map((each) => [each.name, each])) });
}

function relationshipTo(target: EntityModel, copies: readonly string[]): Field['relationship'] {
  return {
    entity: target.name,
    filter: null,
    copiedFields: copies.map((path) => {
      const field = target.fieldByPath.get(path);
      if (!field) throw new Error(`Entity [${target.name}] has no field [${path}]`);
      return field;
    }),
    deletePolicy: 'none',
    labelUpdatePolicy: true,
    copiedFieldsUpdatePolicy: true,
  };
}

function optionsOf(type: FieldType, rules: Readonly<Record<string, unknown>>): unknown {
  const complain = (key: string, message: string): never => {
    throw new Error(`${key}: ${message}`);
  };
  return type.options?.({
    rules,
    display: {},
    error: complain,
    warn: () => undefined,
    entityRef: () => undefined,
    condition: () => ALWAYS,
    hook: () => null,
  } as Parameters<FieldType['options']>[0]);
}

function withInner(field: Field): Field[] {
  return [field, ...field.fields.flatMap(withInner)];
}
