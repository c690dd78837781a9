// What a user is in the database: a record of `sys.users`, with the secrets in a sub-document beside `data`.
import type { ObjectId } from 'mongodb';
import type { StoredRecord } from '../definitions/model.ts';

/** Collection of the records of `sys.users`. */
export const USERS = 'data.sys.users';

export type UserStatus = 'ACTIVE' | 'INACTIVE' | 'BLOCKED';

/** Membership as the nested field `groups` stores it. */
export type StoredMembership = {
  readonly _id: ObjectId;
  readonly _label: string;
  readonly primary: boolean;
  readonly external: boolean;
  readonly group: { readonly _id: ObjectId; readonly label: string; readonly __label_lower_case__: string };
};

/** Stored fields of `sys.users`, named as in the vendor's metadata; an app's own fields may stand beside them. */
export type UserData = {
  readonly firstName: string;
  readonly lastName: string;
  readonly fullName: string;
  /** As typed, trimmed. */
  readonly email: string;
  /** Lower-cased copy: what logins look for and what is unique. */
  readonly emailStandardized: string;
  readonly status: UserStatus;
  readonly created: Date;
  readonly groups?: readonly StoredMembership[];
  readonly permissions?: {
    readonly _id: ObjectId;
    readonly _label: string;
    readonly superUser: boolean;
    readonly systemUser: boolean;
    readonly developer: boolean;
  };
  readonly localization?: {
    readonly _id: ObjectId;
    readonly _label: string;
    readonly timezoneMode: 'AUTO' | 'MANUAL';
    readonly timezone?: string;
    readonly language?: string;
  };
  readonly identityProviders?: readonly {
    readonly _id: ObjectId;
    readonly _label: string;
    readonly name: string;
    readonly externalId?: string;
  }[];
};

/** What no record read ever projects. */
export type UserSecrets = {
  /** PHC text; absent for users who can't log in with a password. */
  readonly passwordHash?: string;
  /** Failures since the last login. */
  readonly failedLoginAttempts: number;
  readonly passwordChangedAt?: Date;
  readonly lastLogin?: Date;
  /** Sessions opened under another number are over: it grows in the very write that takes the right away. */
  readonly sessionEpoch: number;
};

/** A user without secrets. */
export interface UserRecord extends StoredRecord {
  readonly data: UserData & Readonly<Record<string, unknown>>;
}

/** A user as stored. */
export interface UserDocument extends UserRecord {
  readonly auth: UserSecrets;
}

/** What a session read brings along: everything but the password's hash. */
export interface SessionUser extends UserRecord {
  readonly auth: Omit<UserSecrets, 'passwordHash'>;
}

/** E-mails are the same without regard to case and outer blanks (spec auth-jobs-logs-files §4.1, §5.1). */
export function standardizeEmail(email: string): string {
  return email.trim().toLowerCase();
}
