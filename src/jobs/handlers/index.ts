// The table of job handlers: one line a type. A start fails where a type that this server makes has none.
import { systemError } from '../../errors.ts';
import type { JobHandlers } from '../handler.ts';
import type { JobTypes } from '../types.ts';
import { createDeleteRecords, type DeleteDeps } from './delete-records.ts';

export interface HandlerDeps extends DeleteDeps {}

export function createHandlers(deps: HandlerDeps): JobHandlers {
  return {
    DELETE_RECORDS: createDeleteRecords(deps),
  };
}

/** @throws AppError `systemException` naming the types without a handler, or the handlers without a type */
export function requireHandlers(handlers: JobHandlers, types: JobTypes): void {
  const missing = Object.keys(types).filter((type) => types[type]?.handled && !Object.hasOwn(handlers, type));
  const unknown = Object.keys(handlers).filter((type) => !types[type]?.handled);
  if (missing.length > 0) throw systemError(`There is no handler for jobs of type ${missing.join(', ')}`);
  if (unknown.length > 0) throw systemError(`There are handlers for unknown job types: ${unknown.join(', ')}`);
}
