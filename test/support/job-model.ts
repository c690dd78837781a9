// The state table as a model (spec auth-jobs-logs-files §9.4), and random sequences of calls played against real workers: no answer
// and no stored status may be one that the table does not allow.
import * as fc from 'fast-check';
import { ObjectId } from 'mongodb';
import { expect } from 'vitest';
import type { AppError } from '../../src/errors.ts';
import type { Control } from '../../src/jobs/control.ts';
import type { JobStatus } from '../../src/jobs/job.ts';
import { DEVELOPER } from './callers.ts';
import { forkWorker, type JobPlace, type JobTestOptions, type TestEngine, until, type WorkerProcess } from './jobs.ts';

/** What workers and the passing of time do by themselves. */
const BY_ITSELF: Readonly<Record<string, readonly JobStatus[]>> = {
  PENDING: ['RUNNING'],
  RUNNING: ['FINISHED'],
  STOPPING: ['STOPPED', 'FINISHED'],
};

/** What each call makes of a status; absent: refused. */
const BY_CALL: Readonly<Record<Control, Readonly<Record<string, readonly JobStatus[]>>>> = {
  stop: { PENDING: ['STOPPED'], RUNNING: ['STOPPING'], STOPPING: ['STOPPING'], STOPPED: ['STOPPED'] },
  forceStop: { STOPPING: ['STOPPED'] },
  cancel: { STOPPED: ['CANCELED'] },
  resume: { STOPPED: ['RUNNING', 'PENDING'], CANCELED: ['RUNNING', 'PENDING'] },
  kill: { RUNNING: ['FINISHED'], STOPPING: ['FINISHED'] },
};

/** Every pair of statuses that may follow each other in the database. */
export const ALLOWED: ReadonlySet<string> = new Set(
  [BY_ITSELF, ...Object.values(BY_CALL)].flatMap((table) =>
    Object.entries(table).flatMap(([from, tos]) => tos.filter((to) => to !== from).map((to) => `${from}->${to}`)),
  ),
);

export type Step =
  | { readonly do: Control | 'read' }
  /** ms */
  | { readonly do: 'wait'; readonly ms: number };

export interface Sequence {
  readonly units: number;
  /** ms after each unit. */
  readonly pause: number;
  readonly steps: readonly Step[];
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom<Control>('stop', 'resume') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom<Control | 'read'>('forceStop', 'cancel', 'read') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant<Control>('kill') }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 150 }) }) },
);

/** The same sequences for the same seed. */
export function sequences(count: number, seed: number): Sequence[] {
  const sequence = fc.record({
    units: fc.integer({ min: 0, max: 12 }),
    pause: fc.integer({ min: 0, max: 30 }),
    steps: fc.array(steps, { minLength: 2, maxLength: 12 }),
  });
  return fc.sample(sequence, { numRuns: count, seed });
}

/** Statuses that the job may have by now. */
function drifted(possible: ReadonlySet<JobStatus>): Set<JobStatus> {
  const all = new Set(possible);
  for (const status of all) for (const next of BY_ITSELF[status] ?? []) all.add(next);
  return all;
}

/** Plays one sequence on one job. */
export async function play(engine: TestEngine, { units, pause, steps: all }: Sequence): Promise<string> {
  const { jobId } = await engine.jobs.submit(DEVELOPER, {
    type: 'TEST_COUNT',
    label: 'model',
    queue: 'light',
    input: { units, pause },
  });
  let possible = new Set<JobStatus>(['PENDING']);
  const history: string[] = [];
  for (const step of [...all, ...LAST_STEPS]) {
    if (step.do === 'wait') await new Promise((resolve) => setTimeout(resolve, step.ms));
    possible = drifted(possible);
    if (step.do === 'wait') continue;
    const answer = await ask(engine, jobId, step.do);
    // it may go on while the answer is on its way
    possible = explain(step.do, answer, possible, history);
    history.push(`${step.do}=${answer}`);
  }
  return jobId;
}

const LAST_STEPS: readonly Step[] = [{ do: 'read' }];

async function ask(engine: TestEngine, id: string, what: Control | 'read'): Promise<JobStatus | 'refused'> {
  if (what === 'read') return (await engine.jobs.read(DEVELOPER, id)).status;
  try {
    return (await engine.jobs.control(DEVELOPER, id, what)).status;
  } catch (error) {
    expect(error).toMatchObject({ code: 'badRequest', status: what === 'kill' ? 400 : 404 });
    expect((error as AppError).message).toContain(id);
    return 'refused';
  }
}

/** The statuses that explain an answer. @throws when none does */
function explain(
  what: Control | 'read',
  answer: JobStatus | 'refused',
  possible: ReadonlySet<JobStatus>,
  history: readonly string[],
): Set<JobStatus> {
  const after = new Set<JobStatus>();
  for (const status of possible) {
    const results = what === 'read' ? [status] : BY_CALL[what][status];
    if (results === undefined && answer === 'refused') after.add(status);
    if (answer !== 'refused' && results?.includes(answer)) after.add(answer);
  }
  const story = `${history.join(', ')}, ${what}=${answer} with ${[...possible].join('|')}`;
  expect([...after], story).not.toEqual([]);
  return after;
}

