// Audit entries under everything that dies: the server, again and again, and MongoDB below it, in a storm of writes.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectOneEntryPerVersion } from '../support/audit-ledger.ts';
import { startLoad } from '../support/ledger-clients.ts';
import { announcedSeed } from '../support/seeded.ts';
import { openStage, type Stage, summaryOf } from '../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.stop());

const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 15);

it('exactly one entry for every version, whatever was killed', async () => {
  const random = announcedSeed();
  const load = startLoad(stage.target, 20, random);
  for (let round = 0; round < ROUNDS; round += 1) {
    await sleep(random.between(300, 2_500));
    const chance = random.next();
    if (chance < 0.7) await stage.killServer();
    else if (chance < 0.85) await stage.killMongod(random.between(100, 2_000));
    else await stage.freezeMongod(random.between(100, 2_000));
    await stage.healed();
    if (round % 5 !== 4) continue;
    await load.pause();
    await expectOneEntryPerVersion(stage.services.mongodbUri);
    load.resume();
  }
  await load.stop();
  console.info(summaryOf(load));
  expect(load.problems).toEqual([]);
  const { entries, deleted } = await expectOneEntryPerVersion(stage.services.mongodbUri);
  console.info(`${entries} entries, of ${deleted} deleted records among others`);
  expect(entries).toBeGreaterThan(500);
});
