// Groups, checked against the entities they speak of, with what they grant compiled (spec entity-model §1.8, §4).
import type { GroupRef } from '../fields/field-type.ts';
import type { Defined } from './app-files.ts';
import { type Compilation, type EntityDraft, entityAt } from './compilation.ts';
import { compileCondition } from './conditions.ts';
import { ALWAYS, NEVER } from './field-drafts.ts';
import { deepFreeze } from './freeze.ts';
import type { ActionPermissionFile, EntityPermissionFile, FieldPermissionFile, GroupFile } from './group-schema.ts';
import { checkSecurity } from './group-security.ts';
import { isHookRef, type ScriptScope } from './hook-refs.ts';
import type {
  ActionGrant,
  ActionModel,
  Condition,
  Definitions,
  EntityGrant,
  FieldGrant,
  GroupModel,
  RecordDeed,
} from './model.ts';
import { at, type Place } from './place.ts';

/** A grant while it is read from its file. */
interface GrantDraft {
  readonly scope: ScriptScope;
  readonly fields: Map<string, FieldGrant>;
  readonly actions: Map<string, ActionGrant>;
}

/**
 * Checks a group's permissions, compiles what they grant, and gives the file its canonical form: flat field lists, `{value}` around
 * action permissions, booleans for import and export. A permission that names something that does not exist is an error: it would
 * grant or hide nothing.
 */
export function compileGroup(c: Compilation, group: Defined<GroupFile>): Pick<GroupModel, 'definition' | 'grants'> {
  const { content, place, scope } = group;
  const grants = new Map<string, EntityGrant>();
  const seen = new Set<string>();
  const entityPermissions = (content.entityPermissions ?? []).map((permission, index) => {
    const here = at(place, 'entityPermissions', index);
    if (seen.has(permission.entity))
      c.problems.error(here, `there are already permissions for entity ${permission.entity}`);
    seen.add(permission.entity);
    const entity = entityAt(c, permission.entity, at(here, 'entity'));
    const draft: GrantDraft = { scope, fields: new Map(), actions: new Map() };
    const canonical: EntityPermissionFile = {
      ...permission,
      import: isAllowed(permission.import),
      export: isAllowed(permission.export),
      fields: flatten(c, entity, permission.fields, '', draft, at(here, 'fields')),
      actions: (permission.actions ?? []).map((action, i) =>
        compileAction(c, entity, action, draft, at(here, 'actions', i)),
      ),
    };
    if (entity) {
      grants.set(permission.entity, {
        records: compileRecords(c, entity, permission, scope, here),
        import: isAllowed(permission.import),
        export: isAllowed(permission.export),
        fields: draft.fields,
        actions: draft.actions,
      });
    }
    return canonical;
  });
  checkSecurity(c.problems, content, place);
  for (const [index, name] of (content.managedGroups ?? []).entries()) {
    if (c.env.groups.byName(name) || c.unusable.groups.has(name)) continue;
    c.problems.error(at(place, 'managedGroups', index), `group ${name} is not defined`);
  }
  return { definition: deepFreeze({ ...content, entityPermissions }), grants };
}

