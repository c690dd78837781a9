// Rows of an aggregate as JSON: every column in the native form of its field, whatever stages it went through.
import type { Document } from 'mongodb';
import { Long, type ObjectId } from 'mongodb';
import type { Field } from '../definitions/model.ts';
import type { Json, ValueEnv } from '../fields/field-type.ts';
import type { Sealer } from '../fields/sealed.ts';
import { isDocument } from './compare.ts';
import {
  type BundleColumn,
  type Column,
  canRead,
  type FieldColumn,
  type Owner,
  type Selection,
  type Shape,
} from './shape.ts';
import { isSystemField } from './system-fields.ts';

export type Row = { [name: string]: Json };

export interface RowEnv {
  readonly env: ValueEnv;
  readonly sealer: Pick<Sealer, 'isSealed' | 'unseal'>;
}

/** What is needed to print one value. */
interface Place extends RowEnv {
  readonly owner: Owner;
  readonly unwound: ReadonlySet<string>;
  readonly recordId: ObjectId | null;
}

/** Prints a document of a shape. Fields hidden from the reader are left out. */
export function printRow(shape: Shape, document: Document, env: RowEnv): Row {
  return printColumns(shape, document, 0, { ...env, owner: shape.owner, unwound: shape.unwound, recordId: null });
}

/** @param skip characters of column paths that the document is already below */
function printColumns(shape: Shape, document: Document, skip: number, place: Place): Row {
  const row: Row = {};
  const _id = document._id as ObjectId | undefined;
  for (const [name, column] of shape.columns) {
    const owner = (column.kind === 'field' ? column.owner : undefined) ?? shape.owner;
    if (column.kind === 'field' && !canRead(owner.access, column.field)) continue;
    row[name] = printColumn(column, document, skip, { ...place, owner, recordId: _id ?? null });
  }
  return row;
}

function printColumn(column: Column, document: Document, skip: number, place: Place): Json {
  if (column.kind === 'bundle') return printBundle(column, document, skip, place);
  return printField(
    column,
    column.field,
    valueBelow(document, column.path.slice(skip)),
    column.path,
    column.selection,
    place,
  );
}

/** Looked-up records are below a path of their own; the parts of a dotted key are not. */
function printBundle({ path, many, shape }: BundleColumn, document: Document, skip: number, place: Place): Json {
  if (path === '') return printColumns(shape, document, skip, place);
  const value = valueBelow(document, path.slice(skip));
  const print = (each: unknown): Json => (isDocument(each) ? printColumns(shape, each, path.length + 1, place) : null);
  if (many && !place.unwound.has(path)) return Array.isArray(value) ? value.map(print) : [];
  return print(value);
}

function printField(
  column: FieldColumn,
  field: Field,
  value: unknown,
  path: string,
  selection: Selection | null,
  place: Place,
): Json {
  if (field.transient) return null;
  const print = (each: unknown): Json =>
    field.fields.length > 0
      ? printGroup(column, field, each, path, selection, place)
      : printValue(column, field, each, place);
  if (field.many && !place.unwound.has(path)) return Array.isArray(value) ? value.map(print) : [];
  return print(value);
}

function printGroup(
  column: FieldColumn,
  field: Field,
  value: unknown,
  path: string,
  selection: Selection | null,
  place: Place,
): Json {
  // an element that is not there, after an unwind that keeps empty lists
  if (!isDocument(value) && field.many) return null;
  const group = isDocument(value) ? value : {};
  const row: Row = {
    id: group._id ? String(group._id) : null,
    label: typeof group._label === 'string' ? group._label : field.label,
  };
  for (const inner of field.fields) {
    if ((selection && !selection.has(inner.name)) || !canRead(place.owner.access, inner)) continue;
    const innerSelection = selection?.get(inner.name) ?? null;
    row[inner.name] = printField(column, inner, group[inner.name], `${path}.${inner.name}`, innerSelection, place);
  }
  return row;
}

function printValue(column: FieldColumn, field: Field, stored: unknown, { env, sealer, owner, recordId }: Place): Json {
  const absent = recordId && !isSystemField(field) ? field.type.absent?.({ _id: recordId }) : undefined;
  const value = plainNumber(stored ?? absent);
  if (value === null || value === undefined) return field.type.emptyNative;
  const clear = sealer.isSealed(value) ? sealer.unseal(value, field, owner.entity) : value;
  if (column.asLabel && field === column.field) return (clear as { readonly label?: string }).label ?? null;
  return field.type.encode(clear, field, env);
}

/** Sums beyond what a double holds exactly come as 64-bit integers. */
function plainNumber(value: unknown): unknown {
  return Long.isLong(value) ? value.toNumber() : value;
}

function valueBelow(document: Document, path: string): unknown {
  let value: unknown = document;
  for (const name of path.split('.')) value = isDocument(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

/** What must come back from MongoDB to print the rows of a shape. */
export function rowProjection(shape: Shape): Document {
  const projection: Document = shape.columns.get('id') ? { _id: 1 } : { _id: 0 };
  addPaths(shape, projection);
  return projection;
}

function addPaths(shape: Shape, projection: Document): void {
  for (const column of shape.columns.values()) {
    if (column.kind === 'bundle' && column.path === '') addPaths(column.shape, projection);
    else if (column.kind === 'bundle') projection[column.path] = 1;
    else if (canRead((column.owner ?? shape.owner).access, column.field))
      addField(column.path, column.selection, projection);
  }
}

function addField(path: string, selection: Selection | null, projection: Document): void {
  if (selection === null) {
    projection[path] = 1;
    return;
  }
  projection[`${path}._id`] = 1;
  projection[`${path}._label`] = 1;
  for (const [name, inner] of selection) addField(`${path}.${name}`, inner, projection);
}
