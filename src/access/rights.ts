// Who may do what: the rights of a person as contexts carry them.
import { type Context, FULL_ACCESS, type Principal } from '../context.ts';
import { DEVELOPERS } from '../definitions/built-in.ts';
import type { Definitions, EntityModel, FilterEnv, StoredRecord } from '../definitions/model.ts';
import type { Sealer } from '../fields/sealed.ts';
import { unsealRecord } from '../records/sealing.ts';
import { groupSetOf } from './group-set.ts';
import type { Policies } from './policies.ts';

export interface RightsDeps {
  /** The definitions in force. */
  readonly definitions: () => Definitions;
  readonly sealer: Sealer;
  /** Zone of the app, for users without one of their own. */
  readonly timezone: string;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
}

export interface Rights {
  /**
   * The rights of a person on entities, bound to the record of that person as it is given, and to the moment of the first use.
   * @param user stored record of `sys.users`; null: conditions about the user are false
   */
  accessOf(principal: Principal, user: StoredRecord | null): Context['accessTo'];
  /** What the groups of a person say about people. */
  policiesOf(principal: Pick<Principal, 'groups'>): Policies;
}

export function createRights(deps: RightsDeps): Rights {
  return {
    accessOf: (principal, user) => {
      if (isUnlimited(principal)) return everything;
      const known = new Map<EntityModel, ReturnType<Context['accessTo']>>();
      const names = principal.groups.filter((name) => name !== DEVELOPERS || !principal.developer);
      let env: FilterEnv | null = null;
      return (entity) => {
        let access = known.get(entity);
        if (!access) {
          const definitions = deps.definitions();
          const envOf = (): FilterEnv => {
            env ??= envFor(principal, user, definitions, deps);
            return env;
          };
          access = groupSetOf(definitions, names).planOf(entity).bind(envOf);
          known.set(entity, access);
        }
        return access;
      };
    },
    policiesOf: ({ groups }) => groupSetOf(deps.definitions(), groups).policies,
  };
}

const everything = (): typeof FULL_ACCESS => FULL_ACCESS;

/**
 * Are no rights on data looked at? Developers who have been given further groups have the rights of those (spec
 * auth-jobs-logs-files §3.1).
 */
export function isUnlimited({ system, superUser, developer, groups }: Principal): boolean {
  if (system || superUser) return true;
  return developer && groups.every((name) => name === DEVELOPERS);
}

function envFor(
  principal: Principal,
  user: StoredRecord | null,
  definitions: Definitions,
  deps: RightsDeps,
): FilterEnv {
  return {
    zone: principal.timezone ?? deps.timezone,
    now: deps.now(),
    language: principal.language ?? 'english',
    groups: definitions.groups,
    ignoreCase: true,
    userRecord: user && inClear(user, definitions, deps.sealer),
    sourceRecord: null,
  };
}

function inClear(user: StoredRecord, { entities }: Definitions, sealer: Sealer): StoredRecord {
  const entity = entities.get('sys.users');
  return entity?.has.sensitive ? unsealRecord(entity, user, sealer) : user;
}