/** Follows every change of status in the database. */
export async function watchStatuses(engine: TestEngine) {
  const last = new Map<string, string>();
  const wrong: string[] = [];
  const seen = new Set<string>();
  const stream = engine.jobDocuments.watch([], { maxAwaitTimeMS: 100 });
  const note = (id: string, status: string): void => {
    const before = last.get(id);
    const pair = `${before ?? 'nothing'}->${status}`;
    last.set(id, status);
    if (before === status || (before === undefined && status === 'PENDING')) return;
    seen.add(pair);
    if (!ALLOWED.has(pair)) wrong.push(`${id} ${pair}`);
  };
  stream.on('change', (change) => {
    if (change.operationType === 'insert') note(change.documentKey._id.toHexString(), change.fullDocument.status);
    if (change.operationType === 'update') {
      const status = change.updateDescription.updatedFields?.status;
      if (status) note(change.documentKey._id.toHexString(), status);
    }
  });
  await until(
    'the stream is open',
    async () => (stream as unknown as { cursor?: { id?: unknown } }).cursor?.id,
    Boolean,
  );
  return {
    wrong,
    seen,
    close: () => stream.close(),
    /** Waits until the stream has told the last status of all these jobs. */
    async caughtUp(ids: readonly string[]): Promise<void> {
      const stored = await engine.jobDocuments.find({ _id: { $in: ids.map((id) => new ObjectId(id)) } }).toArray();
      await until(
        'the stream has told all',
        async () => stored.every(({ _id, status }) => last.get(_id.toHexString()) === status),
        Boolean,
      );
      await stream.close();
    },
  };
}

/** Workers of which one is killed and replaced again and again. */
export async function unstableWorkers(
  place: JobPlace,
  options: Omit<JobTestOptions, 'log' | 'now'>,
  count: number,
  everyMs: number,
) {
  const workers = await Promise.all(Array.from({ length: count }, () => forkWorker(place, options)));
  let stopped = false;
  const kills = { count: 0 };
  const loop = async (): Promise<void> => {
    for (let turn = 0; !stopped; turn = (turn + 1) % count) {
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      if (stopped) break;
      const worker = workers[turn] as WorkerProcess;
      worker.kill('SIGKILL');
      await worker.ended;
      kills.count += 1;
      workers[turn] = await forkWorker(place, options);
    }
  };
  const done = loop();
  return {
    kills,
    /** No more kills; the workers live on. */
    async calm(): Promise<void> {
      stopped = true;
      await done;
    },
    end(): void {
      for (const worker of workers) worker.kill('SIGKILL');
    },
  };
}

/** Plays sequences on many jobs at once while workers die, and checks everything that must hold for each of them. */
export async function playAll(
  engine: TestEngine,
  place: JobPlace,
  options: Omit<JobTestOptions, 'log' | 'now'>,
  plan: { sequences: number; seed: number; atOnce: number; killEveryMs: number },
): Promise<{ kills: number; pairs: ReadonlySet<string> }> {
  const statuses = await watchStatuses(engine);
  const workers = await unstableWorkers(place, options, 2, plan.killEveryMs);
  try {
    return await playOn(engine, plan, statuses, workers);
  } finally {
    await workers.calm();
    workers.end();
    await statuses.close();
  }
}

async function playOn(
  engine: TestEngine,
  plan: { sequences: number; seed: number; atOnce: number },
  statuses: Awaited<ReturnType<typeof watchStatuses>>,
  workers: Awaited<ReturnType<typeof unstableWorkers>>,
): Promise<{ kills: number; pairs: ReadonlySet<string> }> {
  const todo = sequences(plan.sequences, plan.seed);
  const units = new Map<string, number>();
  const player = async (): Promise<void> => {
    for (let next = todo.pop(); next; next = todo.pop()) units.set(await play(engine, next), next.units);
  };
  await Promise.all(Array.from({ length: plan.atOnce }, player));
  await workers.calm();
  await until(
    'every job is at its end',
    () => resumeAll(engine),
    (left) => left.length === 0,
    60_000,
  );
  await statuses.caughtUp([...units.keys()]);
  expect(statuses.wrong).toEqual([]);
  await expectEffects(engine, units);
  return { kills: workers.kills.count, pairs: statuses.seen };
}

/** Resumes what rests and answers what has not finished yet. */
async function resumeAll(engine: TestEngine): Promise<string[]> {
  const left = await engine.jobDocuments.find({ status: { $ne: 'FINISHED' } }).toArray();
  for (const { _id, status } of left) {
    if (status === 'STOPPED' || status === 'CANCELED')
      await engine.jobs.control(DEVELOPER, _id.toHexString(), 'resume');
  }
  return left.map(
    ({ _id, status, claim, waiting }) => `${_id.toHexString()} ${status} ${claim?.worker ?? ''} ${waiting ?? ''}`,
  );
}

/** No unit took effect twice; all units of jobs that were not killed took effect. */
async function expectEffects(engine: TestEngine, units: ReadonlyMap<string, number>): Promise<void> {
  const effects = await engine.effects.find().toArray();
  expect(effects.filter(({ n }) => n !== 1)).toEqual([]);
  const done = new Map<string, number>();
  for (const { _id } of effects) {
    const [job = ''] = _id.split(':');
    done.set(job, (done.get(job) ?? 0) + 1);
  }
  const jobs = await engine.jobDocuments.find().toArray();
  for (const { _id, hasErrors, recordsProcessed } of jobs) {
    const id = _id.toHexString();
    if (!units.has(id)) continue;
    expect(recordsProcessed).toBe(done.get(id) ?? 0);
    if (!hasErrors) expect(recordsProcessed).toBe(units.get(id));
  }
}
