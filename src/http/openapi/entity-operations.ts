// The operations on records: one row each, for every entity that the reader has the rights for. A row counts where the server has its
// route, so a document never speaks of what is not there.
import type { EntityAccess } from '../../context.ts';
import type { EntityModel, Field } from '../../definitions/model.ts';
import type { Json } from '../../fields/field-type.ts';
import { answers, json, type Success, sharedAnswer } from './answers.ts';
import type { Components, Part } from './components.ts';
import { EXAMPLE_ID, exampleOfSchema, writableExample } from './examples.ts';
import { filterParameters, formParameters, pageParameters } from './filters.ts';
import { type Method, type Operation, pathParameter, queryParameter, type Serves } from './operation.ts';
import { bodySchema, canSee, canSet, recordSchema } from './schemas.ts';
import { SHARED_NAMES, shared } from './shared.ts';

/** An entity in a document. */
export interface EntityScope {
  readonly entity: EntityModel;
  readonly access: EntityAccess;
  readonly components: Components;
  /** Begins the ids of its operations. */
  readonly prefix: string;
}

interface Row {
  /** Ends the id of the operation. */
  readonly suffix: string;
  readonly method: Method;
  /** As the router has it. */
  readonly route: string;
  readonly allowed: (access: EntityAccess, entity: EntityModel) => boolean;
  readonly part: (scope: EntityScope) => Part;
}

const reads = ({ read }: EntityAccess): boolean => read !== false;
const FAILURES = [400, 401, 403, 404] as const;

