// Redis away, by force or frozen, and a primary that steps down: what goes on, what is said, and that it heals.
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sendTo, startLoad } from '../support/ledger-clients.ts';
import { seeded } from '../support/seeded.ts';
import { expectAsAcknowledged, openStage, type Stage, summaryOf } from '../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.stop());

async function ready(): Promise<{ status: number; body: { status: string; checks: Record<string, string> } }> {
  const answer = await fetch(`${stage.api().origin}/health/ready`);
  return { status: answer.status, body: (await answer.json()) as never };
}

/** One of each, and how long the slowest took. */
async function createReadUpdateDelete(): Promise<number> {
  let slowest = 0;
  const send = async (method: string, path: string, body?: object) => {
    const begin = performance.now();
    const answer = await sendTo(stage.target, method, path, body);
    slowest = Math.max(slowest, performance.now() - begin);
    expect(answer?.status, `${method} ${path}`).toBe(200);
    return answer?.body;
  };
  for (const entity of ['plain', 'audited']) {
    const { id } = await send('POST', `/data/${entity}`, { name: 'without Redis', a: 1 });
    expect(await send('GET', `/data/${entity}/${id}`)).toMatchObject({ a: 1 });
    expect(await send('PUT', `/data/${entity}/${id}`, { version: 0, a: 2 })).toMatchObject({ version: 1, a: 2 });
    expect((await send('GET', `/data/${entity}?a=2`)).total).toBe(1);
    await send('DELETE', `/data/${entity}/${id}`);
  }
  return slowest;
}

it.each(['SIGKILL', 'SIGSTOP'] as const)('records go on when Redis gets %s, and ready says so', async (signal) => {
  const { pids } = stage.services;
  process.kill(pids.redis, signal);
  expect(await createReadUpdateDelete()).toBeLessThan(2_000);
  // the answer may be a second old
  await expect.poll(ready, { timeout: 8_000 }).toMatchObject({
    status: 200,
    body: { status: 'degraded', checks: { mongodb: 'up', redis: 'down' } },
  });
  expect(await createReadUpdateDelete()).toBeLessThan(2_000);
  if (signal === 'SIGSTOP') process.kill(pids.redis, 'SIGCONT');
  else await stage.services.restart();
  await expect.poll(ready, { timeout: 15_000 }).toMatchObject({ body: { checks: { redis: 'up' } } });
});

it('a primary that steps down loses nothing, and comes back without a restart', { timeout: 90_000 }, async () => {
  const client = await new MongoClient(stage.services.mongodbUri).connect();
  const load = startLoad(stage.target, 10, seeded(1));
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    // 5 s without a primary: a lone node elects itself when its time as a secondary is over
    await client.db('admin').command({ replSetStepDown: 5, force: true });
    await stage.healed();
  }
  await load.stop();
  await client.close();
  console.info(summaryOf(load));
  await expectAsAcknowledged(stage.target, load);
  expect(load.answers.get(503)?.count).toBeGreaterThan(0);
  for (const [status, { slowestMs }] of load.answers) expect(slowestMs, `slowest ${status}`).toBeLessThan(5_000);
});
