// Who may do what with files (spec auth-jobs-logs-files §3.3): the one place, also for the family flags of groups
// (`allowFilesReadApi`, `allowFilesUploadApi`). Files have no permissions of their own; those of a record are checked by the records.
import type { Context } from '../context.ts';
import { forbidden } from '../errors.ts';
import type { FileDocument } from './file.ts';

/** Developers, system users, and the app's scripts and our own work, which no permission holds up. */
export function seesAllFiles({ origin, principal }: Context): boolean {
  return origin !== 'user' || principal.developer || principal.system;
}

/** Did the caller upload the file, or run the job that made it? */
export function isOwner({ principal }: Context, { metadata }: FileDocument): boolean {
  return metadata.owner.toHexString() === principal.id;
}

/**
 * Direct access, without a record.
 * @throws AppError `forbidden`
 */
export function requireDirectAccess(ctx: Context, file: FileDocument): void {
  if (!seesAllFiles(ctx) && !isOwner(ctx, file)) throw forbidden("You don't have permissions to access this file");
}
