// Schemas that are the same for every app: errors, jobs, files, logs, users.
import { JOB_STATUSES } from '../../jobs/job.ts';
import type { Components, Part } from './components.ts';

const text = (description?: string): Part => ({ type: 'string', ...(description && { description }) });
const textOrNull = (description?: string): Part => ({ type: ['string', 'null'], ...(description && { description }) });
const integer = (description?: string): Part => ({ type: 'integer', ...(description && { description }) });
const moment: Part = { type: 'integer', format: 'int64', description: 'Epoch milliseconds' };
const momentOrNull: Part = { ...moment, type: ['integer', 'null'] };
const flag: Part = { type: 'boolean' };
const anything: Part = { type: 'object', additionalProperties: true };

/** All of the properties are always there. */
const object = (properties: Readonly<Record<string, Part>>, extra: Part = {}): Part => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
  ...extra,
});

const reference = (name: Part): Part => ({ anyOf: [object({ id: text(), ...name }), { type: 'null' }] });

const page = (items: Part): Part => ({
  type: 'object',
  required: ['total', 'items'],
  properties: {
    total: integer('Number of elements on all pages'),
    offset: text('`_offset` of the next page'),
    items: { type: 'array', items },
  },
});

const RESULT: Part = {
  type: 'object',
  required: ['status'],
  properties: {
    status: { type: 'string', enum: ['ok', 'error'] },
    response: { description: 'What the call for this record alone would answer' },
    errorMessage: text(),
  },
};

const SHARED = {
  ApiError: (): Part =>
    object(
      { code: text('For programs'), message: text('For people') },
      { examples: [{ code: 'badRequest', message: 'Field [x] does not exist in entity [companies]' }] },
    ),
  ValidationErrors: (): Part =>
    object({
      code: { type: 'string', const: 'validationErrors' },
      message: text(),
      errors: {
        type: 'array',
        items: object({
          field: textOrNull('Path, such as `addresses[1].zipCode`; null for the whole record'),
          fieldLabel: textOrNull(),
          code: text('`required`, `invalid`, `notUnique`, …'),
          message: text(),
          additionalInfo: { type: ['object', 'null'], properties: { rejectedValue: {} } },
        }),
      },
    }),
  ResultMap: (): Part => ({
    type: 'object',
    description: 'What became of each record, by its id',
    additionalProperties: RESULT,
  }),
  JobLink: (): Part => object({ jobLink: text('Where the job is, below `/<env>/runtime`'), jobId: text() }),
  Job: (): Part =>
    object({
      id: text(),
      label: text(),
      type: text('`DELETE_RECORDS`, `IMPORT_RECORDS`, `EXPORT_RECORDS`, `EXECUTE_ACTION`, …'),
      runBy: reference({ fullName: text() }),
      parentJob: reference({ label: text() }),
      rootJob: reference({ label: text() }),
      createDate: moment,
      startDate: momentOrNull,
      endDate: momentOrNull,
      status: { type: 'string', enum: [...JOB_STATUSES] },
      hasErrors: flag,
      progress: integer('0 to 100'),
      recordsCount: integer(),
      recordsProcessed: integer(),
      childrenJobsCount: integer(),
      childrenJobsProcessed: integer(),
      stoppable: flag,
      lowPriority: flag,
      data: anything,
      results: anything,
    }),
  JobPage: (components: Components): Part => page(shared(components, 'Job')),
  JobLogPage: (): Part => page(object({ timestamp: moment, level: text(), message: text() })),
  AppLog: (): Part => ({
    type: 'object',
    required: ['id', 'type', 'level', 'message', 'userEmail', 'timestamp'],
    properties: {
      id: text(),
      type: { type: 'string', enum: ['APP', 'ENDPOINT', 'EXTERNAL'] },
      subType: textOrNull(),
      level: { type: 'string', enum: ['INFO', 'WARN', 'ERROR'] },
      message: text(),
      userEmail: text(),
      adminUserEmail: textOrNull('Who acts as that user'),
      timestamp: moment,
      ip: textOrNull(),
      additionalInfo: anything,
    },
  }),
  AppLogPage: (components: Components): Part => page(shared(components, 'AppLog')),
  AuditPage: (): Part =>
    page(
      object({
        id: text(),
        entityId: text(),
        entityName: text(),
        entityVersion: integer(),
        recordId: text(),
        recordName: text('Label of the record at that time'),
        user: text('E-mail'),
        timestamp: moment,
        ip: textOrNull(),
        eventType: text('`USER_RECORD_CREATED`, `USER_RECORD_CHANGED`, `SCRIPT_RECORD_DELETED`, …'),
        eventCategory: { type: 'string', enum: ['USER', 'SCRIPT', 'SYSTEM'] },
        contextPath: text(),
        recordDeleted: { type: ['boolean', 'null'] },
        deletionDate: momentOrNull,
        oldRecord: anything,
        newRecord: anything,
      }),
    ),
  AggregateResult: (): Part => object({ total: integer('Number of rows'), items: { type: 'array', items: anything } }),
  UploadedFile: (): Part => object({ fileId: text(), fileLink: text('Where the file is, below the base path') }),
  SharedFile: (): Part =>
    object({ sharedFileId: text(), sharedFileLink: text('Where anybody finds it, below the base path') }),
  Session: (): Part =>
    object({
      app: text(),
      adminUserEmail: textOrNull('Who acts as the user'),
      ip: text(),
      userEmail: text(),
      userName: text(),
      userId: text(),
      token: text('For the header `token` of all other requests'),
    }),
  User: (): Part => ({
    type: 'object',
    required: ['id', 'email', 'status', 'firstName', 'lastName', 'fullName', 'groups', 'permissions', 'version'],
    properties: {
      id: text(),
      email: text(),
      status: { type: 'string', enum: ['ACTIVE', 'INACTIVE', 'BLOCKED'] },
      firstName: text(),
      lastName: text(),
      fullName: text(),
      groups: {
        type: 'array',
        items: object({ id: text(), name: text(), label: text(), primary: flag, external: flag }),
      },
      permissions: anything,
      localization: object({ timezoneMode: { type: 'string', enum: ['AUTO', 'MANUAL'] }, timezone: textOrNull() }),
      identityProviders: {
        type: 'array',
        items: object({ id: text(), name: text(), label: text(), externalId: textOrNull() }),
      },
      version: integer(),
    },
  }),
  Empty: (): Part => ({ type: 'object', description: 'Nothing to say', additionalProperties: false }),
} as const satisfies Readonly<Record<string, (components: Components) => Part>>;

export type SharedName = keyof typeof SHARED;

/** No entity's schema may have one of these names. */
export const SHARED_NAMES: ReadonlySet<string> = new Set(Object.keys(SHARED));

/** A reference to a shared schema. */
export function shared(components: Components, name: SharedName): Part {
  return components.use('schemas', name, () => SHARED[name](components));
}
