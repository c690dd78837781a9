// `relationship`: a reference to a record with its label and copied fields (spec field-types §4.27).
import type { ObjectId } from 'mongodb';
import type { EntityModel, Field, StoredRecord } from '../definitions/model.ts';
import { copyFields, encodeCopies, type StoredGroup } from './copies.ts';
import {
  type Decoded,
  type FieldType,
  type Json,
  type LookupTry,
  type OptionReader,
  PendingLookup,
  Problem,
} from './field-type.ts';
import { plainTextOf, schemaOf } from './native.ts';
import { emptiness, like, negate } from './operators.ts';
import {
  firstGiven,
  idEquality,
  idOrText,
  isBlank,
  isObject,
  type JsonObject,
  labelEquality,
  readId,
} from './references.ts';

export { copiedPath } from './copies.ts';

/** A reference as it is stored. */
export interface StoredReference {
  readonly _id: ObjectId;
  readonly label: string;
  readonly __label_lower_case__: string;
  /** 24-hex id of the target entity. */
  readonly entityId: string;
  /** Values of the copied fields by their path in the target. */
  readonly availableFields?: StoredGroup;
}

/** What the type itself needs; policies and copied fields are the `relationship` rule of the compiled field. */
export interface RelationshipOptions {
  /** Full name of the target entity. */
  readonly entity: string;
  /** Path of the copied field that plain text shows instead of the label. */
  readonly shownField: string | null;
}

/** Keys of a sent record that never name a lookup field. */
const SYSTEM_KEYS: ReadonlySet<string> = new Set(['id', 'label', 'version', 'entity', 'link']);

/**
 * The stored form of a reference.
 * @param target the target's entity
 * @param kept the value as it was stored, when the reference is not new: policies that forbid updates keep its label and copies
 */
export function storeReference(
  target: Pick<EntityModel, 'id'>,
  record: Pick<StoredRecord, '_id' | 'label' | 'data'>,
  field: Field,
  kept?: { readonly _id: ObjectId },
): StoredReference {
  const before = kept as StoredReference | undefined;
  const rule = field.relationship;
  const keepsLabel = before?.label !== undefined && rule?.labelUpdatePolicy === false;
  const keepsCopies = before !== undefined && rule?.copiedFieldsUpdatePolicy === false;
  const label = keepsLabel ? before.label : record.label;
  const copied = keepsCopies ? before.availableFields : copyFields(field, record.data);
  return {
    _id: record._id,
    label,
    __label_lower_case__: label.toLowerCase(),
    entityId: target.id,
    ...(copied && { availableFields: copied }),
  };
}

function decode(input: Json, field: Field<RelationshipOptions>): Decoded<StoredReference> {
  if (isBlank(input)) return null;
  const tries = isObject(input) ? objectTries(input) : bareTries(input);
  if (tries === null || tries instanceof Problem) return tries;
  return new PendingLookup({ target: { records: field.options.entity }, tries, rejected: input });
}

function bareTries(input: Json): readonly LookupTry[] | Problem {
  if (typeof input !== 'string' && typeof input !== 'number') {
    return new Problem('invalidStructure', 'Field must be an object', input);
  }
  const text = String(input);
  const id = readId(text);
  const byName: readonly LookupTry[] = [
    { by: 'label', label: text },
    { by: 'field', field: null, value: input },
  ];
  return id ? [{ by: 'id', id }, ...byName] : byName;
}

/** Of several keys the first of id, label and lookup fields counts; the target's own order of lookup fields is the lookup's matter. */
function objectTries(input: JsonObject): readonly LookupTry[] | Problem | null {
  const [key, value] = firstGiven(input, ['id', 'label']) ?? [null, null];
  if (key === 'id') {
    const id = readId(value);
    return id ? [{ by: 'id', id }] : new Problem('notFound', 'Related record was not found', input);
  }
  if (key === 'label' && typeof value !== 'object') return [{ by: 'label', label: String(value) }];
  if (key === 'label') return new Problem('invalidStructure', 'Invalid structure', input);
  const others = Object.entries(input).filter(([name, other]) => !SYSTEM_KEYS.has(name) && !isBlank(other));
  if (others.length === 0) return null;
  const tries = others.flatMap(([field, other]): LookupTry[] =>
    other === undefined || typeof other === 'object' ? [] : [{ by: 'field', field, value: other }],
  );
  return tries.length > 0 ? tries : new Problem('invalidStructure', 'Invalid structure', input);
}

