// Queues and how many jobs each runs at the same time in one process (spec auth-jobs-logs-files §9.5).

/** Queue name -> jobs at the same time in one process. */
export type Queues = ReadonlyMap<string, number>;

const BUILT_IN: Readonly<Record<string, number>> = { system: 2, mix: 4, light: 8, heavy: 1 };

/** Where jobs go that name no queue, or one that does not exist. */
export const DEFAULT_QUEUE = 'mix';

/** The queues in force. @param configured setting `QUEUES`: further queues, and other numbers for the built-in ones */
export function queuesOf(configured: Readonly<Record<string, number>>): Queues {
  return new Map(Object.entries({ ...BUILT_IN, ...configured }));
}
