// The part of a process that runs jobs: places per queue, claims, the runs at hand, and the rounds that keep promises when
// something dies. It works without any wake-up; those only make it quick.
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { type Session, type SessionId, type Sessions, sessionId } from '../db/transaction.ts';
import { startLoop } from '../loop.ts';
import { claimNext } from './claim.ts';
import type { JobHandler, JobHandlers } from './handler.ts';
import type { JobDocument } from './job.ts';
import { type PerformDeps, perform } from './perform.ts';
import type { Queues } from './queues.ts';
import { type ActiveRun, createActiveRun, fenceOf, type RunDeps } from './run.ts';
import type { Fence, RunStore } from './run-store.ts';
import { createSlots, type Slots } from './slots.ts';
import { removeExpired, type SweepDeps, settleStops, takeOverFromDead } from './sweep.ts';
import type { JobTimings } from './timings.ts';
import { letGo } from './transitions.ts';
import { settle } from './tree.ts';

export interface WorkerDeps
  extends SweepDeps,
    Omit<RunDeps, 'flushMs' | 'onFlushError'>,
    Omit<PerformDeps, 'retryMs' | 'runs'> {
  readonly runs: RunStore;
  readonly sessions: Sessions;
  readonly handlers: JobHandlers;
  readonly queues: Queues;
  readonly timings: JobTimings;
  readonly log: Logger;
  /** Never goes back, ms. */
  readonly monotonic: () => number;
}

export interface JobWorker {
  /** A wake-up for a queue: runs one job, when there is one, to its end. */
  wake(queue: string): Promise<void>;
  /** Ms since the last round in which this process looked for work. */
  silence(): number;
  /** Jobs that run here now, by queue. */
  busy(): Readonly<Record<string, number>>;
  /**
   * Takes nothing more, asks the runs at hand to stop at their next batch, gives up those that need longer, and hands all of
   * them back to the queues.
   */
  stop(patienceMs: number): Promise<void>;
}

