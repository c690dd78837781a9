// Every move between the statuses of a job, each as one conditional write: what must hold, and what changes
// (spec auth-jobs-logs-files §9.4). A move that finds nothing to change has lost a race, or is not allowed.
import type { Document } from 'mongodb';
import type { JobClaim } from './job.ts';

/** A conditional write on jobs. */
export interface Move {
  /** Joined with whatever names the job or jobs. */
  readonly from: Document;
  readonly to: Document[];
}

/** Now, and when what ends now may be removed. */
export interface Moment {
  readonly now: Date;
  readonly expires: Date;
}

const ROOT = { parent: null };
const ACTIVE = ['PENDING', 'RUNNING', 'STOPPING'];

/** No worker has it and none may take it. */
const LET_GO = { $unset: ['waiting', 'notBefore', 'claim'] };
/** Writes of a run that is still under way find nothing any more. */
const FENCED = { attempt: { $add: ['$attempt', 1] } };

const is = (status: string): Document => ({ $eq: ['$status', status] });
const rest = (status: string, { now, expires }: Moment): Document => ({ status, ended: now, expires });

/** Row 5 and 6: a pending job stops at once, a running one at its next checkpoint. */
export const stop = (at: Moment): Move => ({
  from: { ...ROOT, $or: [{ status: 'PENDING' }, { status: 'RUNNING', stoppable: true }] },
  to: [
    {
      $set: {
        status: { $cond: [is('PENDING'), 'STOPPED', 'STOPPING'] },
        ended: { $cond: [is('PENDING'), at.now, '$ended'] },
        expires: { $cond: [is('PENDING'), at.expires, '$$REMOVE'] },
      },
    },
    { $unset: ['waiting', 'notBefore'] },
  ],
});

/** Row 9: the work is abandoned where it is. */
export const forceStop = (at: Moment): Move => ({
  from: { ...ROOT, status: 'STOPPING', stoppable: true },
  to: [{ $set: { ...rest('STOPPED', at), ...FENCED } }, LET_GO],
});

/** Row 12. */
export const cancel = (at: Moment): Move => ({
  from: { ...ROOT, status: 'STOPPED' },
  to: [{ $set: rest('CANCELED', at) }],
});

/** Rows 10 and 11: on from where it stopped; a job that never started waits again. */
export const resume = (): Move => ({
  from: { ...ROOT, status: { $in: ['STOPPED', 'CANCELED'] }, removing: { $exists: false } },
  to: RESUMED,
});

const RESUMED: Document[] = [
  {
    $set: {
      status: { $cond: [{ $eq: ['$started', null] }, 'PENDING', 'RUNNING'] },
      ended: null,
      waiting: true,
      crashes: 0,
    },
  },
  { $unset: ['expires', 'notBefore'] },
];

/** Row 14. */
export const kill = (at: Moment): Move => ({
  from: { status: { $in: ['RUNNING', 'STOPPING'] } },
  to: [{ $set: { ...rest('FINISHED', at), ...FENCED, progress: 100, hasErrors: true } }, LET_GO],
});

/** What a call on a root means for the jobs below it; applied one after the other. */
export const below = {
  stop: (at: Moment): Move[] => [
    { from: { status: 'PENDING' }, to: [{ $set: rest('STOPPED', at) }, LET_GO] },
    {
      from: { status: 'RUNNING', stoppable: true },
      to: [{ $set: { status: 'STOPPING' } }, { $unset: ['waiting', 'notBefore'] }],
    },
  ],
  forceStop: (at: Moment): Move[] => [
    { from: { status: { $in: ACTIVE } }, to: [{ $set: { ...rest('STOPPED', at), ...FENCED } }, LET_GO] },
  ],
  cancel: (at: Moment): Move[] => [{ from: { status: 'STOPPED' }, to: [{ $set: rest('CANCELED', at) }] }],
  resume: (): Move[] => [{ from: { status: { $in: ['STOPPED', 'CANCELED'] } }, to: RESUMED }],
  /** A root that ended can't be resumed any more, so nothing below it may wait for that; what runs may run on. */
  kill: (at: Moment): Move[] => [
    { from: { status: 'STOPPING' }, to: kill(at).to },
    { from: { status: 'STOPPED' }, to: [{ $set: rest('CANCELED', at) }] },
  ],
};

/** Row 7 for a job below another: nobody works on it, so its stop is complete. */
export const settleBelow = (at: Moment): Move => ({
  from: { parent: { $ne: null }, status: 'STOPPING', claim: { $exists: false } },
  to: [{ $set: rest('STOPPED', at) }],
});

/** Row 7 for a root whose jobs below are quiet; row 8 when its own work had ended and nothing below waits to be resumed. */
export const settleRoot = (at: Moment, restsBelow: boolean): Move => ({
  from: { ...ROOT, status: 'STOPPING', claim: { $exists: false } },
  to: [
    {
      $set: restsBelow
        ? rest('STOPPED', at)
        : {
            status: { $cond: ['$workDone', 'FINISHED', 'STOPPED'] },
            progress: { $cond: ['$workDone', 100, '$progress'] },
            ended: at.now,
            expires: at.expires,
          },
    },
  ],
});

/** Row 2: a worker takes a job. */
export const take = (claim: JobClaim, now: Date): Move => ({
  from: { waiting: true, notBefore: { $not: { $gt: now } } },
  to: [
    {
      $set: { status: 'RUNNING', started: { $ifNull: ['$started', now] }, claim: { $literal: claim }, ...FENCED },
    },
    { $unset: ['waiting', 'notBefore'] },
  ],
});

/** A root with jobs below it is not done with its stop before those are quiet. */
const WAITS_BELOW: Document = { $and: [is('STOPPING'), '$hasChildren', { $eq: ['$parent', null] }] };

/** Rows 3, 4 and 8: the work has ended. */
export const finish = (at: Moment, values: Document): Move => ({
  from: {},
  to: [
    { $set: { ...values, waitsBelow: WAITS_BELOW } },
    {
      $set: {
        status: { $cond: ['$waitsBelow', 'STOPPING', 'FINISHED'] },
        progress: { $cond: ['$waitsBelow', '$progress', 100] },
        ended: { $cond: ['$waitsBelow', null, at.now] },
        expires: { $cond: ['$waitsBelow', '$$REMOVE', at.expires] },
        workDone: { $cond: ['$waitsBelow', true, '$$REMOVE'] },
      },
    },
    { $unset: ['claim', 'waitsBelow'] },
  ],
});

/** Rows 7 and 16: the run has ended before its work: by a stop, or (still `RUNNING`) because its process ends; then others go on. */
export const letGo = (at: Moment, values: Document = {}): Move => ({
  from: {},
  to: [
    { $set: { ...values, stopped: { $and: [is('STOPPING'), { $not: [WAITS_BELOW] }] }, released: is('RUNNING') } },
    {
      $set: {
        status: { $cond: ['$stopped', 'STOPPED', '$status'] },
        ended: { $cond: ['$stopped', at.now, '$ended'] },
        expires: { $cond: ['$stopped', at.expires, '$$REMOVE'] },
        waiting: { $cond: ['$released', true, '$$REMOVE'] },
      },
    },
    { $unset: ['claim', 'stopped', 'released'] },
  ],
});

/** Row 15: the job of a dead worker goes on elsewhere. @param notBefore gives those behind a job that keeps killing a chance */
export const takeOver = (at: Moment, notBefore: Date | null, values: Document): Move =>
  letGo(at, {
    ...values,
    ...FENCED,
    crashes: { $add: ['$crashes', 1] },
    notBefore: notBefore ?? '$$REMOVE',
  });
