// The user JSON of the API (spec auth-jobs-logs-files §5.1).
import type { GroupDirectory } from '../fields/field-type.ts';
import type { UserRecord } from './user.ts';

export interface UserJson {
  readonly id: string;
  readonly email: string;
  readonly status: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly fullName: string;
  readonly groups: readonly {
    readonly id: string;
    readonly name: string;
    readonly label: string;
    readonly primary: boolean;
    readonly external: boolean;
  }[];
  readonly permissions: { readonly developer: boolean; readonly usersManagement: boolean };
  readonly localization: { readonly timezoneMode: string; readonly timezone: string | null };
  readonly identityProviders: readonly {
    readonly id: string;
    readonly name: string;
    readonly label: string;
    readonly externalId: string | null;
  }[];
  readonly version: number;
}

/** The identity provider that every installation has. */
const BUILT_IN_PROVIDER = { id: '__slingr__', name: 'slingr', label: 'Slingr' };

/** Secrets are not even in the type that this reads. */
export function userJson(user: UserRecord, groups: GroupDirectory): UserJson {
  const { data } = user;
  const manual = data.localization?.timezoneMode === 'MANUAL';
  return {
    id: user._id.toHexString(),
    email: data.email,
    status: data.status,
    firstName: data.firstName,
    lastName: data.lastName,
    fullName: data.fullName,
    groups: (data.groups ?? []).map(({ group, primary, external }) => {
      const id = group._id.toHexString();
      const defined = groups.byId(id);
      // a group whose definition is gone keeps its last label
      return { id, name: defined?.name ?? group.label, label: defined?.label ?? group.label, primary, external };
    }),
    // always false for developers, who manage users anyway; of others nobody manages users before groups have rights
    permissions: { developer: data.permissions?.developer === true, usersManagement: false },
    localization: {
      timezoneMode: data.localization?.timezoneMode ?? 'AUTO',
      timezone: manual ? (data.localization?.timezone ?? null) : null,
    },
    identityProviders: (data.identityProviders ?? []).map(({ name, externalId }) => ({
      ...(name === BUILT_IN_PROVIDER.name ? BUILT_IN_PROVIDER : { id: name, name, label: name }),
      externalId: externalId ?? null,
    })),
    version: user.version,
  };
}
