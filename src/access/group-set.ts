// The groups of a person taken together: compiled once for the definitions in force, however many people have the same groups.
import { LRUCache } from 'lru-cache';
import type { Definitions, EntityModel } from '../definitions/model.ts';
import { type EntityPlan, planEntity } from './entity-plan.ts';
import { type Policies, policiesOf } from './policies.ts';

export interface GroupSet {
  readonly policies: Policies;
  planOf(entity: EntityModel): EntityPlan;
}

/** More than any app has in use at a time. */
const REMEMBERED = 1_000;
const sets = new WeakMap<Definitions, LRUCache<string, GroupSet>>();

/** @param names of groups, the primary one first; those that are not defined count for nothing */
export function groupSetOf(definitions: Definitions, names: readonly string[]): GroupSet {
  let known = sets.get(definitions);
  if (!known) {
    known = new LRUCache({ max: REMEMBERED });
    sets.set(definitions, known);
  }
  const key = names.join(' ');
  let set = known.get(key);
  if (!set) {
    set = createGroupSet(definitions, names);
    known.set(key, set);
  }
  return set;
}

function createGroupSet(definitions: Definitions, names: readonly string[]): GroupSet {
  const groups = names.flatMap((name) => definitions.groups.models.get(name) ?? []);
  const plans = new WeakMap<EntityModel, EntityPlan>();
  return {
    policies: policiesOf(groups, definitions),
    planOf: (entity) => {
      let plan = plans.get(entity);
      if (!plan) {
        const grants = groups.flatMap(({ grants: granted }) => granted.get(entity.name) ?? []);
        plan = planEntity(entity, grants);
        plans.set(entity, plan);
      }
      return plan;
    },
  };
}