function compileRecords(
  c: Compilation,
  entity: EntityDraft,
  permission: EntityPermissionFile,
  scope: ScriptScope,
  place: Place,
): EntityGrant['records'] {
  const compile = (key: RecordDeed): Condition => {
    const value = permission[key];
    if (value === undefined) return NEVER;
    // Reading is a database filter; a script can't be one (spec entity-model §3.2.5).
    if (key === 'read' && isHookRef(value)) {
      c.problems.error(at(place, key), "must be always, never or a filter map: scripts can't filter lists");
      return NEVER;
    }
    const where = { target: entity, source: null, scope, place: at(place, key), database: key === 'read' };
    return compileCondition(c, value, where);
  };
  return {
    read: compile('read'),
    create: compile('create'),
    update: compile('update'),
    delete: compile('delete'),
    auditLogs: compile('auditLogs'),
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
  draft: GrantDraft,
  place: Place,
): FieldPermissionFile[] {
  return (fields ?? []).flatMap(({ nestedFields, ...permission }, index) => {
    const here = at(place, index);
    const path = prefix + permission.field;
    if (entity && !entity.model.fieldByPath.has(path) && !entity.damaged) {
      c.problems.error(at(here, 'field'), `field ${path} is not defined in entity ${entity.model.name}`);
    }
    const isInner = path.includes('.');
    if (permission.permission === 'parent' && !isInner) {
      c.problems.warn(
        at(here, 'permission'),
        'parent means nothing at the root, where no group of fields is around it',
      );
    }
    draft.fields.set(path, compileAccess(c, entity, permission, isInner, draft.scope, here));
    const inner = flatten(c, entity, nestedFields, `${path}.`, draft, at(here, 'nestedFields'));
    return [{ ...permission, field: path }, ...inner];
  });
}

const READ_WRITE: FieldGrant = { read: ALWAYS, write: ALWAYS };
const READ_ONLY: FieldGrant = { read: ALWAYS, write: NEVER };
const HIDDEN: FieldGrant = { read: NEVER, write: NEVER };

type Access = Pick<FieldPermissionFile, 'permission' | 'readAccess' | 'writeAccess'>;

/**
 * What a permission of a field or parameter says by itself. Of an advanced one, `writeAccess` alone leaves reading to all, and
 * `readAccess` alone counts for both, as in the rules of fields.
 */
function compileAccess(
  c: Compilation,
  entity: EntityDraft | null,
  access: Access,
  isInner: boolean,
  scope: ScriptScope,
  place: Place,
): FieldGrant {
  const { permission = isInner ? 'parent' : 'none' } = access;
  if (permission === 'advanced') return entity ? compileAdvanced(c, entity, access, scope, place) : HIDDEN;
  for (const key of ['readAccess', 'writeAccess'] as const) {
    if (access[key] !== undefined)
      c.problems.warn(at(place, key), 'counts only where permission is advanced; it is ignored');
  }
  if (permission === 'parent') return isInner ? READ_WRITE : HIDDEN;
  return { readWrite: READ_WRITE, readOnly: READ_ONLY, none: HIDDEN }[permission];
}

function compileAdvanced(
  c: Compilation,
  entity: EntityDraft,
  access: Access,
  scope: ScriptScope,
  place: Place,
): FieldGrant {
  const compile = (key: 'readAccess' | 'writeAccess'): Condition | null =>
    access[key] === undefined
      ? null
      : compileCondition(c, access[key], { target: entity, source: null, scope, place: at(place, key) });
  const [read, write] = [compile('readAccess'), compile('writeAccess')];
  if (!read && !write) {
    c.problems.warn(place, 'is advanced but has neither readAccess nor writeAccess; it counts as none');
    return HIDDEN;
  }
  return { read: read ?? ALWAYS, write: write ?? read ?? NEVER };
}

function compileAction(
  c: Compilation,
  entity: EntityDraft | null,
  file: ActionPermissionFile,
  draft: GrantDraft,
  place: Place,
): ActionPermissionFile {
  const action = entity?.model.actions.get(file.action);
  if (entity && !action)
    c.problems.error(at(place, 'action'), `action ${file.action} is not defined in entity ${entity.model.name}`);
  const { permission } = file;
  const isWrapped = typeof permission === 'object' && 'value' in permission;
  const value = isWrapped ? permission.value : (permission ?? 'never');
  const where = at(place, 'permission', ...(isWrapped ? ['value'] : []));
  if (entity) {
    const { scope } = draft;
    draft.actions.set(file.action, {
      parameters: action ? compileParameters(c, entity, action, file, scope, place) : new Map(),
      condition: compileCondition(c, value, { target: entity, source: null, scope, place: where }),
    });
  }
  return { ...file, permission: { value: value as 'never' } };
}

function compileParameters(
  c: Compilation,
  entity: EntityDraft,
  action: ActionModel,
  file: ActionPermissionFile,
  scope: ScriptScope,
  place: Place,
): ReadonlyMap<string, FieldGrant> {
  const grants = new Map<string, FieldGrant>();
  for (const [index, permission] of (file.parameters ?? []).entries()) {
    const here = at(place, 'parameters', index);
    const { parameter: name } = permission;
    if (!action.parameters.some((parameter) => parameter.name === name)) {
      c.problems.error(at(here, 'parameter'), `parameter ${name} is not defined in action ${action.name}`);
    }
    // a parameter that is listed without a permission is as one that is not listed
    const written =
      permission.permission === undefined ? { ...permission, permission: 'readWrite' as const } : permission;
    grants.set(name, compileAccess(c, entity, written, true, scope, here));
  }
  return grants;
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
