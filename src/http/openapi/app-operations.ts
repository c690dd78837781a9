// The operations that do not depend on entities: login, users, files, jobs, logs, definitions. One row each; a row counts where the
// server has its route.
import { CONTROLS, type Control } from '../../jobs/control.ts';
import { JOB_STATUSES } from '../../jobs/job.ts';
import { answers, type ErrorStatus, json, type Success, sharedAnswer } from './answers.ts';
import type { Components, Part } from './components.ts';
import { fileAnswer } from './entity-operations.ts';
import { EXAMPLE_ID } from './examples.ts';
import { type Method, type Operation, pathParameter, queryParameter, type Serves } from './operation.ts';

interface Row {
  readonly id: string;
  readonly method: Method;
  /** As the router has it. */
  readonly route: string;
  readonly tag: keyof typeof APP_TAGS;
  readonly summary: string;
  readonly description: string;
  readonly success: (components: Components) => Success;
  readonly errors: readonly (ErrorStatus | 'invalid')[];
  readonly parameters?: readonly Part[];
  readonly body?: Part;
  /** Needs no token. */
  readonly open?: true;
  /** Refused to everybody else. */
  readonly developers?: true;
}

export const APP_TAGS = {
  auth: 'Logging in and out',
  files: 'Files, for fields of records',
  jobs: 'Work in the background',
  logs: "The app's log",
  system: 'The server itself',
} as const;

const text = { type: 'string' };
const epoch = { type: 'integer', format: 'int64' };
const empty = (components: Components): Success => sharedAnswer(components, 'Nothing to say', 'Empty');
const jobId = pathParameter('id', 'Id of the job', EXAMPLE_ID);
const fileId = pathParameter('id', 'Id of the file', EXAMPLE_ID);

const pageOf = (size: number): Part[] => [
  queryParameter('_size', 'Elements of one page.', { type: 'integer', minimum: 0, default: size }, size),
  queryParameter('_offset', '`offset` of the page before, or a number of elements to skip.', text, '0'),
];

const PERIOD: readonly Part[] = [
  queryParameter('period', 'A time that ends now, such as `3h`, or `today`, `yesterday`.', text, '3h'),
  queryParameter('from', 'Not before this moment, in epoch milliseconds.', epoch, 1_484_578_380_000),
  queryParameter('to', 'Not after this moment, in epoch milliseconds.', epoch, 4_102_444_800_000),
];

const LOGIN: Part = {
  required: true,
  content: json(
    {
      type: 'object',
      required: ['email', 'password'],
      properties: {
        email: text,
        password: text,
        emailImpersonatedUser: { type: ['string', 'null'], description: 'Whom to act as' },
      },
    },
    { example: { email: 'user@example.com', password: 'secret' } },
  ),
};

const LOG_LINE: Part = {
  required: true,
  content: json(
    {
      type: 'object',
      required: ['message'],
      properties: {
        message: text,
        level: { type: 'string', enum: ['INFO', 'WARN', 'ERROR'] },
        additionalInfo: { type: 'object', additionalProperties: true },
      },
    },
    { example: { message: 'Something happened', level: 'INFO', additionalInfo: { orders: 3 } } },
  ),
};

const UPLOAD: Part = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' } } },
    },
  },
};

const CONTROL_TEXTS: Readonly<Record<Control, readonly [summary: string, description: string]>> = {
  stop: ['Stop a job', 'A job that waits stops at once, one that runs after the records at hand.'],
  forceStop: ['Stop a job by force', 'Abandons the work of a job that is being stopped.'],
  cancel: ['Cancel a job', 'Ends a stopped job.'],
  resume: ['Resume a job', 'Lets a stopped or canceled job go on where it was.'],
  kill: ['Kill a job', 'Abandons the work of a job and finishes it with errors.'],
};

