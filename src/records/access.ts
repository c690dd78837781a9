// What a context may do on an entity and on one of its records: the refusals of the contract (spec entity-model §4.3).
import type { Context, EntityAccess } from '../context.ts';
import type { Definitions, EntityModel, StoredRecord } from '../definitions/model.ts';
import { forbidden, notFound } from '../errors.ts';
import { matches } from '../query/matches.ts';

type Operation = 'read' | 'create' | 'update' | 'delete' | 'auditLogs';

/**
 * The entity of that name.
 * @throws AppError `notFound` for unknown, abstract and unserved entities, before any permission (spec entity-model §4.3)
 */
export function requireEntity({ entities }: Pick<Definitions, 'entities'>, name: string): EntityModel {
  const entity = entities.get(name);
  if (!entity || entity.abstract || !entity.served) throw notFound(`Entity [${name}] was not found`);
  return entity;
}

/**
 * The rights of `ctx` on `entity`, when it may do `operation` on at least some records; `read` is needed for all but `create`.
 * @throws AppError `forbidden`
 */
export function requireAccess(ctx: Context, entity: EntityModel, operation: Operation): EntityAccess {
  const access = ctx.accessTo(entity);
  const readable = operation === 'create' || access.read !== false;
  if (access[operation] === false || !readable) {
    const deed = operation === 'auditLogs' ? 'see audit logs of' : operation;
    throw forbidden(`You don't have permissions to ${deed} records in entity [${entity.name}]`);
  }
  return access;
}

/**
 * Refuses when the record lies outside the record rules of `read` or `operation`.
 * @throws AppError `forbidden`
 */
export function requireRecord(access: EntityAccess, operation: Operation, record: StoredRecord): void {
  const needed: readonly Operation[] = operation === 'create' ? ['create'] : ['read', operation];
  if (needed.every((name) => allows(access, name, record))) return;
  throw forbidden("You don't have permissions to access this record");
}

/** Does the record rule of `operation` hold for this record? */
export function allows(access: EntityAccess, operation: Operation, record: StoredRecord): boolean {
  const rule = access[operation];
  return rule === null || (rule !== false && matches(rule, record));
}
