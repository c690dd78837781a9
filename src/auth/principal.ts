// From user records to the principal that a context carries.
import type { Principal } from '../context.ts';
import type { GroupDirectory } from '../fields/field-type.ts';
import { localSettings } from '../fields/local-settings.ts';
import type { UserRecord } from '../users/user.ts';

/**
 * The principal of a user.
 * @param admin the person who impersonates the user, else null
 */
export function principalOf(user: UserRecord, admin: UserRecord | null, groups: GroupDirectory): Principal {
  const { permissions } = user.data;
  return Object.freeze({
    id: user._id.toHexString(),
    email: user.data.email,
    fullName: user.data.fullName,
    // a super user is limited by nothing either (spec entity-model §4.1)
    developer: permissions?.developer === true || permissions?.superUser === true,
    system: permissions?.systemUser === true,
    groups: Object.freeze(groupNames(user, groups)),
    ...localSettings(user.data),
    adminUserEmail: admin?.data.email ?? null,
  });
}

/** Names of the groups that are still defined, the primary one first. */
function groupNames(user: UserRecord, groups: GroupDirectory): string[] {
  const memberships = [...(user.data.groups ?? [])].sort((a, b) => Number(b.primary) - Number(a.primary));
  return memberships.flatMap(({ group }) => groups.byId(group._id.toHexString())?.name ?? []);
}
