// kill -9 of the server in a storm of writes: a record and its entry are there together, or neither is.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectOneEntryPerVersion } from '../../support/audit-ledger.ts';
import { startLoad } from '../../support/ledger-clients.ts';
import { announcedSeed } from '../../support/seeded.ts';
import { openStage, type Stage } from '../../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.stop());

it('leaves exactly one entry for every version', { timeout: 120_000 }, async () => {
  const random = announcedSeed();
  const load = startLoad(stage.target, 10, random);
  for (let round = 0; round < 2; round += 1) {
    await sleep(random.between(700, 1_500));
    await stage.killServer();
    await stage.healed();
  }
  await sleep(700);
  await load.stop();
  expect(load.problems).toEqual([]);
  const { entries, deleted } = await expectOneEntryPerVersion(stage.services.mongodbUri);
  expect(entries).toBeGreaterThan(50);
  expect(deleted).toBeGreaterThan(0);
});
