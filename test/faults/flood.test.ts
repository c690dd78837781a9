// Many more clients than connections: 500 at once read and write for 20 s. Nobody gets an error, memory stays bounded, it is over when it is over.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ENTITIES, sendTo } from '../support/ledger-clients.ts';
import { announcedSeed, type Seeded } from '../support/seeded.ts';
import { openStage, type Stage } from '../support/stage.ts';

const CLIENTS = 500;
const SECONDS = 20;
/** Changed by everybody: their writers queue up. */
const HOT = 10;
const MOST_MB = 700;

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.stop());

function residentMb(): number {
  const [, kb = '0'] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${stage.api().pid}/status`, 'utf8')) ?? [];
  return Number(kb) / 1024;
}

interface Measured {
  readonly kind: string;
  readonly status: number;
  readonly ms: number;
}

/** Sends one request after the other until the time is over. */
async function runClient(number: number, hot: readonly string[], until: number, random: Seeded): Promise<Measured[]> {
  const measured: Measured[] = [];
  const send = async (kind: string, method: string, path: string, body?: object) => {
    const begin = performance.now();
    const answer = await sendTo(stage.target, method, path, body);
    measured.push({ kind, status: answer?.status ?? 0, ms: performance.now() - begin });
    return answer?.body;
  };
  const entity = random.pick(ENTITIES);
  const own = await send('create', 'POST', `/data/${entity}`, { name: `own ${number}`, a: number });
  let { version } = own;
  while (performance.now() < until) {
    const chance = random.next();
    if (chance < 0.4) await send('read', 'GET', `/data/${random.pick(hot)}`);
    else if (chance < 0.6) await send('filter', 'GET', `/data/${entity}?a=greater(10)&_sortField=a&_size=10`);
    else if (chance < 0.7) await send('list', 'GET', `/data/${entity}?_size=5`);
    else if (chance < 0.85) {
      ({ version } = await send('update own', 'PUT', `/data/${entity}/${own.id}`, { version, a: version }));
    } else if (chance < 0.95) await send('update hot', 'PUT', `/data/${random.pick(hot)}`, { b: number });
    else await send('create', 'POST', `/data/${entity}`, { name: `more ${number} ${measured.length}`, a: number });
  }
  return measured;
}

it(`${CLIENTS} clients for ${SECONDS} s`, async () => {
  const random = announcedSeed();
  const hot: string[] = [];
  for (let at = 0; at < HOT; at++) {
    const entity = random.pick(ENTITIES);
    const created = await sendTo(stage.target, 'POST', `/data/${entity}`, { name: `hot ${at}` });
    hot.push(`${entity}/${created?.body.id}`);
  }
  const memory: number[] = [];
  const watching = setInterval(() => memory.push(residentMb()), 500);
  const until = performance.now() + SECONDS * 1_000;
  const clients = Array.from({ length: CLIENTS }, (_, number) => runClient(number, hot, until, random.fork(number)));
  const measured = (await Promise.all(clients)).flat();
  await sleep(2_000);
  clearInterval(watching);

  const half = Math.max(...memory.slice(0, memory.length / 2));
  const most = Math.max(...memory);
  console.info(`${measured.length} requests, ${Math.round(measured.length / SECONDS)}/s\n${tableOf(measured)}`);
  console.info(
    `MB: ${Math.round(half)} in the first half, ${Math.round(most)} at most, ${Math.round(residentMb())} in the end`,
  );
  expect([...new Set(measured.map(({ status }) => status))]).toEqual([200]);
  expect(measured.length).toBeGreaterThan(CLIENTS * 5);
  expect(most).toBeLessThan(MOST_MB);
  expect(most).toBeLessThan(half * 1.5);
  // and a single client has the server for itself again
  const begin = performance.now();
  expect((await sendTo(stage.target, 'GET', `/data/${hot[0]}`))?.status).toBe(200);
  expect(performance.now() - begin).toBeLessThan(500);
  expect(stage.faults()).toEqual([]);
});

/** Milliseconds by kind of request. */
function tableOf(measured: readonly Measured[]): string {
  const kinds = [...new Set(measured.map(({ kind }) => kind))].sort();
  const lines = kinds.map((kind) => {
    const times = measured.flatMap((one) => (one.kind === kind ? [one.ms] : [])).sort((a, b) => a - b);
    const at = (part: number): number => Math.round(times[Math.ceil(times.length * part) - 1] ?? 0);
    return `${kind}: ${times.length}, p50 ${at(0.5)}, p99 ${at(0.99)}, most ${at(1)}`;
  });
  return lines.join('\n');
}
