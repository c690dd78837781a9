// Queues that actions and listeners may name.
import type { Compilation } from './compilation.ts';
import type { Place } from './place.ts';

/** Queues that always exist (spec entity-model §2.13.6). */
const SYSTEM_QUEUES: ReadonlySet<string> = new Set(['system', 'mix', 'light', 'heavy']);
const DEFAULT_QUEUE = 'mix';

/** The queue to use; an unknown one becomes `mix`, with a warning (spec README). */
export function queueOf(c: Compilation, name: string | undefined, place: Place): string {
  if (name === undefined) return DEFAULT_QUEUE;
  if (SYSTEM_QUEUES.has(name) || c.queues.has(name)) return name;
  c.problems.warn(place, `there is no queue ${name}; ${DEFAULT_QUEUE} is used`);
  return DEFAULT_QUEUE;
}
