// Which fields an answer shows: `_fields`, `_relationshipsToFetch`, and the projection that fetches no more than that.
import type { Document } from 'mongodb';
import type { EntityAccess } from '../context.ts';
import type { EntityModel, Field } from '../definitions/model.ts';
import { badRequest } from '../errors.ts';
import { maySee, type Selection } from './shape.ts';
import { shown } from './shown.ts';

/** A selection that still grows. */
export type OpenSelection = Map<string, OpenSelection | null>;

/**
 * The selection of a comma separated list of paths; null when there is none, which means all fields. Unknown names, system fields
 * and hidden fields are left out (spec README, entity-model §4.3).
 */
export function readSelection(entity: EntityModel, text: string | null, access: EntityAccess | null): Selection | null {
  if (text === null) return null;
  const selection: OpenSelection = new Map();
  for (const path of splitPaths(text)) {
    const [name = '', ...rest] = path.split('.');
    const field = entity.fieldByName.get(name);
    if (field && maySee(access, field)) addToSelection(selection, field, rest, access);
  }
  return selection;
}

/** Adds a field, or the inner fields that the rest of a path names; a whole field beats parts of it. */
export function addToSelection(
  selection: OpenSelection,
  field: Field,
  rest: readonly string[],
  access: EntityAccess | null,
): void {
  const [name, ...deeper] = rest;
  const before = selection.get(field.name);
  if (before === null) return;
  if (name === undefined || field.fields.length === 0) {
    // parts of other values, such as copied fields, come with the whole value
    selection.set(field.name, null);
    return;
  }
  const inner: OpenSelection = before ?? new Map();
  selection.set(field.name, inner);
  const found = field.fieldByName.get(name);
  if (found && maySee(access, found)) addToSelection(inner, found, deeper, access);
}

/**
 * The relationship fields of a comma separated list of paths, hidden ones left out.
 * @throws AppError `badRequest` for paths that are no relationship
 */
export function readRelationships(
  entity: EntityModel,
  text: string | null,
  access: EntityAccess | null,
): readonly Field[] {
  if (text === null) return [];
  const fields = new Set<Field>();
  for (const path of splitPaths(text)) {
    const field = entity.fieldByPath.get(path);
    if (!field?.relationship) throw badRequest(`[_relationshipsToFetch]: [${shown(path)}] is no relationship`);
    if (maySee(access, field)) fields.add(field);
  }
  return [...fields];
}

function splitPaths(text: string): readonly string[] {
  return text
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
}

/**
 * What MongoDB must return for a selection; null for whole documents: without selection, or when read rules of the fields or rights
 * on them may look at any other one.
 */
export function projectionOf(
  entity: EntityModel,
  selection: Selection | null,
  access: EntityAccess | null = null,
): Document | null {
  if (selection === null || entity.has.conditions || access?.byRecord?.readFields.size) return null;
  const projection: Document = { version: 1, label: 1, __label_lower_case__: 1 };
  addPaths(projection, 'data', selection);
  return projection;
}

function addPaths(projection: Document, prefix: string, selection: Selection): void {
  for (const [name, inner] of selection) {
    const path = `${prefix}.${name}`;
    if (inner === null) projection[path] = 1;
    else {
      projection[`${path}._id`] = 1;
      projection[`${path}._label`] = 1;
      addPaths(projection, path, inner);
    }
  }
}
