// What groups say about people rather than records: from where, for how long and through which doors they come, what their passwords
// must be, whom they may act for (spec auth-jobs-logs-files §3.1, §3.2).
import ipaddr from 'ipaddr.js';
import { DEVELOPERS } from '../definitions/built-in.ts';
import type { GroupFile } from '../definitions/group-schema.ts';
import { parseAddresses, parseIdleTime } from '../definitions/group-security.ts';
import type { Definitions, GroupModel } from '../definitions/model.ts';

/** Families of routes that groups may close. */
export type Family = 'data' | 'filesRead' | 'filesUpload' | 'jobs';

export interface Policies {
  /** May members come from this address? Without an address (commands, jobs) nothing is asked. */
  readonly allowsAddress: (ip: string | null) => boolean;
  /** Milliseconds without a request that end a session; infinite without a rule. */
  readonly idleMs: number;
  /** Families that at least one group opens. */
  readonly families: ReadonlySet<Family>;
  /** May members log in as others? */
  readonly impersonates: boolean;
  /** Names of the groups whose people members manage; null: they manage nobody. */
  readonly managedGroups: ReadonlySet<string> | null;
  /** Of the primary group, as are login attempts. */
  readonly password: PasswordPolicy;
  /** Failed logins that block a member; null: no rule. */
  readonly maxLoginAttempts: number | null;
}

export type PasswordPolicy = NonNullable<NonNullable<GroupFile['security']>['passwordPolicies']>;

/** @param groups of a user, the primary one first */
export function policiesOf(groups: readonly GroupModel[], definitions: Pick<Definitions, 'groups'>): Policies {
  const files = groups.map(({ definition }) => definition as GroupFile);
  const idle = files.map(({ security }) => parseIdleTime(security?.sessionPolicies?.automaticLogoutTime ?? ''));
  const password = files[0]?.security?.passwordPolicies ?? {};
  return {
    allowsAddress: addressesOf(files),
    idleMs: Math.min(...idle.map((ms) => ms ?? Number.POSITIVE_INFINITY)),
    families: new Set(
      FAMILIES.filter(([, flag]) => files.some((file) => isOpen(file, flag))).map(([family]) => family),
    ),
    impersonates: files.some(({ userImpersonate }) => userImpersonate === true),
    managedGroups: managedBy(groups, definitions),
    password,
    maxLoginAttempts: password.maximumLoginAttempts ?? null,
  };
}

const FAMILIES = [
  ['data', 'allowDataApi'],
  ['filesRead', 'allowFilesReadApi'],
  ['filesUpload', 'allowFilesUploadApi'],
  ['jobs', 'allowJobsApi'],
] as const;

/** A flag that is missing says yes. */
function isOpen({ security }: GroupFile, flag: (typeof FAMILIES)[number][1]): boolean {
  return security?.restApiPermissions?.[flag] !== false;
}

function addressesOf(files: readonly GroupFile[]): Policies['allowsAddress'] {
  const entries = files.flatMap(({ security }) => security?.allowedIPs ?? []);
  if (entries.length === 0) return () => true;
  const tests = entries.flatMap((entry) => parseAddresses(entry) ?? []);
  return (ip) => {
    if (ip === null) return true;
    if (!ipaddr.isValid(ip)) return false;
    const address = ipaddr.process(ip);
    return tests.some((test) => test(address));
  };
}

/** Who may act as others, or create or change users, manages users (spec auth-jobs-logs-files §3.1). */
function managedBy(
  groups: readonly GroupModel[],
  definitions: Pick<Definitions, 'groups'>,
): ReadonlySet<string> | null {
  const managing = groups.filter(({ definition, grants }) => {
    const records = grants.get('sys.users')?.records;
    const writes = records && (records.create.kind !== 'never' || records.update.kind !== 'never');
    return writes || (definition as GroupFile).userImpersonate === true;
  });
  if (managing.length === 0) return null;
  const all = definitions.groups.all.map(({ name }) => name).filter((name) => name !== DEVELOPERS);
  const managed = managing.flatMap(({ definition }) => (definition as GroupFile).managedGroups ?? all);
  return new Set(managed.filter((name) => name !== DEVELOPERS));
}
