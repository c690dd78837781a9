// New user documents, in the shape that the record engine gives records of `sys.users`.
import { ObjectId } from 'mongodb';
import type { GroupRef } from '../fields/field-type.ts';
import { type StoredMembership, standardizeEmail, type UserDocument } from './user.ts';

export interface NewUser {
  readonly id?: ObjectId;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /** The first one is the primary group. */
  readonly groups: readonly GroupRef[];
  readonly developer: boolean;
  readonly systemUser: boolean;
  /** Null: no login with a password. */
  readonly passwordHash: string | null;
}

/** @param now moment of creation */
export function buildUser(user: NewUser, now: Date): UserDocument {
  const fullName = `${user.firstName} ${user.lastName}`;
  return {
    _id: user.id ?? new ObjectId(),
    version: 0,
    label: fullName,
    __label_lower_case__: fullName.toLowerCase(),
    data: {
      firstName: user.firstName,
      lastName: user.lastName,
      fullName,
      email: user.email.trim(),
      emailStandardized: standardizeEmail(user.email),
      status: 'ACTIVE',
      created: now,
      groups: user.groups.map(membership),
      permissions: {
        ...nested('Permissions'),
        superUser: false,
        systemUser: user.systemUser,
        developer: user.developer,
      },
      localization: { ...nested('Localization'), timezoneMode: 'AUTO', language: 'english' },
      identityProviders: [{ ...nested('Identity Providers 1'), name: 'slingr' }],
    },
    auth: {
      ...(user.passwordHash === null ? {} : { passwordHash: user.passwordHash, passwordChangedAt: now }),
      failedLoginAttempts: 0,
      sessionEpoch: 0,
    },
  };
}

function membership(group: GroupRef, index: number): StoredMembership {
  return {
    ...nested(`Groups ${index + 1}`),
    primary: index === 0,
    external: false,
    group: {
      _id: ObjectId.createFromHexString(group.id),
      label: group.label,
      __label_lower_case__: group.label.toLowerCase(),
    },
  };
}

const nested = (label: string) => ({ _id: new ObjectId(), _label: label });
