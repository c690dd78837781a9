// The job types of the contract and of our own, with the facts that rules depend on (spec auth-jobs-logs-files §9.6).

export interface JobTypeFacts {
  /** Listed without being asked for by name. */
  readonly public: boolean;
  /** May be stopped while it runs. */
  readonly stoppable: boolean;
  readonly killable: boolean;
  /** This server makes such jobs, so it must have a handler for them. */
  readonly handled: boolean;
}

export type JobTypes = Readonly<Record<string, JobTypeFacts>>;

const WORK = { public: true, stoppable: true, killable: true } as const;
/** Work of a hosting platform: never made here, only known to filters. */
const PLATFORM = { public: true, stoppable: false, killable: false, handled: false } as const;

/** Types beginning with `SYSTEM_` are internal. */
export const JOB_TYPES = {
  DELETE_RECORDS: { ...WORK, handled: true },
  EXECUTE_ACTION: { ...WORK, handled: false },
  IMPORT_RECORDS: { ...WORK, handled: false },
  EXPORT_RECORDS: { ...WORK, handled: false },
  EXECUTE_LISTENER: { ...WORK, handled: false },
  IMPORT_USERS: PLATFORM,
  EXPORT_USERS: PLATFORM,
  START_APP: PLATFORM,
  STOP_APP: PLATFORM,
  DEPLOY_ENDPOINT: PLATFORM,
  UNDEPLOY_ENDPOINT: PLATFORM,
} as const satisfies JobTypes;

const UNKNOWN: JobTypeFacts = { public: false, stoppable: false, killable: false, handled: false };

/** Facts of a type; a stored job may have one that this version does not know. */
export function factsOf(types: JobTypes, type: string): JobTypeFacts {
  return types[type] ?? UNKNOWN;
}
