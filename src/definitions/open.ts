// The definitions of a process: read from its folder at start, and kept current from then on.
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { AnnouncementStore } from './announcement-store.ts';
import { followDefinitions } from './follow.ts';
import type { Identities } from './identities.ts';
import { createLiveDefinitions, type LiveDefinitions, type LiveDeps } from './live.ts';
import { compileDefinitions, type LoadedDefinitions, loadDefinitions, systemVariables } from './load.ts';
import { watchFolder } from './watch.ts';

type Settings = Pick<Config, 'entitiesDir' | 'appVariables' | 'appName' | 'envName' | 'publicUrl' | 'queues' | 'watch'>;

interface Deps {
  readonly announcements: AnnouncementStore;
  readonly config: Settings;
  readonly log: Logger;
}

/** Reads and checks the folder of the settings. @throws DefinitionsError with every mistake */
export function readDefinitions(config: Settings): Promise<LoadedDefinitions> {
  return loadDefinitions(config.entitiesDir, {
    appVars: config.appVariables,
    system: systemVariables(config),
    queues: Object.keys(config.queues),
  });
}

/** Puts the first definitions in force. */
export async function openDefinitions(
  loaded: LoadedDefinitions,
  {
    announcements,
    identitiesOf,
    config,
    log,
    prepare,
  }: Deps & Pick<LiveDeps, 'prepare'> & { readonly identitiesOf: (loaded: LoadedDefinitions) => Promise<Identities> },
): Promise<LiveDefinitions> {
  const identify = async (found: LoadedDefinitions) => compileDefinitions(found, await identitiesOf(found));
  const first = await identify(loaded);
  for (const warning of first.warnings) log.warn(warning);
  const { announce } = announcements;
  return createLiveDefinitions(first, { read: () => readDefinitions(config), identify, prepare, announce, log });
}

/**
 * Tells the other processes which definitions this one serves, and follows them and, where the settings say so, the folder.
 * @returns ends that
 */
export async function keepCurrent(
  live: LiveDefinitions,
  { announcements, config, log }: Deps,
): Promise<() => Promise<void>> {
  await announcements.announce(live.current().hash);
  const unfollow = followDefinitions(live, announcements, log);
  if (!config.watch) return unfollow;
  const unwatch = await watchFolder(config.entitiesDir, () => void live.refresh('the folder has changed'), log);
  return async () => {
    await unwatch();
    await unfollow();
  };
}
