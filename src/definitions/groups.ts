// Groups, checked against the entities they speak of; their rights are compiled elsewhere (spec entity-model §1.8, §4).
import type { GroupRef } from '../fields/field-type.ts';
import type { Defined } from './app-files.ts';
import { type Compilation, type EntityDraft, entityAt } from './compilation.ts';
import { compileCondition } from './conditions.ts';
import { deepFreeze } from './freeze.ts';
import type { ActionPermissionFile, EntityPermissionFile, FieldPermissionFile, GroupFile } from './group-schema.ts';
import { isHookRef, type ScriptScope } from './hook-refs.ts';
import type { ActionModel, Definitions, GroupModel } from './model.ts';
import { at, type Place } from './place.ts';

/**
 * Checks a group's permissions and gives them their canonical form: flat field lists, `{value}` around action permissions, booleans
 * for import and export. A permission that names something that does not exist is an error: it would grant or hide nothing.
 */
export function checkGroup(c: Compilation, group: Defined<GroupFile>): Readonly<Record<string, unknown>> {
  const { content, place, scope } = group;
  const seen = new Set<string>();
  const entityPermissions = (content.entityPermissions ?? []).map((permission, index) => {
    const here = at(place, 'entityPermissions', index);
    if (seen.has(permission.entity))
      c.problems.error(here, `there are already permissions for entity ${permission.entity}`);
    seen.add(permission.entity);
    const entity = entityAt(c, permission.entity, at(here, 'entity'));
    if (entity) checkConditions(c, entity, permission, scope, here);
    return canonical(permission, flatten(c, entity, permission.fields, '', scope, at(here, 'fields')), (action, i) =>
      checkAction(c, entity, action, scope, at(here, 'actions', i)),
    );
  });
  return deepFreeze({ ...content, entityPermissions });
}

const RECORD_PERMISSIONS = ['read', 'create', 'update', 'delete', 'auditLogs'] as const;

function checkConditions(
  c: Compilation,
  entity: EntityDraft,
  permission: EntityPermissionFile,
  scope: ScriptScope,
  place: Place,
): void {
  for (const key of RECORD_PERMISSIONS) {
    const value = permission[key];
    if (value === undefined) continue;
    // Reading is a database filter; a script can't be one (spec entity-model §3.2.5).
    if (key === 'read' && isHookRef(value))
      c.problems.error(at(place, key), "must be always, never or a filter map: scripts can't filter lists");
    else
      compileCondition(c, value, {
        target: entity,
        source: null,
        scope,
        place: at(place, key),
        database: key === 'read',
      });
  }
}

function canonical(
  permission: EntityPermissionFile,
  fields: readonly FieldPermissionFile[],
  action: (action: ActionPermissionFile, index: number) => ActionPermissionFile,
): EntityPermissionFile {
  return {
    ...permission,
    import: isAllowed(permission.import),
    export: isAllowed(permission.export),
    fields,
    actions: (permission.actions ?? []).map(action),
  };
}

function isAllowed(value: boolean | 'always' | 'never' | undefined): boolean {
  return value === true || value === 'always';
}

/** The older nested form becomes dotted paths. */
function flatten(
  c: Compilation,
  entity: EntityDraft | null,
  fields: readonly FieldPermissionFile[] | undefined,
  prefix: string,
  scope: ScriptScope,
  place: Place,
): FieldPermissionFile[] {
  return (fields ?? []).flatMap(({ nestedFields, ...permission }, index) => {
    const here = at(place, index);
    const path = prefix + permission.field;
    if (entity && !entity.model.fieldByPath.has(path) && !entity.damaged) {
      c.problems.error(at(here, 'field'), `field ${path} is not defined in entity ${entity.model.name}`);
    }
    checkAccess(c, entity, permission, scope, here);
    const inner = flatten(c, entity, nestedFields, `${path}.`, scope, at(here, 'nestedFields'));
    return [{ ...permission, field: path }, ...inner];
  });
}

type Access = Pick<FieldPermissionFile, 'permission' | 'readAccess' | 'writeAccess'>;

function checkAccess(
  c: Compilation,
  entity: EntityDraft | null,
  access: Access,
  scope: ScriptScope,
  place: Place,
): void {
  for (const key of ['readAccess', 'writeAccess'] as const) {
    if (access[key] === undefined) continue;
    if (access.permission !== 'advanced')
      c.problems.warn(at(place, key), 'counts only where permission is advanced; it is ignored');
    else if (entity) compileCondition(c, access[key], { target: entity, source: null, scope, place: at(place, key) });
  }
}

function checkAction(
  c: Compilation,
  entity: EntityDraft | null,
  file: ActionPermissionFile,
  scope: ScriptScope,
  place: Place,
): ActionPermissionFile {
  const action = entity?.model.actions.get(file.action);
  if (entity && !action)
    c.problems.error(at(place, 'action'), `action ${file.action} is not defined in entity ${entity.model.name}`);
  if (entity && action) checkParameters(c, entity, action, file, scope, place);
  const { permission } = file;
  const isWrapped = typeof permission === 'object' && 'value' in permission;
  const value = isWrapped ? permission.value : (permission ?? 'never');
  const where = at(place, 'permission', ...(isWrapped ? ['value'] : []));
  if (entity) compileCondition(c, value, { target: entity, source: null, scope, place: where });
  return { ...file, permission: { value: value as 'never' } };
}

function checkParameters(
  c: Compilation,
  entity: EntityDraft,
  action: ActionModel,
  file: ActionPermissionFile,
  scope: ScriptScope,
  place: Place,
): void {
  for (const [index, permission] of (file.parameters ?? []).entries()) {
    const here = at(place, 'parameters', index);
    const isKnown = action.parameters.some((parameter) => parameter.name === permission.parameter);
    if (!isKnown)
      c.problems.error(
        at(here, 'parameter'),
        `parameter ${permission.parameter} is not defined in action ${action.name}`,
      );
    checkAccess(c, entity, permission, scope, here);
  }
}

/** Lookup of groups by id, name and, for input of people, label. */
export function groupDirectory(groups: readonly GroupModel[]): Definitions['groups'] {
  const byId = new Map(groups.map((group): [string, GroupRef] => [group.id, group]));
  const models = new Map(groups.map((group) => [group.name, group]));
  return Object.freeze({
    byId: (id: string) => byId.get(id),
    byName: (name: string) => models.get(name),
    all: Object.freeze([...groups]),
    models,
  });
}
