// Who may steer a job, and which calls are refused in which state, with which status (spec auth-jobs-logs-files §9.3).
import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { CONTROLS, type Control, refusalOf, requireOwner } from '../../../src/jobs/control.ts';
import { requireHandlers } from '../../../src/jobs/handlers/index.ts';
import { JOB_STATUSES, type JobDocument, type JobStatus } from '../../../src/jobs/job.ts';
import { queuesOf } from '../../../src/jobs/queues.ts';
import { JOB_TYPES } from '../../../src/jobs/types.ts';
import { callerOf } from '../../support/callers.ts';

const owner = new ObjectId();

const jobOf = (over: Partial<JobDocument>): JobDocument =>
  ({
    _id: new ObjectId(),
    type: 'DELETE_RECORDS',
    status: 'RUNNING',
    parent: null,
    stoppable: true,
    runBy: { _id: owner, fullName: 'Owner' },
    ...over,
  }) as JobDocument;

/** Statuses in which each call is answered with 200. */
const ALLOWED: Readonly<Record<Control, readonly JobStatus[]>> = {
  stop: ['PENDING', 'RUNNING', 'STOPPING', 'STOPPED'],
  forceStop: ['STOPPING'],
  cancel: ['STOPPED'],
  resume: ['STOPPED', 'CANCELED'],
  kill: ['RUNNING', 'STOPPING'],
};

describe.each(CONTROLS)('%s', (control) => {
  const refused = { code: 'badRequest', status: control === 'kill' ? 400 : 404 };

  it.each(JOB_STATUSES)('in status %s', (status) => {
    const refusal = refusalOf(control, jobOf({ status }), JOB_TYPES);
    if (ALLOWED[control].includes(status)) expect(refusal).toBeNull();
    else expect(refusal).toMatchObject({ ...refused, message: expect.stringContaining(`it is ${status}`) });
  });

  it('of a job below another one', () => {
    const [status] = ALLOWED[control];
    const refusal = refusalOf(
      control,
      jobOf({ status: status ?? 'RUNNING', parent: { _id: new ObjectId(), label: 'x' } }),
      JOB_TYPES,
    );
    if (control === 'kill') expect(refusal).toBeNull();
    else expect(refusal).toMatchObject(refused);
  });
});

it('a job that runs to its end can be stopped only before it starts', () => {
  expect(refusalOf('stop', jobOf({ stoppable: false }), JOB_TYPES)).toMatchObject({ code: 'badRequest', status: 404 });
  expect(refusalOf('stop', jobOf({ stoppable: false, status: 'PENDING' }), JOB_TYPES)).toBeNull();
});

it('a job of the platform, or of a type that is not known, cannot be killed', () => {
  for (const type of ['START_APP', 'SYSTEM_OF_LATER']) {
    expect(refusalOf('kill', jobOf({ type }), JOB_TYPES)).toMatchObject({ code: 'badRequest', status: 400 });
  }
});

it('only developers, system users and the job own user may steer it', () => {
  const job = jobOf({});
  for (const who of [{ id: owner.toHexString() }, { developer: true }, { system: true }])
    requireOwner(callerOf(who), job);
  expect(() => requireOwner(callerOf(), job)).toThrowError(expect.objectContaining({ code: 'forbidden', status: 403 }));
  expect(() => requireOwner(callerOf(), jobOf({ runBy: null }))).toThrowError(expect.objectContaining({ status: 403 }));
});

describe('the table of handlers', () => {
  const handler = async () => 'finished' as const;

  it('has no gap and nothing too much', () => {
    requireHandlers({ DELETE_RECORDS: handler }, JOB_TYPES);
    expect(() => requireHandlers({}, JOB_TYPES)).toThrowError(/no handler .*DELETE_RECORDS/);
    expect(() => requireHandlers({ DELETE_RECORDS: handler, OTHER: handler }, JOB_TYPES)).toThrowError(/OTHER/);
  });
});

describe('queues', () => {
  it.each(['mix', 'mix:0', 'mix:1000', 'mix:2,mix:3', 'my queue:1', '1st:2', 'mix:-1', 'mix:1.5'])(
    'QUEUES=%s is refused',
    (value) => {
      expect(() => readConfig({ QUEUES: value })).toThrowError(/^QUEUES must be a comma list of queues/);
    },
  );

  it('are read from the setting', () => {
    expect(readConfig({ QUEUES: ' reports:2, mix:8 ' }).queues).toEqual({ reports: 2, mix: 8 });
  });

  it('are the four built-in ones, with further ones and other numbers from the settings', () => {
    expect([...queuesOf({})]).toEqual([
      ['system', 2],
      ['mix', 4],
      ['light', 8],
      ['heavy', 1],
    ]);
    expect([...queuesOf({ mix: 9, reports: 3 })]).toEqual([
      ['system', 2],
      ['mix', 9],
      ['light', 8],
      ['heavy', 1],
      ['reports', 3],
    ]);
  });
});
