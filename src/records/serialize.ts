// Stored documents to API records (spec field-types §2.3, §2.9).
import { createHash } from 'node:crypto';
import type { EntityAccess } from '../context.ts';
import type { EntityModel, Field, StoredRecord } from '../definitions/model.ts';
import type { Json, ValueEnv } from '../fields/field-type.ts';
import type { Group } from './draft.ts';

/** Field names asked for with `_fields`, inner names below groups; null: everything. */
export type Selection = ReadonlyMap<string, Selection | null>;

/** A record of the API. */
export type ApiRecord = { [key: string]: Json };

export interface SerializeOptions {
  readonly access: EntityAccess;
  readonly env: ValueEnv;
  readonly selection: Selection | null;
  readonly format: 'native' | 'plainText';
  /** Concrete paths that a read access rule hides on this record. */
  readonly hidden: ReadonlySet<string>;
  /** Whole target records by relationship field and id, for `_relationshipsToFetch`. */
  readonly fetched: ReadonlyMap<Field, ReadonlyMap<string, ApiRecord>>;
}

/** One record as the API prints it: system fields first, every readable field present, empties as `null`, `[]` or `false`. */
export function serialize(entity: EntityModel, record: StoredRecord, options: SerializeOptions): ApiRecord {
  const out: ApiRecord = { id: record._id.toHexString(), version: record.version, label: record.label };
  printFields(record, entity.fields, record.data, out, options, options.selection, '');
  return out;
}

function printFields(
  record: StoredRecord,
  fields: readonly Field[],
  group: Readonly<Group>,
  out: ApiRecord,
  options: SerializeOptions,
  selection: Selection | null,
  prefix: string,
): void {
  for (const field of fields) {
    if (selection && !selection.has(field.name)) continue;
    if (!options.access.allFields && !options.access.canRead(field)) continue;
    const at = options.hidden.size === 0 ? '' : prefix + field.name;
    if (at && options.hidden.has(at)) continue;
    out[field.name] = printField(record, field, group[field.name], options, selection?.get(field.name) ?? null, at);
  }
}

function printField(
  record: StoredRecord,
  field: Field,
  value: unknown,
  options: SerializeOptions,
  selection: Selection | null,
  at: string,
): Json {
  if (field.fields.length > 0) return printNested(record, field, value, options, selection, at);
  if (field.transient) return null;
  if (field.many) {
    if (!Array.isArray(value)) return [];
    return value.map((item) => printValue(field, item, options));
  }
  const found = value ?? field.type.absent?.(record);
  if (found == null) return options.format === 'native' ? field.type.emptyNative : emptyText(field, options);
  return printValue(field, found, options);
}

function printValue(field: Field, value: unknown, options: SerializeOptions): Json {
  if (field.relationship) {
    const target = options.fetched.get(field)?.get(String((value as { _id?: unknown })._id));
    if (target) return target;
  }
  if (options.format === 'plainText') return field.type.plainText(value, field, options.env);
  return field.type.encode(value, field, options.env);
}

/** Plain text of an empty value: `""`, but booleans always say one of their words. */
function emptyText(field: Field, { env }: SerializeOptions): string {
  return field.type.emptyNative === null ? '' : field.type.plainText(field.type.emptyNative, field, env);
}

function printNested(
  record: StoredRecord,
  field: Field,
  value: unknown,
  options: SerializeOptions,
  selection: Selection | null,
  at: string,
): Json {
  const print = (group: Readonly<Group>, prefix: string): ApiRecord => {
    const out: ApiRecord = {
      id: group._id === undefined ? groupId(record, field) : String(group._id),
      label: typeof group._label === 'string' ? group._label : field.label,
    };
    printFields(record, field.fields, group, out, options, selection, prefix);
    return out;
  };
  if (!field.many) return print((value ?? {}) as Group, at && `${at}.`);
  return ((value as Group[] | undefined) ?? []).map((item, index) => print(item, at && `${at}[${index}].`));
}

/**
 * The id of a single nested group on a record that was stored before the group existed: the same at every read, so that clients
 * can rely on it, and 24 hex characters like all ids.
 */
function groupId(record: StoredRecord, field: Field): string {
  return createHash('sha256').update(`${record._id.toHexString()}:${field.path}`).digest('hex').slice(0, 24);
}
