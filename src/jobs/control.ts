// Calls that steer a job: stop, force to stop, cancel, resume, kill (spec auth-jobs-logs-files §9.3).
import type { Context } from '../context.ts';
import { type AppError, badRequest, forbidden } from '../errors.ts';
import type { JobDocument, JobStatus } from './job.ts';
import type { LogLevel } from './log-store.ts';
import { below, cancel, forceStop, kill, type Moment, type Move, resume, stop } from './transitions.ts';
import { factsOf, type JobTypes } from './types.ts';

export const CONTROLS = ['stop', 'forceStop', 'cancel', 'resume', 'kill'] as const;
export type Control = (typeof CONTROLS)[number];

interface ControlRule {
  readonly move: (at: Moment) => Move;
  /** What follows for the jobs below a root. */
  readonly below: (at: Moment) => readonly Move[];
  readonly from: readonly JobStatus[];
  /** Statuses in which there is nothing left to do. */
  readonly already: readonly JobStatus[];
  /** Status of the refusal (spec README). */
  readonly refusal: number;
  /** Takes the job away from its worker, whose open transaction must not be waited for. */
  readonly takesAway: boolean;
  readonly rootsOnly: boolean;
  readonly line: { readonly level: LogLevel; readonly message: (who: string) => string };
}

const LATER = { refusal: 404, takesAway: false, rootsOnly: true, already: [] } as const;
const info = (message: (who: string) => string) => ({ level: 'INFO', message }) as const;

export const CONTROL_RULES: Readonly<Record<Control, ControlRule>> = {
  stop: {
    ...LATER,
    move: stop,
    below: below.stop,
    from: ['PENDING', 'RUNNING'],
    // Bad status is not among the documented failures of stopping twice (spec §9.3).
    already: ['STOPPING', 'STOPPED'],
    line: info((who) => `Stop requested by ${who}`),
  },
  forceStop: {
    ...LATER,
    move: forceStop,
    below: below.forceStop,
    from: ['STOPPING'],
    takesAway: true,
    line: { level: 'WARN', message: (who) => `Stopped by force by ${who}` },
  },
  cancel: {
    ...LATER,
    move: cancel,
    below: below.cancel,
    from: ['STOPPED'],
    line: info((who) => `Canceled by ${who}`),
  },
  resume: {
    ...LATER,
    move: resume,
    below: below.resume,
    from: ['STOPPED', 'CANCELED'],
    line: info((who) => `Resumed by ${who}`),
  },
  kill: {
    ...LATER,
    move: kill,
    below: below.kill,
    from: ['RUNNING', 'STOPPING'],
    refusal: 400,
    takesAway: true,
    rootsOnly: false,
    line: { level: 'ERROR', message: (who) => `Killed by ${who}` },
  },
};

/** @throws AppError `forbidden` for people who are neither developers nor the job's user */
export function requireOwner({ principal }: Context, job: JobDocument): void {
  if (principal.developer || principal.system || job.runBy?._id.toHexString() === principal.id) return;
  throw forbidden("You don't have permissions to control this job");
}

/** Why a call is refused whatever happens next; null when only the status can refuse it, and that may just have changed. */
export function refusalOf(control: Control, job: JobDocument, types: JobTypes): AppError | null {
  const rule = CONTROL_RULES[control];
  const refuse = (reason: string): AppError =>
    badRequest(`Job [${job._id.toHexString()}] can't ${WORDS[control]}: ${reason}`, { status: rule.refusal });
  if (rule.rootsOnly && job.parent) return refuse('it belongs to another job');
  if (control === 'stop' && job.status === 'RUNNING' && !job.stoppable)
    return refuse('jobs of its type run to their end');
  if (control === 'kill' && !factsOf(types, job.type).killable) return refuse("jobs of its type can't be killed");
  if (!rule.from.includes(job.status) && !rule.already.includes(job.status)) return refuse(`it is ${job.status}`);
  return null;
}

const WORDS: Readonly<Record<Control, string>> = {
  stop: 'be stopped',
  forceStop: 'be stopped by force',
  cancel: 'be canceled',
  resume: 'be resumed',
  kill: 'be killed',
};
