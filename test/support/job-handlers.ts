// Job types of tests: work whose every effect is counted, so that "exactly once" can be seen, and work that misbehaves.
import type { Collection } from 'mongodb';
import type { JobHandler, JobHandlers } from '../../src/jobs/handler.ts';
import type { JobTypes } from '../../src/jobs/types.ts';

/** One document per unit of a job: how often it took effect, and under which process. */
export interface Effect {
  readonly _id: string;
  readonly n: number;
  readonly pids: readonly number[];
}

export interface CountInput {
  readonly units: number;
  readonly batch?: number;
  /** After each batch, ms. */
  readonly pause?: number;
  /** Inside each transaction, ms. */
  readonly dwell?: number;
}

export interface ParentInput {
  readonly children: number;
  readonly child: CountInput;
  readonly depth?: number;
  /** How long it goes on after it has made its children, ms. */
  readonly linger?: number;
  /** It does not hear that it should stop meanwhile. */
  readonly deaf?: boolean;
}

const FACTS = { public: true, stoppable: true, killable: true, handled: true } as const;

export const TEST_TYPES: JobTypes = {
  TEST_COUNT: FACTS,
  TEST_WHOLE: { ...FACTS, stoppable: false },
  TEST_HANG: FACTS,
  TEST_SUICIDE: FACTS,
  TEST_FAIL: FACTS,
  TEST_PARENT: FACTS,
  SYSTEM_TEST: { public: false, stoppable: true, killable: false, handled: true },
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Handlers of {@link TEST_TYPES}; effects go into `effects`. */
export function testHandlers(effects: Collection<Effect>): JobHandlers {
  const count: JobHandler = async (run) => {
    const { units, batch: size = 1, pause = 0, dwell = 0 } = run.job.input as unknown as CountInput;
    const id = run.job.id.toHexString();
    for (let at = (run.position as number | null) ?? 0; at < units; at = run.position as number) {
      if (run.shouldStop()) return 'stopped';
      await run.commit(async (batch) => {
        batch.expect(units);
        for (let unit = at; unit < Math.min(at + size, units); unit += 1) {
          await effects.updateOne(
            { _id: `${id}:${unit}` },
            { $inc: { n: 1 }, $push: { pids: process.pid } },
            { upsert: true, session: batch.session },
          );
          batch.processed(1);
          batch.result(`${unit}`, { status: 'ok' });
        }
        if (dwell > 0) await sleep(dwell);
        batch.moveTo(Math.min(at + size, units));
      });
      if (pause > 0) await sleep(pause);
    }
    return 'finished';
  };
  return {
    TEST_COUNT: count,
    SYSTEM_TEST: count,
    TEST_WHOLE: async (run) => {
      await sleep((run.job.input as { ms: number }).ms);
      await run.commit((batch) => batch.value('status', 'ok'));
      return 'finished';
    },
    TEST_HANG: () => new Promise<never>(() => {}),
    TEST_SUICIDE: async () => {
      process.kill(process.pid, 'SIGKILL');
      return new Promise<never>(() => {});
    },
    TEST_FAIL: async () => {
      throw new Error('on purpose');
    },
    TEST_PARENT: async (run) => {
      const { children, child, depth = 1, linger = 0, deaf = false } = run.job.input as unknown as ParentInput;
      for (let at = (run.position as number | null) ?? 0; at < children; at = run.position as number) {
        if (run.shouldStop()) return 'stopped';
        await run.commit(async (batch) => {
          const below =
            depth > 1
              ? { type: 'TEST_PARENT', input: { children, child, depth: depth - 1 } }
              : { type: 'TEST_COUNT', input: { ...child } };
          await batch.submit({ label: `child ${at}`, ...below });
          batch.moveTo(at + 1);
        });
      }
      for (let waited = 0; waited < linger; waited += 20) {
        if (run.shouldStop() && !deaf) return 'stopped';
        await sleep(20);
      }
      return 'finished';
    },
  };
}
