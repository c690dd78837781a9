// The definitions in force: read aside, made ready, and swapped whole; whatever fails leaves the old ones where they are.
import type { Logger } from 'pino';
import type { LoadedDefinitions } from './load.ts';
import type { Definitions } from './model.ts';
import { DefinitionsError, formatProblem } from './problems.ts';

export interface LiveDefinitions {
  /** Those in force at this moment; whoever works with them for longer keeps what it got. */
  readonly current: () => Definitions;
  /**
   * Reads the folder again and puts what it finds in force, also when nothing has changed.
   * @throws DefinitionsError with every mistake, and whatever making ready throws; the old ones stay in force
   */
  reload(): Promise<Definitions>;
  /** The same where the sources have changed; a failure is logged. @returns whether what is in force is what the folder holds */
  refresh(reason: string): Promise<boolean>;
}

export interface LiveDeps {
  /** Reads and checks the folder. */
  readonly read: () => Promise<LoadedDefinitions>;
  /** Gives loaded definitions their ids. */
  readonly identify: (loaded: LoadedDefinitions) => Promise<Definitions>;
  /** Does what has to be done before (indexes); the function it gives makes the swap known, at once and without failing. */
  readonly prepare: (next: Definitions) => Promise<() => void>;
  /** Tells the other processes. */
  readonly announce: (hash: string) => Promise<void>;
  readonly log: Logger;
}

/** Reloads are done one after the other: the last one to be asked for sees the newest files. */
export function createLiveDefinitions(first: Definitions, deps: LiveDeps): LiveDefinitions {
  const { log } = deps;
  let current = first;
  let queue: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(work, work);
    queue = turn.catch(() => undefined); // whoever asked gets the error
    return turn;
  };

  const putInForce = async (loaded: LoadedDefinitions): Promise<Definitions> => {
    const next = await deps.identify(loaded);
    const swap = await deps.prepare(next);
    current = next;
    swap();
    for (const warning of next.warnings) log.warn(warning);
    log.info({ hash: next.hash.slice(0, 12), entities: next.entities.size }, 'new definitions are in force');
    await deps.announce(next.hash);
    return next;
  };

  const refresh = async (reason: string): Promise<boolean> => {
    try {
      const loaded = await deps.read();
      if (loaded.hash !== current.hash) await putInForce(loaded);
      return true;
    } catch (error) {
      logRefusal(log, error, reason);
      return false;
    }
  };

  return {
    current: () => current,
    reload: () =>
      inTurn(async () => {
        try {
          return await putInForce(await deps.read());
        } catch (error) {
          logRefusal(log, error, 'a call');
          throw error;
        }
      }),
    refresh: (reason) => inTurn(() => refresh(reason)),
  };
}

/** One line for each mistake, as a start prints them. */
function logRefusal(log: Logger, error: unknown, reason: string): void {
  if (!(error instanceof DefinitionsError)) {
    log.error({ err: error, reason }, 'new definitions could not be put in force; the old ones stay');
    return;
  }
  const count = error.problems.length;
  log.error({ reason }, `new definitions have ${count} mistake${count === 1 ? '' : 's'}; the old ones stay in force`);
  for (const problem of error.problems) log.error(formatProblem(problem));
}
