// Files change hands together with the record: what a write puts in or takes out is marked in the same transaction
// (spec auth-jobs-logs-files §6.2).
import type { ObjectId } from 'mongodb';
import type { Session, Sessions } from '../db/transaction.ts';
import type { EntityModel, StoredRecord } from '../definitions/model.ts';
import { Problem } from '../fields/field-type.ts';
import { addProblem, type Draft, draftErrors } from './draft.ts';
import { fileFields, filePlace, visitFiles } from './file-values.ts';
import type { FileChange, Files, NewFile } from './files.ts';

/** A write of one record as its files see it. */
export interface RecordWrite {
  readonly entity: EntityModel;
  readonly before: StoredRecord | null;
  readonly after: StoredRecord | null;
  /** Null for a deletion. */
  readonly draft: Draft | null;
}

/** Thrown to leave a transaction without storing anything. */
class NotWritten extends Error {}

/**
 * Runs the write of a record, in one transaction with the change of its files where there is one; most writes have none and run as
 * they are. Bytes of inline files are stored before, and removed again when the record is not written.
 * @param write returns false when it found nothing to write to
 * @throws AppError `validationErrors` when a file was removed since the values were settled
 */
export async function writeWithFiles(
  { entity, before, after, draft }: RecordWrite,
  { files, sessions }: { readonly files: Files; readonly sessions: Pick<Sessions, 'run'> },
  write: (session?: Session) => Promise<boolean>,
): Promise<boolean> {
  const change = changeOf(entity, before, after);
  if (change.taken.length === 0 && change.released.length === 0) return write();
  const fresh = draft ? newFiles(draft, change) : [];
  try {
    if (draft && fresh.length > 0) await files.store(draft.ctx, fresh);
    await sessions.run(async (session) => {
      const gone = await files.change(change, session);
      if (gone.length > 0) throw goneFiles(draft, after, gone);
      if (!(await write(session))) throw new NotWritten();
    });
    return true;
  } catch (error) {
    await files.discard(fresh.map(({ file }) => file._id));
    if (error instanceof NotWritten) return false;
    throw error;
  }
}

/** The ids of the files that records hold, each once. */
export function filesOf(entity: EntityModel, records: readonly (StoredRecord | null)[]): ReadonlyMap<string, ObjectId> {
  const ids = new Map<string, ObjectId>();
  if (fileFields(entity).length === 0) return ids;
  for (const record of records) if (record) visitFiles(entity, record, (id) => ids.set(id.toHexString(), id));
  return ids;
}

function changeOf(entity: EntityModel, before: StoredRecord | null, after: StoredRecord | null): FileChange {
  const old = filesOf(entity, [before]);
  const next = filesOf(entity, [after]);
  const taken = [...next].flatMap(([key, id]) => (old.has(key) ? [] : [id]));
  const places = new Set<string>();
  if (taken.length > 0 && after) visitFiles(entity, after, (_id, field) => places.add(filePlace(entity, field)));
  return {
    taken,
    places: [...places],
    released: [...old].flatMap(([key, id]) => (next.has(key) ? [] : [id])),
  };
}

/** A rule may have put the old value back meanwhile: then the new file is not wanted. */
function newFiles(draft: Draft, { taken }: FileChange): NewFile[] {
  return draft.newFiles.filter(({ file }) => taken.some((id) => id.equals(file._id)));
}

function goneFiles(draft: Draft | null, after: StoredRecord | null, gone: readonly ObjectId[]): Error {
  if (draft && after) {
    visitFiles(draft.entity, after, (id, field, at) => {
      if (!gone.some((missing) => missing.equals(id))) return;
      addProblem(draft, field, at, new Problem('notFound', 'File not found', id.toHexString()));
    });
  }
  return (draft && draftErrors(draft)) ?? new Error('only a save takes files');
}
