// Races of real clients over sockets, for one server or several on one database.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { temporaryFolder } from './process.ts';

/** Sends one request as the administrator; `server` picks the process. */
export type Send = (server: number, method: string, path: string, body?: object) => Promise<RaceAnswer>;

export interface RaceAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are read by tests that say what they expect
  readonly body: any;
}

/** Fields of the raced entity, each for one client of its own. */
export const FIELDS = 100;

/** An app with one entity `races`: a unique name and a field per client. */
export function writeRaceApp(): string {
  const folder = join(temporaryFolder(), 'app');
  mkdirSync(folder);
  const fields = Array.from(
    { length: FIELDS },
    (_, index) => `  - { name: f${index}, label: F${index}, type: integer }`,
  );
  const head = 'name: races\nlabel: Races\nrecordLabel: fields/name\nfields:\n';
  const name = '  - { name: name, label: Name, type: text, unique: true, required: always }';
  writeFileSync(join(folder, 'races.yaml'), `${head}${name}\n${fields.join('\n')}\n`);
  return folder;
}

/** A client of `servers` processes, logged in at the first one: the session counts in all of them. */
export async function connect(apiUrls: readonly string[], login: object): Promise<Send> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  const send: Send = async (server, method, path, body) => {
    const answer = await fetch(`${apiUrls[server % apiUrls.length]}${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: answer.status, body: await answer.json() };
  };
  const { status, body } = await send(0, 'POST', '/auth/login', login);
  expect(status).toBe(200);
  headers.token = body.token;
  return send;
}

async function create(send: Send, name: string): Promise<string> {
  const { body } = await send(0, 'POST', '/data/races', { name });
  return body.id;
}

/** Clients change records at the versions they last saw; exactly one of them may win each version. */
export async function raceVersions(
  send: Send,
  size: { clients: number; updates: number; records: number },
): Promise<void> {
  const ids = await Promise.all(Array.from({ length: size.records }, (_, index) => create(send, `versions ${index}`)));
  const winners = new Map<string, number[]>();
  let left = size.updates * size.records;
  const client = async (number: number): Promise<void> => {
    for (let turn = number; left > 0; turn++) {
      const id = ids[turn % ids.length] ?? '';
      const { body: seen } = await send(number, 'GET', `/data/races/${id}`);
      const answer = await send(number, 'PUT', `/data/races/${id}`, { version: seen.version, f0: number });
      expect([200, 409]).toContain(answer.status);
      if (answer.status !== 200) continue;
      left--;
      expect(answer.body).toMatchObject({ version: seen.version + 1, f0: number });
      winners.set(id, [...(winners.get(id) ?? []), answer.body.version]);
    }
  };
  await Promise.all(Array.from({ length: size.clients }, (_, number) => client(number)));
  for (const id of ids) {
    const { body } = await send(0, 'GET', `/data/races/${id}`);
    const won = (winners.get(id) ?? []).sort((a, b) => a - b);
    expect(won).toEqual(Array.from({ length: body.version }, (_, index) => index + 1));
  }
}

/** Clients change a field each at the same moment, without a version: every change must survive. */
export async function raceFields(send: Send): Promise<void> {
  const id = await create(send, 'fields');
  const answers = await Promise.all(
    Array.from({ length: FIELDS }, (_, index) => send(index, 'PUT', `/data/races/${id}`, { [`f${index}`]: index })),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(FIELDS).fill(200));
  const versions = answers.map(({ body }) => body.version).sort((a, b) => a - b);
  expect(versions).toEqual(Array.from({ length: FIELDS }, (_, index) => index + 1));
  const { body } = await send(0, 'GET', `/data/races/${id}`);
  expect(body.version).toBe(FIELDS);
  for (let index = 0; index < FIELDS; index++) expect(body[`f${index}`]).toBe(index);
}

/** Creators of one unique value at the same moment: one wins, the others are told which field it is. */
export async function raceCreators(send: Send, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const name = `creator ${round}`;
    const answers = await Promise.all([0, 1, 2, 3].map((server) => send(server, 'POST', '/data/races', { name })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
    for (const { status, body } of answers) {
      if (status === 400) expect(body.errors).toMatchObject([{ field: 'name', code: 'notUnique' }]);
    }
  }
}
