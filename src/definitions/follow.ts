// Follows the definitions of the other processes: when one of them has put new ones in force, this one looks at its folder too.
import type { Logger } from 'pino';
import type { AnnouncementStore } from './announcement-store.ts';
import type { LiveDefinitions } from './live.ts';

/** How often the announcement is read. */
const POLL_MS = 2_000;
/** Folders may come later than the word about them; after so many looks, at growing intervals, they are taken to be meant so. */
const LOOKS = 6;

/**
 * Begins to follow. An announced hash is no order but a reason to look: each process serves what its own folder holds.
 * @param pollMs for tests
 * @returns ends it, after the look under way
 */
export function followDefinitions(
  live: LiveDefinitions,
  store: Pick<AnnouncementStore, 'read'>,
  log: Logger,
  pollMs = POLL_MS,
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let ended = false;
  let seen: string | null = null;
  let looks = 0;
  let skip = 0;

  const look = async (): Promise<void> => {
    const announced = await store.read();
    if (announced !== seen) [seen, looks, skip] = [announced, 0, 0];
    if (announced === null || announced === live.current().hash || looks >= LOOKS) return;
    skip -= 1;
    if (skip >= 0) return;
    await live.refresh('another process has new definitions');
    looks += 1;
    skip = 2 ** looks - 1;
    if (looks === LOOKS && announced !== live.current().hash) {
      log.warn('another process serves definitions that are not in the folder of this one (ENTITIES_DIR)');
    }
  };

  const next = (): void => {
    timer = setTimeout(() => {
      looking = look()
        .catch((error: unknown) =>
          log.debug({ err: error }, 'the definitions of other processes could not be looked up'),
        )
        .finally(() => {
          if (!ended) next();
        });
    }, pollMs);
    timer.unref();
  };
  next();

  return async () => {
    ended = true;
    clearTimeout(timer);
    await looking;
  };
}
