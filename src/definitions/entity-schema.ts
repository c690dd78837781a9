// What an entity file may say (spec entity-model §1.1, §1.4, §1.6, §1.7).
import { type Static, Type } from 'typebox';
import { type FieldFile, fieldDefs, type ParameterFile } from './field-schema.ts';
import { anyMap, condition, count, flag, hook, list, map, NAME, oneOf, text } from './schema.ts';

const action = map({
  name: Type.String({
    description: 'Last part of the URL; letters, digits and _',
    pattern: NAME.source,
    expected: 'letters, digits and _, with a letter first',
  }),
  label: text('What people read; the name when absent'),
  type: Type.Optional(
    oneOf(['oneRecord', 'manyRecords', 'globalEntity'], {
      description: 'What it runs on (default oneRecord)',
      spellings: { global: 'globalEntity' },
    }),
  ),
  actions: hook('The script', { aliases: ['script', 'action'] }),
  precondition: condition('oneRecord: when it may run'),
  parameters: list(Type.Ref('#/$defs/parameter'), 'Parameters: fields of the action'),
  resultAsResponse: flag('Answer what the script returns'),
  saveDataBeforeRunning: flag('Save linked parameters first'),
  executeInBackground: flag('Run as a job'),
  queue: text('Queue of the job: mix, light, heavy, system'),
  avoidTriggerUiEvents: flag('No UI push; no effect'),
  restrictToOneRecord: flag('Refuse more than one record', { aliases: ['restrictToOnlyOneRecord'] }),
  validation: hook('Checks the parameters', { aliases: ['validations'] }),
  visible: condition('UI only'),
  system: flag('Owned by the platform; no effect'),
  description: text('Comment'),
});

const auditEvents = {
  recordCreated: flag('Log creations'),
  recordChanged: flag('Log changes', { aliases: ['recordUpdated'] }),
  recordDeleted: flag('Log deletions'),
  actionExecuted: flag('Log actions'),
  ignoredFields: list(Type.String(), 'Paths left out of the difference'),
};

const auditLogs = map({
  enabled: flag('false switches the log off'),
  userContext: Type.Optional(map(auditEvents, { description: 'Changes through the API' })),
  scriptContext: Type.Optional(map(auditEvents, { description: 'Changes made by scripts' })),
  systemContext: Type.Optional(
    map({
      cascadeUpdates: flag('Log updates that follow from other records'),
      refactorings: flag('Log updates that follow from new definitions'),
      ignoredFields: list(Type.String(), 'Paths left out of the difference'),
    }),
  ),
  dataExpiration: Type.Optional(
    map(
      {
        customDeletion: count('Keep the log of a deleted record that long'),
        customDeletionPolicyType: Type.Optional(oneOf(['days', 'weeks', 'months'])),
        deletionPolicy: Type.Optional(oneOf(['expireWhenRecordIsDeleted', 'retain', 'custom'])),
        retentionPeriod: text('Older form: 2M, 3W, 10D'),
      },
      { description: 'How long logs of deleted records stay; for ever when absent' },
    ),
  ),
  deletionPolicy: text('Older place of dataExpiration.deletionPolicy', {
    movedTo: [['dataExpiration', 'deletionPolicy']],
  }),
  retentionPeriod: text('Older place of dataExpiration.retentionPeriod', {
    movedTo: [['dataExpiration', 'retentionPeriod']],
  }),
});

const index = map({
  name: text('Name in the database; computed from the fields when absent'),
  unique: flag('No two records have the same values'),
  fields: list(
    Type.Union([Type.String(), map({ name: Type.String({ description: 'Field path' }) })], {
      expected: 'a field path or {name: <path>}',
    }),
    'The fields, in order',
    { single: true },
  ),
  type: Type.Optional(
    oneOf(['normal', 'text', 'semantic'], { description: 'text serves _indexedFilter (default normal)' }),
  ),
  defaultTaskType: text('semantic only'),
  queryScoring: Type.Optional(Type.Unknown({ description: 'semantic only' })),
});

const dataGeneration = map({
  expression: text('Quartz cron expression'),
  condition: hook('Whether to generate now'),
  script: hook('Makes the records'),
  waitForGeneration: flag('Reads wait for a running generation'),
});

export const entitySchema = Type.Object(
  {
    name: Type.String({
      description: 'The file name without extension',
      pattern: NAME.source,
      expected: 'letters, digits and _, with a letter first',
    }),
    label: text('What people read; the name when absent'),
    fullName: text('Folders and name joined by dots; from the path when absent'),
    description: text('Comment'),
    type: Type.Optional(
      oneOf(['data', 'enum', 'calculated', 'system'], { description: 'Kind of entity (default data)' }),
    ),
    system: flag('Owned by the platform; no effect'),
    enableDetailedLogging: flag('Log every create, edit, delete and action'),
    settings: Type.Optional(
      map({ auditLogs: Type.Optional(auditLogs), indexes: list(index, 'Further database indexes') }),
    ),
    fields: list(Type.Ref('#/$defs/field'), 'The fields, in order'),
    actions: list(action, 'The actions', { single: true }),
    recordLabel: Type.Optional(
      Type.String({
        description: 'fields/<path> or js/<function>; the id when absent',
        pattern: '^(fields|js)/.',
        expected: 'fields/<path> or js/<function>',
      }),
    ),
    recordValidations: hook('Checks whole records', { aliases: ['validation', 'validations'] }),
    lookupFields: list(Type.String(), 'Unique fields by which records are found', {
      single: true,
      aliases: ['lookupField'],
    }),
    parentEntity: text('Full name of the entity whose fields and actions this one has too', {
      aliases: ['parent', 'extends'],
    }),
    abstract: flag('Only a parent: no records of its own'),
    recordsSync: Type.Optional(
      oneOf(['notSyncing', 'createNewRecords', 'createAndUpdateRecords', 'fullSync'], {
        description: 'enum: what happens with <name>.records.yaml at start',
        aliases: ['syncBehavior'],
      }),
    ),
    dataGeneration: Type.Optional(dataGeneration),
    uiOptions: anyMap('Kept, no effect'),
    views: Type.Optional(Type.Unknown({ description: 'Kept, no effect' })),
    defaultSettings: Type.Optional(Type.Unknown({ description: 'Kept, no effect' })),
  },
  { additionalProperties: false, title: 'Entity', $defs: fieldDefs },
);

export type AuditFile = Omit<Static<typeof auditLogs>, 'deletionPolicy' | 'retentionPeriod'>;
export type IndexFile = Static<typeof index>;
export type ActionFile = Omit<Static<typeof action>, 'parameters'> & { readonly parameters?: readonly ParameterFile[] };
export type EntityFile = Omit<Static<typeof entitySchema>, 'fields' | 'actions' | 'settings'> & {
  readonly fields?: readonly FieldFile[];
  readonly actions?: readonly ActionFile[];
  readonly settings?: { readonly auditLogs?: AuditFile; readonly indexes?: readonly IndexFile[] };
};