export async function createJobWorker(deps: WorkerDeps): Promise<JobWorker> {
  const { timings, log, monotonic } = deps;
  const id = `${hostname()}-${process.pid}-${randomBytes(6).toString('hex')}`;
  const facts = { host: hostname(), pid: process.pid };
  const active = new Map<string, ActiveRun>();
  const types = Object.keys(deps.handlers);
  const slots = new Map<string, Slots>();
  const unserved = new Set<string>();
  let choosing = false;
  let strays: ReadonlySet<string> = new Set();
  let stopping = false;
  let looked = monotonic();
  let beaten = Number.NEGATIVE_INFINITY;
  let steadySince = monotonic();

  for (const [queue, size] of deps.queues) {
    slots.set(
      queue,
      createSlots(size, () => runNext(queue, size)),
    );
  }

  const beat = async (): Promise<void> => {
    await deps.workers.beat(id, facts);
    // After a time in which the database was away nobody's word is old because of its own death.
    if (monotonic() - beaten > timings.heartbeat * 2) steadySince = monotonic();
    beaten = monotonic();
  };

  const look = async (): Promise<void> => {
    // Runs that begin while the answer is on its way are not in it.
    const asked = [...active];
    if (asked.length === 0) return;
    const stored = await deps.runs.glance(asked.map(([, { fence }]) => fence.job));
    for (const [key, run] of asked) {
      const seen = stored.get(key);
      if (seen?.attempt !== run.fence.attempt || seen.worker !== id) run.giveUp();
      else if (seen.status === 'STOPPING') run.askToStop();
    }
  };

  /** Jobs claimed in our name that do not run here: the answer to the claim got lost. Only those found twice in a row. */
  const handBackStrays = async (): Promise<void> => {
    const found = new Set<string>();
    for (const { _id, attempt, claim } of await deps.runs.held()) {
      if (claim?.worker !== id || active.has(_id.toHexString())) continue;
      const stray = `${_id.toHexString()} ${attempt}`;
      found.add(stray);
      if (strays.has(stray)) await handBack(fenceOf({ _id, attempt }, id), claim.session);
    }
    strays = found;
  };

  const sweep = async (): Promise<void> => {
    const steady = monotonic() - steadySince >= timings.heartbeat * 2 && monotonic() - beaten < timings.heartbeat * 2;
    if (steady) await takeOverFromDead(deps);
    await handBackStrays();
    await settleStops(deps);
    for (const queue of await deps.runs.waitingQueues()) {
      const places = slots.get(queue);
      if (places) places.fill();
      else reportUnserved(queue);
    }
    looked = monotonic();
  };

  const reportUnserved = (queue: string): void => {
    if (!unserved.has(queue)) log.warn({ queue }, 'jobs wait in a queue that this process does not serve (QUEUES)');
    unserved.add(queue);
  };

  await beat();
  const loops = [
    startLoop('the word that this worker lives', timings.heartbeat, log, beat),
    startLoop('the look at running jobs', timings.poll, log, look),
    startLoop('the look for waiting jobs', timings.sweep, log, sweep),
    startLoop('the removal of expired jobs', timings.cleanup, log, () => removeExpired(deps)),
  ];

  async function runNext(queue: string, size: number): Promise<boolean> {
    const session = deps.sessions.open();
    let run: ActiveRun | null = null;
    try {
      run = await take(queue, size, session);
      if (run) await see(run, perform(run, handlerOf(run.job), { ...deps, retryMs: timings.retry }), session);
    } catch (error) {
      log.warn({ err: error, queue }, 'no job could be taken; the next round tries again');
    }
    if (!run) await closeQuietly(session);
    return run !== null;
  }

  /** Jobs over which processes have ended run one at a time here: then only the one that does it is counted on. */
  async function take(queue: string, size: number, session: Session): Promise<ActiveRun | null> {
    const suspects = !choosing && ![...active.values()].some((run) => run.state().crashes > 0);
    if (suspects) choosing = true;
    try {
      const busy = (slots.get(queue)?.busy() ?? 1) - 1;
      const claim = { worker: id, session: sessionId(session) };
      const job = await claimNext(deps.runs, { queue, types, suspects, busy, size }, claim, deps.moment().now);
      return job && begin(job, session);
    } finally {
      if (suspects) choosing = false;
    }
  }

  function begin(job: JobDocument, session: Session): ActiveRun {
    const run = createActiveRun(job, fenceOf(job, id), session, {
      ...deps,
      flushMs: timings.flush,
      onFlushError: (error) =>
        log.debug({ err: error, job: job._id.toHexString() }, 'log lines wait for the next batch'),
    });
    const key = job._id.toHexString();
    // Stopped by force and resumed before anybody looked: the run before does not know it yet.
    active.get(key)?.giveUp();
    active.set(key, run);
    if (stopping) run.askToStop();
    return run;
  }

  function handlerOf({ type }: JobDocument): JobHandler {
    const handler = deps.handlers[type];
    if (!handler) throw new Error(`there is no handler for jobs of type ${type}`);
    return handler;
  }

  /**
   * Until the run is over or given up: then it may still be busy with something that can't be interrupted, but its place is free.
   */
  async function see(run: ActiveRun, performed: Promise<unknown>, session: Session): Promise<void> {
    const closed = performed.then(() => closeQuietly(session));
    await Promise.race([closed, run.gone]);
    const key = run.job._id.toHexString();
    if (active.get(key) === run) active.delete(key);
    if (run.shouldStop() && !stopping) await settleQuietly(run.job);
  }

  async function closeQuietly(session: Session): Promise<void> {
    try {
      await deps.sessions.close(session);
    } catch (error) {
      log.debug({ err: error }, 'a session could not be ended; the server forgets it by itself');
    }
  }

  /** The sweep would do it too, only later. */
  async function settleQuietly(job: JobDocument): Promise<void> {
    try {
      await settle(job.tree, deps);
    } catch (error) {
      log.debug({ err: error }, 'a stop is completed by a later round');
    }
  }

  async function giveUp(run: ActiveRun): Promise<void> {
    run.giveUp();
    if (run.job.claim) await handBack(run.fence, run.job.claim.session);
  }

  async function handBack({ job, attempt, worker }: Fence, session: SessionId): Promise<void> {
    await deps.sessions.kill([session]);
    const move = letGo(deps.moment(), { attempt: attempt + 1 });
    await deps.jobs.move({ _id: job, attempt, 'claim.worker': worker }, move);
  }

  return {
    wake: (queue) => slots.get(queue)?.wake() ?? Promise.resolve(),
    silence: () => monotonic() - looked,
    busy: () => Object.fromEntries([...slots].map(([queue, places]) => [queue, places.busy()])),
    stop: async (patienceMs) => {
      stopping = true;
      const idle = Promise.all([...slots.values()].map((places) => places.stop()));
      for (const run of active.values()) run.askToStop();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => {
        timer = setTimeout(resolve, patienceMs, 'late');
      });
      if ((await Promise.race([idle, late])) === 'late') {
        log.warn({ jobs: [...active.keys()] }, 'jobs that did not stop in time are handed back as they are');
        const outcomes = await Promise.allSettled([...active.values()].map(giveUp));
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected')
            log.warn({ err: outcome.reason }, 'a job was not handed back: others take it over');
        }
      }
      clearTimeout(timer);
      await Promise.all(loops.map((loop) => loop.stop()));
      await deps.workers.remove([id]);
    },
  };
}
