// The rights that a set of groups gives on one entity: what can be known of them without the user is worked out once.
import { type EntityAccess, NO_ACCESS } from '../context.ts';
import type { Condition, EntityGrant, EntityModel, Field, FilterEnv, RecordDeed } from '../definitions/model.ts';
import { and, NONE, or, type Predicate } from '../query/predicate.ts';
import type { FieldTest, GroupRights, RecordRules, Right } from '../records/rights.ts';
import { type Direction, type Extent, fieldExtents, type Way } from './field-extents.ts';

export interface EntityPlan {
  /** The rights of one user; `env` is asked only where conditions are about the user or the moment. */
  bind(env: () => FilterEnv): EntityAccess;
}

/** @param grants what each of the groups grants on the entity; those that grant nothing are left out */
export function planEntity(entity: EntityModel, grants: readonly EntityGrant[]): EntityPlan {
  if (grants.length === 0) return { bind: () => NO_ACCESS };
  const { reads, writes, wayOf } = fieldExtents(entity, grants);
  const some = (extents: ReadonlyMap<string, Extent>): ReadonlySet<Field> =>
    new Set(entity.allFields.filter(({ path }) => extents.get(path) === 'some'));
  const fixed: Pick<EntityAccess, 'canRead' | 'canWrite' | 'allFields' | 'import' | 'export' | 'canRun'> = {
    canRead: ({ path }) => reads.get(path) === 'all',
    canWrite: ({ path }) => writes.get(path) === 'all',
    allFields: [...reads.values(), ...writes.values()].every((each) => each === 'all'),
    import: grants.some((grant) => grant.import),
    export: grants.some((grant) => grant.export && grant.records.read.kind !== 'never'),
    canRun: (action) => grants.some((grant) => mayRun(entity, grant, action)),
  };
  const open = new Set(DEEDS.filter((deed) => grants.some((grant) => !isForQueries(grant, deed))));
  const [readFields, writeFields] = [some(reads), some(writes)];

  const bind = (env: () => FilterEnv): EntityAccess => {
    const bound = new Map<Condition, Right>();
    const right = (condition: Condition): Right => {
      let found = bound.get(condition);
      if (found === undefined) {
        found = bindRight(condition, env);
        bound.set(condition, found);
      }
      return found;
    };
    const rule = (deed: RecordDeed): EntityAccess[RecordDeed] => ruleOf(grants, deed, open.has(deed), right);
    const byRecord: RecordRules = {
      groups: grants.map((grant, index) =>
        rightsOf(grant, right, (direction, field) => wayOf(index, direction, field)),
      ),
      open,
      readFields,
      writeFields,
      guard: (field) => guardOf(grants, (group) => wayOf(group, 'read', field), right),
    };
    return {
      ...fixed,
      read: rule('read'),
      create: rule('create'),
      update: rule('update'),
      delete: rule('delete'),
      auditLogs: rule('auditLogs'),
      byRecord,
    };
  };
  if (grants.some((grant) => isDynamic(entity, grant))) return { bind };
  const same = bind(() => {
    throw new Error('a condition without dynamic values asked who the user is');
  });
  return { bind: () => same };
}

const DEEDS = ['read', 'create', 'update', 'delete', 'auditLogs'] as const;

/** What a deed needs: nothing is done with a record that can't be read, but creating it (spec entity-model §4.2). */
function neededFor(deed: RecordDeed): readonly RecordDeed[] {
  return deed === 'read' || deed === 'create' ? [deed] : ['read', deed];
}

function mayRun(entity: EntityModel, { records, actions }: EntityGrant, name: string): boolean {
  const condition = actions.get(name)?.condition;
  if (!condition || condition.kind === 'never') return false;
  return records.read.kind !== 'never' || entity.actions.get(name)?.type === 'globalEntity';
}

const NEVER: Condition = { kind: 'never' };

