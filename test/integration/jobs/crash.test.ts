// Workers that are killed, frozen and stopped, in processes of their own; the long versions are in test/faults. Most of the time is
// waiting, so they run side by side, each in a database of its own.
import { afterAll, describe, expect, it } from 'vitest';
import {
  backAtWork,
  frozenWorker,
  killAtRandom,
  killedWhileStopping,
  killingJob,
  killTwiceInOneBatch,
  type Scene,
  terminated,
} from '../../support/job-faults.ts';
import { killWorkers, openEngine, SHORT } from '../../support/jobs.ts';
import { testDatabase } from '../../support/services.ts';

const options = { timings: { ...SHORT, dead: 2_500 } };

afterAll(killWorkers);

/** Plays a scenario with a database, a queue and an engine of its own. */
function alone(play: (scene: Scene) => Promise<unknown>): () => Promise<void> {
  const place = testDatabase();
  return async () => {
    const engine = await openEngine(place, options);
    try {
      await play({ place, engine, options });
    } finally {
      await engine.close();
    }
  };
}

const SCENARIOS: readonly (readonly [what: string, play: (scene: Scene) => Promise<unknown>])[] = [
  [
    'killed at random points: the job finishes and every unit took effect once',
    (scene) => killAtRandom(scene, { kills: 2, units: 60, seed: 8 }),
  ],
  ['killed twice in one batch: the same', killTwiceInOneBatch],
  ['killed: after a restart the job goes on', (scene) => backAtWork(scene, 15_000)],
  ['frozen and taken over: it writes nothing when it thaws', frozenWorker],
  ['killed while a job is being stopped: that is stopped then', killedWhileStopping],
  ['terminated: it hands jobs back and exits with 0', terminated],
  [
    'that a job kills five times: the job ends with errors and holds nobody up',
    async (scene) => expect(await killingJob(scene)).toBe(5),
  ],
];

describe.concurrent('a worker', () => {
  for (const [what, play] of SCENARIOS) it(what, alone(play), 120_000);
});
