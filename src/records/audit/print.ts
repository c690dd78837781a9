// Audit entries as the API prints them, without what the caller may not see (spec auth-jobs-logs-files §8.3).
import type { EntityAccess } from '../../context.ts';
import type { EntityModel, Field } from '../../definitions/model.ts';
import type { Json } from '../../fields/field-type.ts';
import { isObject, type JsonObject } from '../../fields/references.ts';
import { MASK } from '../secrets.ts';
import type { Values } from './changes.ts';
import type { AuditDocument } from './entry.ts';
import { type AuditEventType, categoryOf } from './events.ts';

/** An entry of the API. */
export interface AuditEntry {
  readonly id: string;
  readonly entityId: string;
  readonly entityName: string;
  readonly entityVersion: number;
  readonly recordId: string;
  readonly recordName: string;
  readonly user: string;
  readonly timestamp: number;
  readonly ip: string | null;
  readonly eventType: AuditEventType;
  readonly eventCategory: string;
  readonly contextPath: string;
  readonly recordDeleted: true | null;
  readonly deletionDate: number | null;
  readonly oldRecord: JsonObject;
  readonly newRecord: JsonObject;
}

export function printEntry(entity: EntityModel, access: EntityAccess, entry: AuditDocument): AuditEntry {
  const print = (values: Values): JsonObject => {
    const visible = visibleValues(entity.fieldByName, access, values);
    return entry.whole ? visible : withText(visible);
  };
  return {
    id: entry._id.toHexString(),
    entityId: entity.id,
    entityName: entity.name,
    entityVersion: entry.entityVersion,
    recordId: entry.record.toHexString(),
    recordName: entry.recordName,
    user: entry.user,
    timestamp: entry.timestamp.getTime(),
    ip: entry.ip,
    eventType: entry.event,
    eventCategory: categoryOf(entry.event),
    contextPath: entry.contextPath,
    recordDeleted: entry.deleted ? true : null,
    deletionDate: entry.deleted?.getTime() ?? null,
    oldRecord: print(entry.old),
    newRecord: print(entry.new),
  };
}

/**
 * Values that the caller may see now: rights and definitions may have changed since. A read rule that depends on the record hides
 * its field altogether, since the states that entries show can't be asked any more; fields that are gone are for those without limits.
 */
function visibleValues(fields: ReadonlyMap<string, Field>, access: EntityAccess, values: JsonObject): JsonObject {
  const visible: Record<string, Json> = {};
  for (const [name, value = null] of Object.entries(values)) {
    const field = fields.get(name);
    if (field ? isVisible(field, access) : access.allFields) visible[name] = visibleValue(field, access, value);
  }
  return visible;
}

function isVisible(field: Field, access: EntityAccess): boolean {
  return field.readAccess.kind === 'always' && !field.transient && access.canRead(field);
}

function visibleValue(field: Field | undefined, access: EntityAccess, value: Json): Json {
  if (!field || value === null) return value;
  if (field.sensitive) return MASK;
  if (field.fields.length === 0) return value;
  if (Array.isArray(value)) return value.map((item) => visibleValue(field, access, item));
  return isObject(value) ? visibleGroup(field, access, value) : value;
}

/** What identifies a group is no field of it. */
function visibleGroup(field: Field, access: EntityAccess, group: JsonObject): JsonObject {
  const { id = null, nestedFieldLabel = null, label = null, ...inner } = group;
  return { ...visibleValues(field.fieldByName, access, inner), id, nestedFieldLabel, label };
}

function withText(values: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(values).map(([name, json = null]) => [
      name,
      { json, text: json === null ? '{}' : `{${name}:${textOf(json)}}` },
    ]),
  );
}

function textOf(json: Json | undefined): string {
  if (Array.isArray(json)) return `[${json.map(textOf).join(',')}]`;
  if (!isObject(json)) return String(json ?? null);
  return `{${Object.entries(json)
    .map(([key, value]) => `${key}:${textOf(value)}`)
    .join(',')}}`;
}
