// The built-in entity `sys.users`: people of the app, with the fields that logins, sessions and clients count on.
import type { EntityFile } from './entity-schema.ts';
import type { FieldFile } from './field-schema.ts';

/** Shown nowhere in a UI. */
const HIDDEN = { uiOptions: { visible: 'never' } } as const;

const switcher = (...names: string[]) => ({
  typeRules: { possibleValues: names.map((name) => ({ name, label: name, color: 'default' })) },
  uiOptions: { representation: 'switcher' },
});

/** Passwords are only ever written: the record keeps none in clear. */
const newPassword = (name: string, label: string, prefix: string): FieldFile => ({
  name,
  label,
  type: 'text',
  transient: true,
  required: `js/${prefix}Required`,
  readAccess: `js/${prefix}ReadAccess`,
  writeAccess: `js/${prefix}WriteAccess`,
  typeRules: { minLength: 6 },
  uiOptions: { password: true },
});

const whenTwoFactor = { 'authentication.enableTwoFactorAuthentication': true };

const authentication: FieldFile = {
  name: 'authentication',
  label: 'Authentication',
  type: 'nestedFields',
  nestedFields: [
    { name: 'generatePassword', label: 'Generate Password', type: 'boolean', transient: true, defaultValue: true },
    newPassword('newPassword', 'New Password', 'authenticationNewPassword'),
    newPassword('passwordConfirmation', 'Password Confirmation', 'authenticationPasswordConfirmation'),
    { name: 'password', label: 'Password', type: 'text', ...HIDDEN },
    { name: 'passwordExpired', label: 'Password Expired', type: 'boolean', ...HIDDEN },
    { name: 'lastPasswordChange', label: 'Last Password Change', type: 'dateTime', ...HIDDEN },
    { name: 'resetPasswordCode', label: 'Reset Password Code', type: 'text', ...HIDDEN },
    {
      name: 'enableTwoFactorAuthentication',
      label: 'Enable Two Factor Authentication',
      type: 'boolean',
      ...HIDDEN,
    },
    {
      name: 'phoneNumber',
      label: 'Phone Number',
      type: 'text',
      required: whenTwoFactor,
      readAccess: whenTwoFactor,
      ...HIDDEN,
    },
    {
      name: 'twoFactorAuthenticationKey',
      label: 'Two Factor Authentication Key',
      type: 'qr',
      sensitiveData: true,
      readAccess: whenTwoFactor,
      ...HIDDEN,
    },
    { name: 'failedLoginAttempts', label: 'Failed Login Attempts', type: 'integer', defaultValue: 0, ...HIDDEN },
  ],
};

const groups: FieldFile = {
  name: 'groups',
  label: 'Groups',
  type: 'nestedFields',
  multiplicity: 'many',
  required: 'always',
  nestedFields: [
    { name: 'primary', label: 'Primary', type: 'boolean' },
    { name: 'external', label: 'External', type: 'boolean', ...HIDDEN },
    { name: 'group', label: 'Group', type: 'group', required: 'always' },
  ],
};

const permissions: FieldFile = {
  name: 'permissions',
  label: 'Permissions',
  type: 'nestedFields',
  ...HIDDEN,
  nestedFields: [
    { name: 'superUser', label: 'Super User', type: 'boolean' },
    { name: 'systemUser', label: 'System User', type: 'boolean' },
    { name: 'developer', label: 'Developer', type: 'boolean' },
  ],
};

const localization: FieldFile = {
  name: 'localization',
  label: 'Localization',
  type: 'nestedFields',
  ...HIDDEN,
  nestedFields: [
    {
      name: 'timezoneMode',
      label: 'Timezone Mode',
      type: 'choice',
      defaultValue: 'AUTO',
      ...switcher('AUTO', 'MANUAL'),
    },
    { name: 'timezone', label: 'Timezone', type: 'text' },
    { name: 'language', label: 'Language', type: 'choice', defaultValue: 'english', ...switcher('english', 'spanish') },
  ],
};

const identityProviders: FieldFile = {
  name: 'identityProviders',
  label: 'Identity Providers',
  type: 'nestedFields',
  multiplicity: 'many',
  ...HIDDEN,
  nestedFields: [
    { name: 'name', label: 'Name', type: 'text', required: 'always' },
    { name: 'externalId', label: 'External Id', type: 'text' },
  ],
};

