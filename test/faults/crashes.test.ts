// Blow after blow, at random moments under load: kills of the server, of mongod and of script hosts, alone and together, and freezes.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Load, startLoad } from '../support/ledger-clients.ts';
import { announcedSeed, type Seeded } from '../support/seeded.ts';
import { expectAsAcknowledged, openStage, type Stage, summaryOf } from '../support/stage.ts';

const ROUNDS = 30;
/** With the clients at rest, what they know is compared with what is there. */
const ROUNDS_BETWEEN_LOOKS = 5;

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.stop());

it('every acknowledged write survives whatever is killed', async () => {
  const random = announcedSeed();
  const load = startLoad(stage.target, 20, random);
  for (let round = 1; round <= ROUNDS; round++) {
    const [name, blow] = random.pick(blows(random));
    console.info(`round ${round}: ${name}`);
    await sleep(random.between(0, 3_000));
    await blow();
    if (random.next() < 0.3) stage.killHosts();
    await stage.healed();
    if (round % ROUNDS_BETWEEN_LOOKS === 0) await look(load);
  }
  await load.stop();
  await look(load);
  for (const status of [200, 503]) expect(load.answers.get(status)?.count).toBeGreaterThan(10);
});

function blows(random: Seeded): [string, () => Promise<unknown>][] {
  const away = random.between(0, 8_000);
  return [
    [`mongod killed, back after ${away} ms`, () => stage.killMongod(away)],
    [`mongod frozen for ${away} ms`, () => stage.freezeMongod(away)],
    ['server killed', () => stage.killServer()],
    ['script hosts killed', async () => stage.killHosts()],
    ['mongod and server killed', () => Promise.all([stage.killMongod(away), stage.killServer()])],
    ['mongod stopped in order', () => stage.stopMongod(away)],
  ];
}

async function look(load: Load): Promise<void> {
  await load.pause();
  console.info(summaryOf(load));
  await expectAsAcknowledged(stage.target, load);
  for (const [status, { slowestMs }] of load.answers) expect(slowestMs, `slowest ${status}`).toBeLessThan(5_000);
  load.resume();
}