function options(reader: OptionReader): RelationshipOptions {
  const { rules, display } = reader;
  const entity = typeof rules.entity === 'string' ? rules.entity.trim() : '';
  if (entity) reader.entityRef('typeRules.entity', entity);
  else reader.error('typeRules.entity', 'must be the full name of an entity');
  readFilter(reader, entity);
  const { displayValue } = display;
  return { entity, shownField: typeof displayValue === 'string' ? displayValue.replace(/^fields\//, '') : null };
}

/** Registers the filter of the target; the loader keeps it in the relationship's rule. */
function readFilter(reader: OptionReader, entity: string): void {
  const rule = reader.rules.filteringRules;
  if (rule === undefined || rule === null || rule === 'none') return;
  const filters = typeof rule === 'object' ? (rule as { readonly filters?: unknown }).filters : undefined;
  if (filters !== undefined && filters !== null) reader.condition('typeRules.filteringRules.filters', filters, entity);
  else reader.error('typeRules.filteringRules', 'must be a map with the filter under "filters"');
}

function plainText(
  value: StoredReference,
  { options, relationship }: Field<RelationshipOptions>,
  env: Parameters<typeof plainTextOf>[2],
): string {
  const shown = options.shownField && relationship?.copiedFields.find(({ path }) => path === options.shownField);
  if (!shown) return value.label;
  const stored = shown.path
    .split('.')
    .reduce<unknown>((group, name) => (group as StoredGroup | undefined)?.[name], value.availableFields);
  return plainTextOf(shown, stored, env);
}

const onLabel = labelEquality<RelationshipOptions>();
const equals = idOrText('label', onLabel.equals);
const likeLabel = like<RelationshipOptions>({ suffixes: ['.label'] });

export const relationship: FieldType<RelationshipOptions, StoredReference> = {
  name: 'relationship',
  supports: {
    many: true,
    default: true,
    unique: true,
    required: true,
    indexable: true,
    sensitive: true,
    calculated: true,
    aggregatable: false,
  },
  automatic: false,
  lifecycle: null,
  textLike: false,
  emptyNative: null,
  options,
  decode,
  fromCsv: decode,
  check: () => null,
  encode: (value, field, env) => ({
    id: String(value._id),
    label: value.label,
    ...encodeCopies(field, value.availableFields ?? {}, env),
  }),
  plainText,
  toCsv: (value) => value.label,
  equal: (a, b) => a._id.equals(b._id),
  isEmpty: () => false,
  operators: { equals, notEquals: negate(equals), ...likeLabel, ...emptiness() },
  subPaths: {
    id: { ...idEquality(), ...emptiness() },
    label: { ...onLabel, ...likeLabel, ...emptiness() },
  },
  order: { sort: '.__label_lower_case__', group: '._id', minMax: false, firstLast: true },
  uniqueKey: { of: (value) => value._id, suffix: '._id' },
  indexSuffixes: ['._id', '.label'],
  indexKind: 1,
  schema: (field) => ({
    type: 'object',
    properties: {
      id: { type: 'string', pattern: '^[0-9a-f]{24}$' },
      label: { type: 'string' },
      ...Object.fromEntries((field.relationship?.copiedFields ?? []).filter(({ parent }) => !parent).map(copySchema)),
    },
  }),
  inputSchema: () => REFERENCE_INPUT,
};

/** What a reference may be written as: by id, label or lookup value, bare or under its key. */
const REFERENCE_INPUT = {
  anyOf: [
    { type: 'string', description: 'Id, label or lookup value' },
    {
      type: 'object',
      description: 'By `id`, else by `label`, else by a lookup field',
      properties: { id: { type: 'string' }, label: { type: 'string' } },
    },
  ],
} as const;

/** Copies of references and groups stay shallow: entities that copy each other have no end. */
function copySchema(field: Field): readonly [string, unknown] {
  const isDeep = field.relationship !== null || field.fields.length > 0;
  if (!isDeep) return [field.name, schemaOf(field)];
  return [field.name, field.many ? { type: 'array', items: { type: 'object' } } : { type: ['object', 'null'] }];
}
