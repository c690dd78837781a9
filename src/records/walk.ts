// Walking a record's data along its fields: every value with its concrete path.
import type { Field } from '../definitions/model.ts';
import type { Group } from './draft.ts';

/** Called for one non-empty value that is not a nested group: a list element or a single value. */
export type ValueVisitor = (
  field: Field,
  value: unknown,
  at: string,
  container: Group | unknown[],
  key: string | number,
) => void;

/** Visits every non-empty scalar value below `group`, list elements one by one, in declaration order. */
export function visitValues(fields: readonly Field[], group: Group, visit: ValueVisitor, prefix = ''): void {
  for (const field of fields) {
    const value = group[field.name];
    if (value == null) continue;
    const at = prefix ? `${prefix}.${field.name}` : field.name;
    if (Array.isArray(value)) {
      value.forEach((item, index) => {
        if (field.fields.length) visitValues(field.fields, item as Group, visit, `${at}[${index}]`);
        else if (item !== null) visit(field, item, `${at}[${index}]`, value, index);
      });
    } else if (field.fields.length) visitValues(field.fields, value as Group, visit, at);
    else visit(field, value, at, group, field.name);
  }
}

/** Called for every field of every group: the group that holds it, and the concrete path of the field. */
export type FieldVisitor = (field: Field, group: Group, at: string) => void;

/** Visits every field, empty ones too, in each group and list element that exists; groups before their inner fields. */
export function visitFields(fields: readonly Field[], group: Group, visit: FieldVisitor, prefix = ''): void {
  for (const field of fields) {
    const at = prefix ? `${prefix}.${field.name}` : field.name;
    visit(field, group, at);
    if (field.fields.length === 0) continue;
    const value = group[field.name];
    if (Array.isArray(value)) {
      value.forEach((item, index) => {
        visitFields(field.fields, item as Group, visit, `${at}[${index}]`);
      });
    } else if (value) visitFields(field.fields, value as Group, visit, at);
  }
}

/** Is a field's value empty in the sense of `required` (spec entity-model §2.4)? A group is when all inner values are. */
export function isEmptyField(field: Field, value: unknown): boolean {
  if (value == null) return true;
  if (field.many) return (value as unknown[]).length === 0;
  return field.fields.length ? isEmptyGroup(field.fields, value as Group) : field.type.isEmpty(value);
}

/** True when no inner field has a value; booleans and server-made values do not count, since they are always there. */
export function isEmptyGroup(fields: readonly Field[], group: Group): boolean {
  return fields.every((field) => {
    if (field.type.emptyNative !== null && group[field.name] !== true) return true;
    return isEmptyField(field, group[field.name]);
  });
}
