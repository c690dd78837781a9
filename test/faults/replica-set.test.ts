// A set of three nodes that loses its primary in every way, and its majority: nothing acknowledged is lost, nobody hangs, no 500.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Load, startLoad } from '../support/ledger-clients.ts';
import { ask, type Node, type ReplicaSet, startReplicaSet } from '../support/replica-set.ts';
import { announcedSeed, type Seeded } from '../support/seeded.ts';
import { expectAsAcknowledged, openStage, type Stage, summaryOf } from '../support/stage.ts';

let random: Seeded;
let set: ReplicaSet;
let stage: Stage;
let load: Load;

beforeAll(async () => {
  random = announcedSeed();
  set = await startReplicaSet(3_000);
  stage = await openStage({ mongodbUri: () => set.uri });
  load = startLoad(stage.target, 10, random);
});
afterAll(async () => {
  await load?.stop();
  await stage?.stop();
  await set?.stop();
});
beforeEach(() => {
  load.answers.clear();
  load.resume();
});

async function look(): Promise<void> {
  await stage.healed(40_000);
  await sleep(1_000);
  await load.pause();
  console.info(summaryOf(load));
  expect(stage.faults()).toEqual([]);
  await expectAsAcknowledged(stage.target, load);
  for (const [status, { slowestMs, slowest }] of load.answers) {
    expect(slowestMs, `slowest ${status}: ${slowest}`).toBeLessThan(5_000);
  }
}

async function secondaries(): Promise<Node[]> {
  const primary = await set.primary();
  return set.nodes.filter((node) => node !== primary);
}

/** Waits until another node can take over. */
async function stepDown(): Promise<void> {
  const { port } = await set.primary();
  const command = { replSetStepDown: 15, secondaryCatchUpPeriodSecs: 10 };
  await expect.poll(() => ask(port, command, 20_000), { timeout: 60_000 }).toMatchObject({ ok: 1 });
}

it('the primary is killed, again and again', async () => {
  for (let round = 0; round < 4; round++) {
    await sleep(random.between(500, 3_000));
    const primary = await set.primary();
    primary.signal('SIGKILL');
    await set.primary();
    await sleep(random.between(0, 2_000));
    await primary.restart();
  }
  await look();
});

it('the primary steps down in order: answers go on', async () => {
  for (let round = 0; round < 3; round++) {
    await sleep(random.between(500, 2_000));
    await stepDown();
    await set.primary();
  }
  await look();
  expect(load.answers.get(200)?.count).toBeGreaterThan(20);
});

it('the primary freezes, another one is elected, and the old one comes back with what nobody else has', async () => {
  for (let round = 0; round < 2; round++) {
    await sleep(random.between(500, 2_000));
    const primary = await set.primary();
    primary.signal('SIGSTOP');
    await sleep(random.between(6_000, 10_000));
    primary.signal('SIGCONT');
    await sleep(3_000);
  }
  await look();
});

it('the majority is lost: writes are not acknowledged, and go on when it is back', async () => {
  await sleep(1_000);
  const lost = await secondaries();
  for (const node of lost) node.signal('SIGKILL');
  await sleep(10_000);
  console.info(summaryOf(load));
  expect(load.answers.get(503)?.count).toBeGreaterThanOrEqual(10);
  await Promise.all(lost.map((node) => node.restart()));
  await look();
});