const ROWS: readonly Row[] = [
  {
    suffix: 'FindMany',
    method: 'get',
    route: '/data/:entity',
    allowed: reads,
    part: (scope) => ({
      summary: 'Find records',
      description: 'Records that pass all filters, a page at a time, newest first unless sorted otherwise.',
      parameters: [...queryOf(scope), ...formParameters(scope.entity, scope.access, scope.components)],
      responses: answers(scope.components, pageAnswer(scope), FAILURES),
    }),
  },
  {
    suffix: 'Create',
    method: 'post',
    route: '/data/:entity',
    allowed: ({ create }) => create !== false,
    part: (scope) => ({
      summary: 'Create a record',
      description: 'Fields that are not sent get their defaults. Mistakes are reported all together.',
      requestBody: bodyOf(scope, 'create'),
      responses: answers(scope.components, recordAnswer(scope, 'The record as it was stored'), [
        'invalid',
        401,
        403,
        404,
      ]),
    }),
  },
  {
    suffix: 'FindOne',
    method: 'get',
    route: '/data/:entity/:id',
    allowed: reads,
    part: (scope) => ({
      summary: 'Read a record',
      description: 'One record by its id.',
      parameters: [recordId(scope), ...formParameters(scope.entity, scope.access, scope.components)],
      responses: answers(scope.components, recordAnswer(scope, 'The record'), FAILURES),
    }),
  },
  {
    suffix: 'Update',
    method: 'put',
    route: '/data/:entity/:id',
    allowed: (access) => reads(access) && access.update !== false,
    part: (scope) => ({
      summary: 'Change a record',
      description:
        'Fields that are not sent stay as they are, `null` empties. With `version` nothing is overwritten unseen.',
      parameters: [recordId(scope)],
      requestBody: bodyOf(scope, 'update'),
      responses: answers(scope.components, recordAnswer(scope, 'The record as it was stored'), [
        'invalid',
        401,
        403,
        404,
        409,
      ]),
    }),
  },
  {
    suffix: 'DeleteOne',
    method: 'delete',
    route: '/data/:entity/:id',
    allowed: (access) => reads(access) && access.delete !== false,
    part: (scope) => ({
      summary: 'Delete a record',
      description: `Answers the record that was deleted. Several ids, separated by commas, and \`_async=true\` are answered as by \`${scope.prefix}DeleteQuery\`.`,
      parameters: [recordId(scope)],
      responses: answers(scope.components, recordAnswer(scope, 'The deleted record'), FAILURES),
    }),
  },
  {
    suffix: 'DeleteQuery',
    method: 'delete',
    route: '/data/:entity',
    allowed: (access) => reads(access) && access.delete !== false,
    part: (scope) => ({
      summary: 'Delete records',
      description:
        'Deletes every record that passes all filters; without any filter all of them. At most 1,000 at once, any number in the background.',
      parameters: [...queryOf(scope), ...modeParameters(scope.components)],
      responses: answers(scope.components, manyAnswer(scope.components), FAILURES),
    }),
  },
  {
    suffix: 'Aggregate',
    method: 'put',
    route: '/data/:entity/aggregate',
    allowed: reads,
    part: (scope) => ({
      summary: 'Aggregate records',
      description:
        'Stages, one after the other: match, group, project, sort, skip, limit, unwind, lookup, count, geoNear.',
      requestBody: {
        required: true,
        content: json(
          { anyOf: [{ type: 'array', items: { type: 'object' } }, { type: 'object' }] },
          { example: aggregateExample(scope) },
        ),
      },
      responses: answers(scope.components, sharedAnswer(scope.components, 'The rows', 'AggregateResult'), FAILURES),
    }),
  },
  {
    suffix: 'Import',
    method: 'post',
    route: '/data/:entity/import',
    allowed: ({ create }) => create !== false,
    part: (scope) => ({
      summary: 'Import records from CSV',
      description: 'Creates records, and changes those that a unique field of the file finds, in the background.',
      parameters: [modeParameter('lowPriority', 'Runs while few other jobs do')],
      requestBody: {
        required: true,
        content: {
          'multipart/form-data': {
            schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' } } },
          },
        },
      },
      responses: answers(scope.components, jobAnswer(scope.components), FAILURES),
    }),
  },
  {
    suffix: 'Export',
    method: 'put',
    route: '/data/:entity/export',
    allowed: reads,
    part: (scope) => ({
      summary: 'Export records to CSV',
      description: 'Writes every record that passes all filters into a file, in the background; the job has its link.',
      parameters: [
        ...queryOf(scope),
        queryParameter('_fields', 'Paths of the columns, separated by commas.', { type: 'string' }, firstField(scope)),
        modeParameter('_useFieldNames', 'Columns are called by the names of fields, not by their labels'),
      ],
      responses: answers(scope.components, jobAnswer(scope.components), FAILURES),
    }),
  },
  {
    suffix: 'AuditLogs',
    method: 'get',
    route: '/data/:entity/auditLogs',
    allowed: (access, { audit }) => audit !== null && reads(access) && access.auditLogs !== false,
    part: (scope) => ({
      summary: 'Read the audit log',
      description: 'Changes of all records, newest first.',
      parameters: auditParameters(),
      responses: answers(scope.components, sharedAnswer(scope.components, 'A page of entries', 'AuditPage'), FAILURES),
    }),
  },
  {
    suffix: 'AuditLogsOne',
    method: 'get',
    route: '/data/:entity/:id/auditLogs',
    allowed: (access, { audit }) => audit !== null && reads(access) && access.auditLogs !== false,
    part: (scope) => ({
      summary: 'Read the audit log of a record',
      description: 'Changes of one record, newest first; the record itself may be gone.',
      parameters: [recordId(scope), ...auditParameters()],
      responses: answers(scope.components, sharedAnswer(scope.components, 'A page of entries', 'AuditPage'), FAILURES),
    }),
  },
  {
    suffix: 'FileOne',
    method: 'get',
    route: '/data/:entity/:id/files/:fileId',
    allowed: (access, { allFields }) =>
      reads(access) && allFields.some((field) => field.type.fileId && canSee(access, field)),
    part: (scope) => ({
      summary: 'Download a file of a record',
      description: 'The content of a file that a field of the record holds.',
      parameters: [recordId(scope), pathParameter('fileId', 'Id of the file', EXAMPLE_ID)],
      responses: answers(scope.components, fileAnswer('The content'), [401, 403, 404]),
    }),
  },
];

/** Operations of one entity, for a reader with these rights. */
export function entityOperations(scope: EntityScope, serves: Serves): Operation[] {
  const rows = ROWS.filter(
    ({ method, route, allowed }) => serves(method, route) && allowed(scope.access, scope.entity),
  );
  return rows.map(({ suffix, method, route, part }) => ({
    method,
    path: route.replace(':entity', scope.entity.name).replaceAll(/:(\w+)/g, '{$1}'),
    part: { operationId: scope.prefix + suffix, tags: [scope.entity.name], ...part(scope) },
  }));
}

/** Filters and order, without the form of the answer. */
export const queryOf = ({ entity, access, components }: EntityScope): Part[] => [
  ...filterParameters(entity, access, components),
  ...pageParameters(entity, components),
];