/** Can the database find the records on which a group allows a deed? */
function isForQueries({ records }: EntityGrant, deed: RecordDeed): boolean {
  const conditions = neededFor(deed).map((each) => records[each]);
  return conditions.some(({ kind }) => kind === 'never') || conditions.every(isQuery);
}

function isQuery(condition: Condition): boolean {
  if (condition.kind !== 'filter') return condition.kind !== 'hook';
  const { fetches, fields } = condition.filter;
  return fetches.length === 0 && !fields.some(({ sensitive, transient }) => sensitive || transient);
}

function isDynamic(entity: EntityModel, { records, fields, actions }: EntityGrant): boolean {
  const all = [
    ...Object.values(records),
    ...[...fields].flatMap(([path, { read, write }]) => (entity.fieldByPath.has(path) ? [read, write] : [])),
    ...[...actions.values()].flatMap(({ condition, parameters }) => [
      condition,
      ...[...parameters.values()].flatMap(({ read, write }) => [read, write]),
    ]),
  ];
  return all.some((condition) => condition.kind === 'filter' && condition.filter.dynamic);
}

function bindRight(condition: Condition, env: () => FilterEnv): Right {
  switch (condition.kind) {
    case 'always':
      return null;
    case 'never':
      return false;
    case 'hook':
      return condition;
    case 'filter': {
      const { filter } = condition;
      return { kind: 'filter', filter, predicate: filter.bind(filter.dynamic ? env() : NO_ENV) };
    }
  }
}

/** Filters without dynamic values never look at it. */
const NO_ENV = {} as FilterEnv;

/** The union of what the groups allow, as far as a query can say it; what it can't is left out. */
function ruleOf(
  grants: readonly EntityGrant[],
  deed: RecordDeed,
  isOpen: boolean,
  right: (condition: Condition) => Right,
): Predicate | null | false {
  const needed = neededFor(deed);
  const alternatives = grants.flatMap((grant) => {
    const isNever = needed.some((each) => grant.records[each].kind === 'never');
    return isNever || !isForQueries(grant, deed) ? [] : all(needed.map((each) => right(grant.records[each])));
  });
  if (alternatives.length === 0) return isOpen ? NONE : false;
  const rule = or(alternatives);
  return rule.kind === 'all' ? null : rule;
}

function all(rights: readonly Right[]): Predicate {
  return and(rights.flatMap((right) => (right && right.kind === 'filter' ? right.predicate : [])));
}

function guardOf(
  grants: readonly EntityGrant[],
  wayOf: (index: number) => Way,
  right: (condition: Condition) => Right,
): Predicate | null {
  const alternatives: Predicate[] = [];
  for (const [index, { records }] of grants.entries()) {
    const way = wayOf(index);
    if (way === null || records.read.kind === 'never') continue;
    // a condition on the element at hand can't be asked of the record
    if (!way.every(({ field, condition }) => isQuery(condition) && !field.parent?.insideMany)) return null;
    alternatives.push(all([records.read, ...way.map(({ condition }) => condition)].map(right)));
  }
  return alternatives.length === 0 ? null : or(alternatives);
}

function rightsOf(
  { records, actions }: EntityGrant,
  right: (condition: Condition) => Right,
  wayOf: (direction: Direction, field: Field) => Way,
): GroupRights {
  const testsOn = (way: Way): readonly FieldTest[] | null =>
    way?.flatMap(({ field, condition }) => {
      const test = right(condition);
      return test ? [{ field, test }] : [];
    }) ?? null;
  return {
    records: {
      read: right(records.read),
      create: right(records.create),
      update: right(records.update),
      delete: right(records.delete),
      auditLogs: right(records.auditLogs),
    },
    reads: (field) => testsOn(wayOf('read', field)),
    writes: (field) => testsOn(wayOf('write', field)),
    action: (name) => right(actions.get(name)?.condition ?? NEVER),
    parameter: (action, name) => {
      const grant = actions.get(action)?.parameters.get(name);
      return grant ? right(grant.write) : null;
    },
  };
}
