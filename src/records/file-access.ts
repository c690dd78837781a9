// May a caller have a file through a record? A record that can be read, and in it a field that can be read and holds the file
// (spec auth-jobs-logs-files §6.3, entity-model §4.3).
import type { ObjectId } from 'mongodb';
import type { EntityAccess } from '../context.ts';
import type { Field, StoredRecord } from '../definitions/model.ts';
import { forbidden, notFound } from '../errors.ts';
import { visitFiles } from './file-values.ts';
import { hiddenIn, seeing } from './print.ts';
import type { Operation } from './service.ts';

/**
 * @param access rights under which the record itself may be read
 * @throws AppError `notFound` when no field of the record holds the file, `forbidden` when none of those that do can be read
 */
export async function requireFile(
  operation: Operation,
  access: EntityAccess,
  record: StoredRecord,
  fileId: string,
): Promise<ObjectId> {
  const { entity } = operation;
  const holders: { id: ObjectId; field: Field; at: string }[] = [];
  visitFiles(entity, record, (id, field, at) => {
    if (id.toHexString() === fileId.toLowerCase()) holders.push({ id, field, at });
  });
  const [first] = holders;
  if (!first) throw notFound(`Record [${record._id.toHexString()}] has no file [${fileId.slice(0, 100)}]`);
  const [paths] = await hiddenIn(operation, entity, access, [record]);
  const hidden = [...(paths ?? [])];
  const readable = holders.some(
    ({ field, at }) => canRead(seeing(access), field) && !hidden.some((path) => isIn(at, path)),
  );
  if (!readable) throw forbidden("You don't have permissions to access this file");
  return first.id;
}

/** May a field be read: itself, and every group around it. */
export function canRead(access: EntityAccess, field: Field): boolean {
  if (access.allFields) return true;
  return access.canRead(field) && (field.parent === null || canRead(access, field.parent));
}

/** Is the concrete path `at` the hidden one, or inside of it? */
function isIn(at: string, hidden: string): boolean {
  return at.startsWith(hidden) && (at.length === hidden.length || '.['.includes(at[hidden.length] ?? ''));
}