export const recordId = ({ entity, components }: EntityScope): Part =>
  components.use('parameters', 'recordId', () =>
    pathParameter(
      'id',
      entity.lookupFields.length > 0 ? 'Id of the record, or a lookup value' : 'Id of the record',
      EXAMPLE_ID,
    ),
  );

function recordRef({ entity, access, components }: EntityScope): Part {
  return components.use('schemas', schemaName(entity), () => recordSchema(entity, access));
}

const schemaName = ({ name }: EntityModel): string => (SHARED_NAMES.has(name) ? `${name}-record` : name);

export function recordAnswer(scope: EntityScope, description: string): Success {
  return { description, content: json(recordRef(scope), { example: recordExample(scope) }) };
}

function recordExample({ entity, access }: EntityScope): Json {
  return exampleOfSchema(recordSchema(entity, access));
}

function pageAnswer(scope: EntityScope): Success {
  const schema = {
    type: 'object',
    required: ['total', 'items'],
    properties: {
      total: { type: 'integer', description: 'Number of records on all pages' },
      offset: { type: 'string', description: '`_offset` of the next page' },
      items: { type: 'array', items: recordRef(scope) },
    },
  };
  return { description: 'A page of records', content: json(schema) };
}

/** What calls over several records answer: what became of each, or the job that does it. */
export const manyAnswer = (components: Components): Success => ({
  description: 'What became of each record; with `_async=true` the job',
  content: json({ anyOf: [shared(components, 'ResultMap'), shared(components, 'JobLink')] }),
});

const jobAnswer = (components: Components): Success => sharedAnswer(components, 'The job that does it', 'JobLink');

export const fileAnswer = (description: string): Success => ({
  description,
  content: { 'application/force-download': { schema: { type: 'string', format: 'binary' } } },
});

const modeParameter = (name: string, description: string): Part =>
  queryParameter(name, `${description}.`, { type: 'boolean', default: false });

export const modeParameters = (components: Components): Part[] => [
  components.use('parameters', '_async', () =>
    modeParameter('_async', 'Does it in the background and answers the job'),
  ),
  components.use('parameters', '_lowPriority', () =>
    modeParameter('_lowPriority', 'In the background: runs while few other jobs do'),
  ),
];

function auditParameters(): Part[] {
  const moment = { type: 'integer', format: 'int64' };
  return [
    queryParameter('eventTypes', 'Kinds of change, separated by commas.', { type: 'string' }, 'USER_RECORD_CHANGED'),
    queryParameter('from', 'Not before this moment, in epoch milliseconds.', moment, 1_484_578_380_000),
    queryParameter('to', 'Not after this moment, in epoch milliseconds.', moment, 4_102_444_800_000),
    queryParameter('_size', 'Entries of one page.', { type: 'integer', minimum: 0, default: 20 }, 20),
    queryParameter('_offset', '`offset` of the page before.', { type: 'string' }, '0'),
  ];
}

function bodyOf({ entity, access, components }: EntityScope, operation: 'create' | 'update'): Part {
  const schema = components.use('schemas', `${entity.name}-${operation}`, () => bodySchema(entity, access, operation));
  return { required: true, content: json(schema, { example: bodyExample(entity, access, operation) }) };
}

/** All that can be made up for a create; for an update a field or two that no other record minds. */
function bodyExample(entity: EntityModel, access: EntityAccess, operation: 'create' | 'update'): Json {
  const writable = entity.fields.filter((field) => canSet(access, field));
  const entries = writable.flatMap((field): [string, Json][] => {
    const value = writableExample(field);
    return value === undefined || (operation === 'update' && field.unique) ? [] : [[field.name, value]];
  });
  return Object.fromEntries(operation === 'create' ? entries : entries.slice(0, 2));
}

function aggregateExample({ entity, access }: EntityScope): Json {
  const by = entity.fields.find((field) => canGroup(field) && canSee(access, field));
  return by ? [{ group: { by: by.path, records: 'count()' } }] : [{ count: 'records' }];
}

const canGroup = ({ type, many, sensitive, transient, fields }: Field): boolean =>
  type.order.group !== null && !many && !sensitive && !transient && fields.length === 0;

const firstField = ({ entity, access }: EntityScope): string | undefined =>
  entity.fields.find((field) => canSee(access, field))?.name;
