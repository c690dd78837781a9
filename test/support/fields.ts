// Compiles one field without the loader, and the small steps tests take with it.
import type { Condition, Field } from '../../src/definitions/model.ts';
import {
  type GroupRef,
  type Json,
  type Operand,
  type OperandEnv,
  type OperatorName,
  PendingLookup,
  Problem,
} from '../../src/fields/field-type.ts';
import { resolveFieldType } from '../../src/fields/index.ts';
import type { Predicate } from '../../src/query/predicate.ts';

/** A field as definitions spell it (spec entity-model §1.2), as far as types care. */
export interface FieldDefinition {
  readonly type: string;
  readonly name?: string;
  readonly label?: string;
  readonly multiplicity?: 'one' | 'many';
  readonly typeRules?: Readonly<Record<string, unknown>>;
  /** Effective display options: app-wide defaults and `uiOptions` in one. */
  readonly uiOptions?: Readonly<Record<string, unknown>>;
  readonly sensitiveData?: boolean;
  readonly nestedFields?: readonly FieldDefinition[];
}

export interface CompiledField {
  readonly field: Field;
  /** `key: message` of every complaint. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Groups that every test knows. */
export const GROUPS: readonly GroupRef[] = [
  { id: '5a0000000000000000000001', name: 'admins', label: 'Administrators' },
  { id: '5a0000000000000000000002', name: 'readOnly', label: 'Read-only user' },
];

/** Tuesday 2016-07-12, 14:30 in New York. */
export const ENV: OperandEnv = {
  zone: 'America/New_York',
  now: Date.UTC(2016, 6, 12, 18, 30),
  language: 'english',
  ignoreCase: false,
  groups: {
    byId: (id) => GROUPS.find((group) => group.id === id),
    byName: (name) => GROUPS.find((group) => group.name === name),
    all: GROUPS,
  },
};

/** Compiles a definition and keeps the complaints. */
export function compileField(definition: FieldDefinition, parent: Field | null = null): CompiledField {
  const type = resolveFieldType(definition.type);
  if (!type) throw new Error(`No field type [${definition.type}]`);
  const errors: string[] = [];
  const warnings: string[] = [];
  const name = definition.name ?? 'value';
  const path = parent ? `${parent.path}.${name}` : name;
  const many = definition.multiplicity === 'many';
  const display = definition.uiOptions ?? {};
  const options = type.options({
    rules: definition.typeRules ?? {},
    display,
    error: (key, message) => errors.push(`${key}: ${message}`),
    warn: (key, message) => warnings.push(`${key}: ${message}`),
    entityRef: () => {},
    condition: (_key, value) => conditionOf(value),
    hook: (_key, value) => ({ file: 'test.js', fn: value.replace(/^js\//, ''), params: [], ref: value }),
  });
  const field: Field = {
    name,
    label: definition.label ?? name,
    path,
    storagePath: `data.${path}`,
    type,
    options,
    display,
    many,
    insideMany: many || (parent?.insideMany ?? false),
    parent,
    fields: [],
    fieldByName: new Map(),
    labelRule: definition.nestedFields ? { kind: 'static' } : null,
    required: { kind: 'never' },
    readAccess: { kind: 'always' },
    writeAccess: { kind: 'always' },
    defaultValue: null,
    calculation: null,
    validation: null,
    unique: false,
    indexable: false,
    transient: false,
    sensitive: definition.sensitiveData ?? false,
    relationship: null,
  };
  const inner = (definition.nestedFields ?? []).map((child) => compileField(child, field));
  const fields = inner.map((child) => child.field);
  Object.assign(field, { fields, fieldByName: new Map(fields.map((child) => [child.name, child])) });
  return {
    field,
    errors: [...errors, ...inner.flatMap((child) => child.errors)],
    warnings: [...warnings, ...inner.flatMap((child) => child.warnings)],
  };
}

/** A field whose definition must be without mistakes. */
export function fieldOf(definition: FieldDefinition): Field {
  const { field, errors } = compileField(definition);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return field;
}

/** The stored value of an input that must be good; undefined for an empty one, as in a record. */
export function store(field: Field, input: Json, stored: unknown = null): unknown {
  const value = field.type.decode(input, field, ENV, stored);
  if (value instanceof Problem) throw new Error(`${JSON.stringify(input)}: ${value.code}, ${value.message}`);
  if (value instanceof PendingLookup) throw new Error(`${JSON.stringify(input)} needs a lookup`);
  return value ?? undefined;
}

/** The native JSON of a stored value, or of an empty one. */
export function native(field: Field, value: unknown): Json {
  return value === undefined || value === null ? field.type.emptyNative : field.type.encode(value, field, ENV);
}

/** An operator compiled for a field; a Problem when it is missing or refused. */
export function compileOperator(
  field: Field,
  operator: OperatorName,
  operands: readonly Json[],
  options: { readonly subPath?: string; readonly env?: Partial<OperandEnv>; readonly quoted?: boolean } = {},
): Predicate | Problem {
  const table = options.subPath === undefined ? field.type.operators : field.type.subPaths?.[options.subPath];
  const compile = table?.[operator];
  if (!compile) return new Problem('badRequest', `Operator [${operator}] is not supported`);
  const written = operands.map((value): Operand => ({ value, quoted: options.quoted ?? false }));
  return compile(written, field, field.storagePath, { ...ENV, ...options.env });
}

function conditionOf(value: unknown): Condition {
  if (value === undefined || value === null || value === 'always' || value === 'none') return { kind: 'always' };
  if (value === 'never') return { kind: 'never' };
  return { kind: 'hook', hook: { file: 'test.js', fn: 'condition', params: [], ref: String(value) } };
}