const integrations: FieldFile = {
  name: 'integrations',
  label: 'Integrations',
  type: 'nestedFields',
  multiplicity: 'many',
  ...HIDDEN,
  nestedFields: [
    { name: 'endpoint', label: 'Endpoint', type: 'text', required: 'always' },
    {
      name: 'status',
      label: 'Status',
      type: 'choice',
      defaultValue: 'DISCONNECTED',
      required: 'always',
      ...switcher('CONNECTED', 'DISCONNECTED'),
    },
    { name: 'configurationSet', label: 'Configuration Set', type: 'boolean' },
    { name: 'configuration', label: 'Configuration', type: 'longText', sensitiveData: true, ...HIDDEN },
  ],
};

const whenStatus = (name: string, label: string, precondition?: { status: string }) => ({
  name,
  label,
  resultAsResponse: true,
  saveDataBeforeRunning: true,
  ...(precondition && { precondition }),
  actions: `js/${name}Actions`,
});

const auditedEvents = { recordChanged: true, recordDeleted: true, actionExecuted: true };

export const users: EntityFile = {
  name: 'users',
  label: 'Users',
  fullName: 'sys.users',
  type: 'system',
  system: true,
  enableDetailedLogging: true,
  settings: {
    auditLogs: {
      userContext: { recordCreated: true, ...auditedEvents },
      scriptContext: auditedEvents,
      dataExpiration: { customDeletion: 2, customDeletionPolicyType: 'months' },
    },
  },
  fields: [
    { name: 'firstName', label: 'First Name', type: 'text', required: 'always' },
    { name: 'lastName', label: 'Last Name', type: 'text', required: 'always' },
    {
      name: 'fullName',
      label: 'Full Name',
      type: 'text',
      indexable: true,
      required: 'always',
      valueCalculation: 'js/fullNameValueCalculation',
    },
    { name: 'email', label: 'Email', type: 'email', unique: true, indexable: true, required: 'always' },
    {
      name: 'emailStandardized',
      label: 'Email Standardized',
      type: 'email',
      valueCalculation: 'js/emailStandardizedValueCalculation',
      ...HIDDEN,
    },
    {
      name: 'status',
      label: 'Status',
      type: 'choice',
      defaultValue: 'ACTIVE',
      required: 'always',
      ...switcher('ACTIVE', 'BLOCKED', 'INACTIVE'),
    },
    { name: 'created', label: 'Created', type: 'dateRecordCreated' },
    { name: 'sendWelcomeEmail', label: 'Send Welcome Email', type: 'boolean', transient: true },
    authentication,
    groups,
    permissions,
    localization,
    identityProviders,
    integrations,
  ],
  actions: [
    whenStatus('resetPassword', 'Reset Password'),
    whenStatus('activate', 'Activate', { status: 'INACTIVE' }),
    whenStatus('deactivate', 'Deactivate', { status: 'ACTIVE' }),
    whenStatus('unblock', 'Unblock', { status: 'BLOCKED' }),
  ],
  recordLabel: 'fields/fullName',
  lookupFields: ['email'],
};

export const usersScript = `
function textOf(record, name) {
    return record.field(name).val() || '';
}

function fullNameValueCalculation(record) {
    return (textOf(record, 'firstName') + ' ' + textOf(record, 'lastName')).trim();
}

function emailStandardizedValueCalculation(record) {
    return textOf(record, 'email').trim().toLowerCase() || null;
}

function choosesPassword(record) {
    return record.isNew() && !record.field('authentication.generatePassword').val();
}

function authenticationNewPasswordRequired(record) {
    return choosesPassword(record);
}

function authenticationNewPasswordReadAccess(record) {
    return choosesPassword(record);
}

function authenticationNewPasswordWriteAccess(record) {
    return choosesPassword(record);
}

function authenticationPasswordConfirmationRequired(record) {
    return choosesPassword(record);
}

function authenticationPasswordConfirmationReadAccess(record) {
    return choosesPassword(record);
}

function authenticationPasswordConfirmationWriteAccess(record) {
    return choosesPassword(record);
}

function resetPasswordAction(record) {
    return sys.internal.users.resetPassword(record, { notifyUser: true });
}

function activateAction(record) {
    return sys.internal.users.activate(record);
}

function deactivateAction(record) {
    return sys.internal.users.deactivate(record);
}

function unblockAction(record) {
    return sys.internal.users.unblock(record);
}
`;
