// The built-in entities `sys.oauthApps` and `sys.oauthAuthorizations`: programs that act for users, and who allowed them to.
import type { EntityFile } from './entity-schema.ts';
import type { FieldFile } from './field-schema.ts';

const auditedEvents = { recordChanged: true, recordDeleted: true, actionExecuted: true };

const settings: NonNullable<EntityFile['settings']> = {
  auditLogs: {
    userContext: { recordCreated: true, ...auditedEvents },
    scriptContext: auditedEvents,
    dataExpiration: { customDeletion: 2, customDeletionPolicyType: 'months' },
  },
};

const needed = (name: string, label: string, type: string): FieldFile => ({ name, label, type, required: 'always' });

export const oauthApps: EntityFile = {
  name: 'oauthApps',
  label: 'OAuth apps',
  fullName: 'sys.oauthApps',
  type: 'system',
  system: true,
  settings,
  fields: [
    needed('appLabel', 'Label', 'text'),
    { ...needed('name', 'Name', 'text'), unique: true },
    { name: 'icon', label: 'Icon', type: 'fileUpload' },
    needed('website', 'Website', 'url'),
    { name: 'description', label: 'Description', type: 'text' },
    needed('authorizationCallbackUrl', 'Authorization Callback Url', 'url'),
    {
      name: 'clientId',
      label: 'Client Id',
      type: 'text',
      sensitiveData: true,
      defaultValue: 'js/clientIdDefaultValue',
    },
    { ...needed('scopes', 'Scopes', 'dynamicChoice'), multiplicity: 'many', defaultValue: 'js/scopesDefaultValue' },
    { name: 'created', label: 'Created', type: 'dateRecordCreated' },
  ],
  recordLabel: 'fields/appLabel',
};

export const oauthAppsScript = `
function clientIdDefaultValue() {
    return sys.internal.oauth.generateClientId();
}

function scopesDefaultValue() {
    return sys.internal.oauth.getOAuthScopes();
}
`;

const secret = (name: string, label: string): FieldFile => ({
  name,
  label,
  type: 'text',
  sensitiveData: true,
  uiOptions: { visible: 'never' },
});

export const oauthAuthorizations: EntityFile = {
  name: 'oauthAuthorizations',
  label: 'OAuth authorizations',
  fullName: 'sys.oauthAuthorizations',
  type: 'system',
  system: true,
  settings,
  fields: [
    { ...needed('date', 'Date', 'dateTime'), defaultValue: '$currentDate' },
    { ...needed('application', 'Application', 'relationship'), typeRules: { entity: 'sys.oauthApps' } },
    { ...needed('user', 'User', 'relationship'), typeRules: { entity: 'sys.users' } },
    secret('authorizationCode', 'Authorization Code'),
    secret('accessToken', 'Access Token'),
    secret('refreshToken', 'Refresh Token'),
  ],
  recordLabel: 'js/oauthAuthorizationsRecordLabel',
};

export const oauthAuthorizationsScript = `
function oauthAuthorizationsRecordLabel(record) {
    return record.field('application').label() + ' - ' + record.field('user').label();
}
`;
