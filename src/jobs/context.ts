// On whose behalf a job runs: its user's rights as they are when a worker takes it (spec auth-jobs-logs-files §9.6).
import type { Logger } from 'pino';
import { type Context, type Principal, systemContext } from '../context.ts';
import type { JobDocument } from './job.ts';

export interface JobContextDeps {
  /** The principal of an active user; null when the user is gone or not active. */
  readonly activePrincipal: (id: string) => Promise<Principal | null>;
  readonly accessOf: (principal: Principal) => Context['accessTo'];
  readonly log: Logger;
  /** Zone of the app, for users without one of their own. */
  readonly zone: string;
}

/** Contexts for jobs; null for a job whose user may not work any more. */
export function createJobContexts(deps: JobContextDeps): (job: JobDocument) => Promise<Context | null> {
  return async (job) => {
    const requestId = `job ${job._id.toHexString()}`;
    if (!job.runBy) return systemContext(requestId, deps);
    const principal = await deps.activePrincipal(job.runBy._id.toHexString());
    return (
      principal && {
        principal,
        origin: 'user',
        reason: null,
        requestId,
        ip: null,
        zone: principal.timezone ?? deps.zone,
        log: deps.log.child({ requestId, user: principal.id }),
        accessTo: deps.accessOf(principal),
      }
    );
  };
}
