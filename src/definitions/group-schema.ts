// What a group file may say (spec entity-model §1.8).
import { type Static, Type } from 'typebox';
import { condition, conditionValue, count, flag, list, map, NAME, oneOf, text } from './schema.ts';

const allowed = (description: string) =>
  Type.Optional(
    Type.Union([Type.Boolean(), Type.Enum(['always', 'never'])], { description, expected: 'true or false' }),
  );

const permission = oneOf(['readWrite', 'readOnly', 'none', 'parent', 'advanced'], {
  description: 'parent: as the group of fields around it',
});

const fieldPermission = map({
  field: Type.String({ description: 'Field path' }),
  permission: Type.Optional(permission),
  readAccess: condition('advanced: when it may be read'),
  writeAccess: condition('advanced: when it may be written'),
  nestedFields: list(Type.Ref('#/$defs/fieldPermission'), 'Older form: permissions of the inner fields'),
});

const actionPermission = map({
  action: Type.String({ description: 'Name of the action' }),
  permission: Type.Optional(
    Type.Union([map({ value: conditionValue() }), conditionValue()], {
      description: 'Who may run it',
      expected: '{value: always | never | condition}',
    }),
  ),
  parameters: list(
    map({
      parameter: Type.String({ description: 'Name of the parameter' }),
      permission: Type.Optional(permission),
      readAccess: condition('advanced: when it may be read'),
      writeAccess: condition('advanced: when it may be written'),
    }),
    'Permissions of parameters; readWrite when absent',
  ),
});

const entityPermission = map({
  entity: Type.String({ description: 'Full name of the entity' }),
  read: condition('Which records may be read; no script'),
  create: condition('Which records may be created'),
  update: condition('Which records may be changed'),
  delete: condition('Which records may be deleted'),
  auditLogs: condition('Of which records the audit log may be read'),
  import: allowed('May import records'),
  export: allowed('May export records'),
  fields: list(Type.Ref('#/$defs/fieldPermission'), 'Fields; those at the root that are not listed are hidden'),
  actions: list(actionPermission, 'Actions; those not listed are refused'),
});

const security = map({
  passwordPolicies: Type.Optional(
    map({
      passwordExpires: text('never, …'),
      maximumLoginAttempts: count('Failed logins that block a user'),
      requireCapital: flag('At least one capital letter'),
      requireLowerCase: flag('At least one small letter'),
      requireNumber: flag('At least one digit'),
      requireSymbol: flag('At least one symbol'),
      validateMinimumLength: flag('minimumLength counts'),
      minimumLength: count('Fewest characters'),
      require2FA: flag('Two-factor authentication; no effect'),
    }),
  ),
  sessionPolicies: Type.Optional(
    map({
      automaticLogoutTime: text('Idle time that ends a session: eightHours, …'),
      loginNotification: flag('No effect'),
      notifyAuthNewIP: flag('No effect'),
      notifyLoginFromNewLocation: flag('No effect'),
    }),
  ),
  restApiPermissions: Type.Optional(
    map({
      allowUiApi: flag('No effect'),
      allowDataApi: flag('/data'),
      allowFilesReadApi: flag('Reading /files'),
      allowFilesUploadApi: flag('Uploading to /files'),
      allowJobsApi: flag('/status/jobs'),
    }),
  ),
  allowedIPs: list(Type.String(), 'Addresses users may come from; empty: all'),
});

export const groupSchema = Type.Object(
  {
    name: Type.String({
      description: 'The file name without extension',
      pattern: NAME.source,
      expected: 'letters, digits and _, with a letter first',
    }),
    label: text('What people read; the name when absent'),
    description: text('Comment'),
    system: flag('Owned by the platform; no effect'),
    entityPermissions: list(entityPermission, 'What members may do; entities not listed are refused'),
    viewPermissions: Type.Optional(Type.Array(Type.Unknown(), { description: 'UI only' })),
    security: Type.Optional(security),
    userImpersonate: flag('Members may act as other users'),
    managedGroups: list(
      Type.String(),
      'Groups whose people the members manage where they may manage users; absent: all but developers',
    ),
  },
  { additionalProperties: false, title: 'Group', $defs: { fieldPermission } },
);

type Permission = Static<typeof permission>;
export type FieldPermissionFile = Omit<Static<typeof fieldPermission>, 'nestedFields'> & {
  readonly nestedFields?: readonly FieldPermissionFile[];
  readonly permission?: Permission;
};
export type ActionPermissionFile = Static<typeof actionPermission>;
export type EntityPermissionFile = Omit<Static<typeof entityPermission>, 'fields'> & {
  readonly fields?: readonly FieldPermissionFile[];
};
export type GroupFile = Omit<Static<typeof groupSchema>, 'entityPermissions'> & {
  readonly entityPermissions?: readonly EntityPermissionFile[];
};
