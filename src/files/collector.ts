// Removes files that nobody needs, in two steps: a condemned file is found by nobody, and is looked at once more before it goes.
//
// No file that a record holds is lost, however this mixes with saves: a save takes a file in the transaction that writes the record,
// and only while the file is `stored`. Each of the two touches the file's document and depends on its state: when the save
// comes first, its new revision makes the condemnation fail; when the condemnation comes first, the save fails.
import type { Logger } from 'pino';
import type { FileDocument } from './file.ts';
import type { Life, Need } from './life.ts';
import type { ShareStore } from './share-store.ts';
import type { FileStore, Verdict } from './store.ts';

export interface CollectorDeps {
  readonly store: FileStore;
  readonly shares: ShareStore;
  readonly life: Life;
  readonly unreferencedMs: number;
  readonly now: () => number;
  readonly log: Logger;
}

const FILES_AT_ONCE = 200;
const REMOVALS_AT_ONCE = 4;

/**
 * Goes through all files whose time has come. Any number of processes may do so at the same time.
 * @param signal ends it after the files in hand
 * @returns how many files were removed
 */
export async function collectFiles(deps: CollectorDeps, signal?: AbortSignal): Promise<number> {
  let removed = 0;
  for (;;) {
    const due = await deps.store.due(new Date(deps.now()), FILES_AT_ONCE);
    const outcomes = await judgeAll(due, deps, signal);
    removed += outcomes.filter((outcome) => outcome === 'removed').length;
    // a file that others decide about at this moment comes again
    const moved = outcomes.some((outcome) => outcome !== 'skipped');
    if (signal?.aborted || !moved) break;
  }
  if (removed > 0) deps.log.info({ removed }, 'removed files that nothing refers to');
  return removed;
}

type Outcome = 'removed' | 'decided' | 'skipped';

async function judgeAll(due: readonly FileDocument[], deps: CollectorDeps, signal?: AbortSignal): Promise<Outcome[]> {
  const needs = await deps.life.needs(due);
  const outcomes: Outcome[] = [];
  for (let from = 0; from < due.length && !signal?.aborted; from += REMOVALS_AT_ONCE) {
    const some = due.slice(from, from + REMOVALS_AT_ONCE);
    outcomes.push(...(await Promise.all(some.map((file, index) => judge(file, needs[from + index] ?? null, deps)))));
  }
  return outcomes;
}

async function judge(file: FileDocument, need: Need, deps: CollectorDeps): Promise<Outcome> {
  const { store, shares } = deps;
  const verdict = verdictOn(file, need, new Date(deps.now() + deps.unreferencedMs));
  if (verdict && !(await store.decide(file, verdict))) return 'skipped';
  if (verdict && verdict.state !== 'removing') return 'decided';
  await shares.removeOf(file._id);
  await store.remove(file._id);
  return 'removed';
}

/** Null: what was begun is to be ended. */
function verdictOn({ state }: FileDocument, need: Need, later: Date): Verdict | null {
  if (state === 'removing') return null;
  if (need === 'record') return { state: 'stored', expires: null };
  if (need !== null) return { expires: later, ...(state === 'condemned' ? { state: 'stored' } : {}) };
  return { state: state === 'stored' ? 'condemned' : 'removing' };
}