const ROWS: readonly Row[] = [
  {
    id: 'login',
    method: 'post',
    route: '/auth/login',
    tag: 'auth',
    summary: 'Log in',
    description: 'Answers the token that every other request carries in the header `token`.',
    success: (components) => sharedAnswer(components, 'A session', 'Session'),
    errors: [400, 401, 403, 429],
    body: LOGIN,
    open: true,
  },
  {
    id: 'logout',
    method: 'post',
    route: '/auth/logout',
    tag: 'auth',
    summary: 'Log out',
    description: 'Ends the session of the token.',
    success: empty,
    errors: [401],
  },
  {
    id: 'usersCurrent',
    method: 'get',
    route: '/users/current',
    tag: 'auth',
    summary: 'Read the current user',
    description: 'Whose token it is.',
    success: (components) => sharedAnswer(components, 'The user', 'User'),
    errors: [401],
  },
  {
    id: 'filesUpload',
    method: 'post',
    route: '/files',
    tag: 'files',
    summary: 'Upload a file',
    description: 'A file that no record refers to is removed after some hours.',
    success: (components) => sharedAnswer(components, 'The file', 'UploadedFile'),
    errors: [400, 401, 403],
    body: UPLOAD,
  },
  {
    id: 'filesDownload',
    method: 'get',
    route: '/files/:id',
    tag: 'files',
    summary: 'Download a file',
    description: 'For whoever uploaded the file or ran the job that made it, and for developers.',
    success: () => fileAnswer('The content'),
    errors: [401, 403, 404],
    parameters: [fileId],
  },
  {
    id: 'filesShare',
    method: 'put',
    route: '/files/:id/share',
    tag: 'files',
    summary: 'Share a file',
    description: 'Makes a link that anybody may open for a while, without a token, at `/files/shared/<sharedFileId>`.',
    success: (components) => sharedAnswer(components, 'The link', 'SharedFile'),
    errors: [400, 401, 403, 404],
    parameters: [
      fileId,
      queryParameter(
        'ttl',
        'Milliseconds; 0 is for ever.',
        { type: 'integer', minimum: 0, default: 3_600_000 },
        3_600_000,
      ),
    ],
  },
  {
    id: 'jobsFindMany',
    method: 'get',
    route: '/status/jobs',
    tag: 'jobs',
    summary: 'List jobs',
    description: 'Own jobs, for developers all of them, the newest first.',
    success: (components) => sharedAnswer(components, 'A page of jobs', 'JobPage'),
    errors: [400, 401, 403],
    parameters: [
      queryParameter('status', `Separated by commas: ${JOB_STATUSES.join(', ')}.`, text, 'RUNNING,PENDING'),
      ...pageOf(20),
    ],
  },
  {
    id: 'jobsFindOne',
    method: 'get',
    route: '/status/jobs/:id',
    tag: 'jobs',
    summary: 'Read a job',
    description: 'Its state, progress and results.',
    success: (components) => sharedAnswer(components, 'The job', 'Job'),
    errors: [401, 403, 404],
    parameters: [jobId],
  },
  {
    id: 'jobsLogs',
    method: 'get',
    route: '/status/jobs/:id/logs',
    tag: 'jobs',
    summary: 'Read the log of a job',
    description: 'Oldest lines first.',
    success: (components) => sharedAnswer(components, 'A page of lines', 'JobLogPage'),
    errors: [400, 401, 403, 404],
    parameters: [jobId, ...PERIOD, ...pageOf(200)],
  },
  ...CONTROLS.map(
    (control): Row => ({
      id: `jobs${control.charAt(0).toUpperCase()}${control.slice(1)}`,
      method: 'put',
      route: `/status/jobs/:id/${control}`,
      tag: 'jobs',
      summary: CONTROL_TEXTS[control][0],
      description: CONTROL_TEXTS[control][1],
      success: (components) => sharedAnswer(components, 'The job after the change', 'Job'),
      errors: [400, 401, 403, 404],
      parameters: [jobId],
    }),
  ),
  {
    id: 'logsFindMany',
    method: 'get',
    route: '/status/logs',
    tag: 'logs',
    summary: 'Read the log',
    description: 'Oldest lines first.',
    success: (components) => sharedAnswer(components, 'A page of lines', 'AppLogPage'),
    errors: [400, 401, 403],
    parameters: [
      queryParameter('level', 'Separated by commas: INFO, WARN, ERROR.', text, 'WARN,ERROR'),
      queryParameter('message', 'Part of the message.', text, 'login'),
      queryParameter('userEmail', 'Part of the e-mail of the user.', text, 'example.com'),
      ...PERIOD,
      ...pageOf(200),
    ],
    developers: true,
  },
  {
    id: 'logsCreate',
    method: 'post',
    route: '/status/logs',
    tag: 'logs',
    summary: 'Write a line',
    description: 'Adds a line to the log of the app.',
    success: (components) => sharedAnswer(components, 'The line', 'AppLog'),
    errors: ['invalid', 401, 403],
    body: LOG_LINE,
    developers: true,
  },
  {
    id: 'clearCache',
    method: 'put',
    route: '/system/clearCache',
    tag: 'system',
    summary: 'Reload the definitions',
    description:
      'Puts changed definitions in force, in all processes. Mistakes are listed in the error, and the old ones stay.',
    success: empty,
    errors: [400, 401, 403],
    developers: true,
  },
];

/** @param developer also what is refused to everybody else */
export function appOperations(components: Components, developer: boolean, serves: Serves): Operation[] {
  const rows = ROWS.filter(
    ({ method, route, developers }) => serves(method, route) && (developer || developers === undefined),
  );
  return rows.map(({ id, method, route, tag, summary, description, success, errors, parameters, body, open }) => ({
    method,
    path: route.replaceAll(/:(\w+)/g, '{$1}'),
    part: {
      operationId: id,
      tags: [tag],
      summary,
      description,
      ...(open && { security: [] }),
      ...(parameters && { parameters }),
      ...(body && { requestBody: body }),
      responses: answers(components, success(components), errors),
    },
  }));
}
