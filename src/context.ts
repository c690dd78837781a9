// Who asks, for what reason, with which powers: the first argument of every core function.
import type { Logger } from 'pino';
import type { EntityModel, Field } from './definitions/model.ts';
import type { Predicate } from './query/predicate.ts';
import type { RecordRules } from './records/rights.ts';

/** The user whose rights and settings count (the impersonated one while impersonating). */
export interface Principal {
  /** 24-hex id of the `sys.users` record. */
  readonly id: string;
  readonly email: string;
  readonly fullName: string;
  readonly developer: boolean;
  readonly system: boolean;
  /** Limited by nothing, whatever the groups say; such a person is a developer too. */
  readonly superUser?: boolean;
  /** Names of the user's groups, the primary one first. */
  readonly groups: readonly string[];
  /** IANA zone when the user's `timezoneMode` is `MANUAL`, else null. */
  readonly timezone: string | null;
  /** Language of month and day names in what is printed for the user; absent: English. */
  readonly language?: 'english' | 'spanish';
  /** E-mail of the person behind an impersonated session, else null. */
  readonly adminUserEmail: string | null;
}

/**
 * What a context may do on one entity. Record rules are predicates that *enclose* every query; `false` is "never", null "without limit".
 * Hidden fields do not exist for this context: in no filter, sort, projection, aggregate, answer or error text.
 */
export interface EntityAccess {
  readonly read: Predicate | null | false;
  readonly create: Predicate | null | false;
  readonly update: Predicate | null | false;
  readonly delete: Predicate | null | false;
  /** Of which records the audit log may be read; needs `read` too, and reaches deleted records only when both are null. */
  readonly auditLogs: Predicate | null | false;
  /** May this field (of this entity) be seen at all? Called for compiled fields only. */
  readonly canRead: (field: Field) => boolean;
  /** May this field be changed? Values of others are dropped silently from bodies. */
  readonly canWrite: (field: Field) => boolean;
  /** True when neither `canRead` nor `canWrite` ever says no: lets the engine skip the walk. */
  readonly allFields: boolean;
  /** May records be imported (which needs `create` too)? Absent: no. */
  readonly import?: boolean;
  /** May records that can be read be exported? Absent: no. */
  readonly export?: boolean;
  /** May the action of that name be run on some records at all? Which ones, src/records/access.ts tells. Absent: none may. */
  readonly canRun?: (action: string) => boolean;
  /**
   * Rights group by group, for what depends on the record in ways that the rules above can't express. Those say what holds in any
   * case, so that whoever asks no further shows and does too little rather than too much; src/records/rights.ts asks. Absent: there
   * is no more to say.
   */
  readonly byRecord?: RecordRules;
}

export type Origin = 'user' | 'script' | 'system';

/** Required first argument of every core function; there is no "missing means system". */
export interface Context {
  readonly principal: Principal;
  readonly origin: Origin;
  /** For a system context: what the work is, in words, for logs and audit entries. */
  readonly reason: string | null;
  /**
   * Path of what acts, for audit entries, where it is not the operation by itself: that of a script, or `entities.companies.import`.
   * Absent: the operation names itself, `entities.companies.update`.
   */
  readonly contextPath?: string;
  /** Which of the kinds of system work that entities may audit this is; absent: none, so that nothing is audited. */
  readonly systemWork?: 'cascade' | 'refactoring';
  readonly requestId: string;
  /** Caller's address, IPv4 shown mapped (`::ffff:10.0.0.1`); null without a request. */
  readonly ip: string | null;
  /** Acting time zone (spec field-types §2.7): the user's manual one, else the app's. */
  readonly zone: string;
  readonly log: Logger;
  /** Whether the caller was told already that it failed: from then on no write is begun for it. Absent: never. */
  readonly isGivenUp?: () => boolean;
  /** The context's rights on an entity; compiled per group set, cheap to call. */
  readonly accessTo: (entity: EntityModel) => EntityAccess;
}

/** Rights without limit: developers, system users and named system work. */
export const FULL_ACCESS: EntityAccess = {
  read: null,
  create: null,
  update: null,
  delete: null,
  auditLogs: null,
  canRead: () => true,
  canWrite: () => true,
  allFields: true,
  import: true,
  export: true,
  canRun: () => true,
};

/** No rights at all. */
export const NO_ACCESS: EntityAccess = {
  read: false,
  create: false,
  update: false,
  delete: false,
  auditLogs: false,
  canRead: () => false,
  canWrite: () => false,
  allFields: false,
};

/** Id of the built-in system user that named system work runs as. */
export const SYSTEM_USER_ID = '000000000000000000000001';
/** Its e-mail, as logs and audit entries show it. */
export const SYSTEM_USER_EMAIL = 'system@trebuchet';

/**
 * A context for work that no person asked for: start-up, cascades, commands.
 * @param reason what the work is, such as `import job 58…`; appears in logs and audit entries
 */
export function systemContext(reason: string, base: { log: Logger; zone: string }): Context {
  return {
    principal: {
      id: SYSTEM_USER_ID,
      email: SYSTEM_USER_EMAIL,
      fullName: 'System',
      developer: false,
      system: true,
      groups: [],
      timezone: null,
      adminUserEmail: null,
    },
    origin: 'system',
    reason,
    requestId: reason,
    ip: null,
    zone: base.zone,
    log: base.log.child({ system: reason }),
    accessTo: () => FULL_ACCESS,
  };
}
