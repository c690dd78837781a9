// kill -9 of the server, of mongod and of the script hosts under load: what was acknowledged stays, and everything heals.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLoad } from '../support/ledger-clients.ts';
import { announcedSeed } from '../support/seeded.ts';
import { expectAsAcknowledged, openStage, type Stage, summaryOf } from '../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.stop());

it('every acknowledged write survives, and MongoDB away is 503 within 5 s', { timeout: 120_000 }, async () => {
  const random = announcedSeed();
  const load = startLoad(stage.target, 10, random);
  const blows = [() => stage.killMongod(random.between(4_000, 6_000)), () => stage.killServer(), stage.killHosts];
  for (let left = blows.length; left > 0; left--) {
    const [blow] = blows.splice(random.between(0, left - 1), 1);
    await sleep(random.between(500, 1_500));
    await blow?.();
    await stage.healed();
  }
  await sleep(1_000);
  await load.stop();
  console.info(summaryOf(load));
  await expectAsAcknowledged(stage.target, load);
  expect(load.answers.get(503)?.count).toBeGreaterThan(0);
  expect(Math.max(...[...load.answers.values()].map(({ slowestMs }) => slowestMs))).toBeLessThan(5_000);
  expect(load.held.length).toBeGreaterThan(20);
});
