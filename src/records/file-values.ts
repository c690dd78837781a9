// File fields of records: where their values are, and what becomes of those that a save brings (spec field-types §4.29).
import type { ObjectId } from 'mongodb';
import type { EntityModel, Field, StoredRecord } from '../definitions/model.ts';
import { PendingLookup, Problem } from '../fields/field-type.ts';
import type { StoredFile } from '../fields/file-upload.ts';
import { addProblem, type Draft, type Group, type PendingValue } from './draft.ts';
import type { FileContent, Files } from './files.ts';
import { visitValues } from './walk.ts';

const known = new WeakMap<EntityModel, readonly Field[]>();

/** The fields whose values keep files, at any depth; transient ones keep none. */
export function fileFields(entity: EntityModel): readonly Field[] {
  let fields = known.get(entity);
  if (!fields) {
    fields = entity.allFields.filter((field) => field.type.fileId && !isTransient(field));
    known.set(entity, fields);
  }
  return fields;
}

function isTransient(field: Field): boolean {
  return field.transient || (field.parent !== null && isTransient(field.parent));
}

/**
 * Where a file can be held, as it is written down with the file: so that a process which does not know the place, since its
 * definitions are older or those of another app, does not take the file for unused.
 */
export function filePlace(entity: EntityModel, field: Field): string {
  return `${entity.collection}:${field.storagePath}`;
}

/** Visits every file that a stored record holds. */
export function visitFiles(
  entity: EntityModel,
  record: StoredRecord,
  visit: (id: ObjectId, field: Field, at: string, value: unknown) => void,
): void {
  if (fileFields(entity).length === 0) return;
  visitValues(entity.fields, record.data as Group, (field, value, at) => {
    if (field.type.fileId && !(value instanceof PendingLookup)) visit(field.type.fileId(value), field, at, value);
  });
}

/** Turns what was written into file fields into references; inline files wait in the draft. Problems go to the draft. */
export async function settleFiles(draft: Draft, pending: readonly PendingValue[], files: Files): Promise<void> {
  if (pending.length === 0) return;
  const kept = keptFiles(draft);
  const wanted = pending.flatMap(({ field, lookup }) =>
    lookup.tries.flatMap((attempt) => (attempt.by === 'id' && !kept.has(keyOf(field, attempt.id)) ? attempt.id : [])),
  );
  const found = wanted.length > 0 ? await files.find(draft.ctx, wanted) : new Map<string, StoredFile>();
  for (const value of pending) {
    const file = settle(value);
    const container = value.container as Record<string | number, unknown>;
    if (!(file instanceof Problem)) container[value.key] = file;
    else {
      addProblem(draft, value.field, value.at, file);
      if (!Array.isArray(value.container)) delete container[value.key];
    }
  }

  function settle({ field, lookup }: PendingValue): StoredFile | Problem {
    for (const attempt of lookup.tries) {
      if (attempt.by === 'content') return describe(attempt);
      const file = attempt.by === 'id' && (kept.get(keyOf(field, attempt.id)) ?? found.get(String(attempt.id)));
      if (file) return file;
    }
    return new Problem('notFound', 'File not found', lookup.rejected);
  }

  function describe(content: FileContent): StoredFile | Problem {
    const file = files.describe(content);
    if (!(file instanceof Problem)) draft.newFiles.push({ file, bytes: content.bytes });
    return file;
  }
}

/**
 * Files that the record holds already, by field: sent back as read they need no right. In another field they do, since the caller may
 * not be allowed to see the field that holds them.
 */
function keptFiles(draft: Draft): ReadonlyMap<string, StoredFile> {
  const kept = new Map<string, StoredFile>();
  if (draft.stored) {
    visitFiles(draft.entity, draft.stored, (id, field, _at, value) => kept.set(keyOf(field, id), value as StoredFile));
  }
  return kept;
}

const keyOf = (field: Field, id: ObjectId): string => `${field.path}:${id.toHexString()}`;
