// Real clients over sockets that change records without end and remember what was acknowledged: the load of the crash tests.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { acknowledge, type Found, fieldsOf, type Held, isUnsure, learn, problemOf } from './ledger.ts';
import { temporaryFolder } from './process.ts';
import type { Seeded } from './seeded.ts';

/** Two entities, the same but for audit logs: writes of the second one are transactions. */
export const ENTITIES = ['plain', 'audited'] as const;

/** Longer than any answer may take: who waits for that long is stuck. */
const HANGS_MS = 20_000;
const RECORDS_PER_CLIENT = 8;

/** @returns the folder of an app whose labels are made by a script, so that every write needs a script host */
export function writeLedgerApp(): string {
  const folder = join(temporaryFolder(), 'app');
  mkdirSync(folder);
  const audit = '{ recordCreated: true, recordChanged: true, recordDeleted: true }';
  for (const name of ENTITIES) {
    const settings = name === 'audited' ? `settings: { auditLogs: { userContext: ${audit} } }\n` : '';
    const yaml = `name: ${name}
${settings}recordLabel: js/ledgerRecordLabel
fields:
  - { name: name, label: Name, type: text, unique: true, required: always }
  - { name: a, label: A, type: integer, indexable: true }
  - { name: b, label: B, type: integer }
  - { name: lines, label: Lines, type: nestedFields, multiplicity: many, nestedFields: [{ name: n, label: N, type: integer }] }
`;
    const script =
      "function ledgerRecordNameScript(record) { return record.field('name').val() + ' ' + record.field('a').val(); }\n";
    writeFileSync(join(folder, `${name}.yaml`), yaml);
    writeFileSync(join(folder, `${name}.js`), script);
  }
  return folder;
}

/** Where the clients send to; a server that is started again has another address. */
export interface Target {
  apiUrl: string;
  token: string;
  readonly login: { readonly email: string; readonly password: string };
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are read by tests that say what they expect
  readonly body: any;
}

export interface Load {
  readonly held: readonly Held[];
  /** What must not happen, in words. */
  readonly problems: string[];
  /** Answers by status; 0 are connections that broke. */
  readonly answers: Map<number, { count: number; slowestMs: number; slowest: string }>;
  /** Waits for the requests under way; until {@link resume} there are no others. */
  pause(): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
}

/** One request; null when the connection broke. */
export async function sendTo(target: Target, method: string, path: string, body?: object): Promise<Answer | null> {
  try {
    const answer = await fetch(`${target.apiUrl}${path}`, {
      method,
      headers: { 'content-type': 'application/json', token: target.token },
      signal: AbortSignal.timeout(HANGS_MS),
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: answer.status, body: await answer.json() };
  } catch (error) {
    if ((error as Error).name === 'TimeoutError') throw error;
    return null;
  }
}

/** Starts clients that go on until they are stopped. */
export function startLoad(target: Target, clients: number, random: Seeded): Load {
  const problems: string[] = [];
  const answers: Load['answers'] = new Map();
  const all: Held[][] = [];
  let paused = false;
  let stopped = false;
  let busy = 0;

  const send = async (method: string, path: string, body?: object): Promise<Answer | null> => {
    const begin = performance.now();
    const answer = await sendTo(target, method, path, body).catch((error: Error) => {
      problems.push(`${method} ${path}: no answer within ${HANGS_MS} ms (${error.message})`);
      return null;
    });
    const seen = answers.get(answer?.status ?? 0) ?? { count: 0, slowestMs: 0, slowest: '' };
    const took = { slowestMs: performance.now() - begin, slowest: `${method} ${path}` };
    answers.set(answer?.status ?? 0, { ...seen, ...(took.slowestMs > seen.slowestMs && took), count: seen.count + 1 });
    return answer;
  };

  const run = async (number: number): Promise<void> => {
    const mine: Held[] = [];
    all.push(mine);
    const client = createClient(number, mine, { target, random: random.fork(number), send, problems });
    while (!stopped) {
      if (paused) await sleep(20);
      else {
        busy += 1;
        const answered = await client.act().finally(() => {
          busy -= 1;
        });
        // a client that got nothing waits a little, as real ones do
        if (!answered) await sleep(100);
      }
    }
  };
  const running = Promise.all(Array.from({ length: clients }, (_, number) => run(number)));

  const pause = async (): Promise<void> => {
    paused = true;
    while (busy > 0) await sleep(10);
  };
  return {
    get held() {
      return all.flat();
    },
    problems,
    answers,
    pause,
    resume: () => {
      paused = false;
    },
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}

interface ClientParts {
  readonly target: Target;
  readonly random: Seeded;
  readonly send: (method: string, path: string, body?: object) => Promise<Answer | null>;
  readonly problems: string[];
}

/** A client with records of its own, so that whatever it does not know came from its own unanswered requests. */
function createClient(number: number, mine: Held[], { target, random, send, problems }: ClientParts) {
  let serial = 0;
  const nextValue = (): number => {
    serial += 1;
    return number * 1_000_000 + serial;
  };
  const path = ({ entity, id }: Held): string => `/data/${entity}/${id}`;

  /** @returns whether it is an answer to go by; others than 503 are noted as problems */
  const isDone = (answer: Answer | null, what: string): answer is Answer => {
    if (answer === null) return false;
    if (answer.status === 503 && answer.body.code === 'applicationUnavailable') return false;
    if (answer.status !== 200) problems.push(`${what} answered ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.status === 200;
  };

  const create = async (held: Held): Promise<boolean> => {
    const value = nextValue();
    const answer = await send('POST', `/data/${held.entity}`, { name: held.name, ...fieldsOf(value) });
    const isTaken = answer?.status === 400 && answer.body.errors?.[0]?.code === 'notUnique';
    if (isTaken && held.unsure.length > 0) return find(held);
    held.unsure.push(value);
    if (!isDone(answer, `creating ${held.name}`)) return false;
    acknowledge(held, answer.body, value);
    return true;
  };

  /** A record whose creation was not answered is found by its name. */
  const find = async (held: Held): Promise<boolean> => {
    const answer = await send('GET', `/data/${held.entity}?name=${held.name}`);
    if (!isDone(answer, `finding ${held.name}`)) return false;
    const [found = null] = answer.body.items as Found[];
    const problem = found ? problemOf(held, found) : `${held.name}: taken, and not there`;
    if (problem) problems.push(problem);
    if (found) learn(held, found);
    return true;
  };

  const update = async (held: Held, known: { version: number }, versioned: boolean): Promise<boolean> => {
    const value = nextValue();
    const version = versioned ? { version: known.version } : {};
    const answer = await send('PUT', path(held), { ...version, ...fieldsOf(value) });
    if (isUnsure(held) && (answer?.status === 404 || (versioned && answer?.status === 409))) return read(held);
    const wasUnsure = held.unsure.length > 0;
    held.unsure.push(value);
    if (!isDone(answer, `updating ${held.name} at ${JSON.stringify(known)}`)) return false;
    if ((versioned || !wasUnsure) && answer.body.version !== known.version + 1) {
      problems.push(`${held.name}: ${JSON.stringify(known)} became ${JSON.stringify(answer.body)}`);
    }
    acknowledge(held, answer.body, value);
    return true;
  };

  const read = async (held: Held): Promise<boolean> => {
    const answer = await send('GET', path(held));
    const isGone = answer?.status === 404;
    if (!isGone && !isDone(answer, `reading ${held.name}`)) return false;
    const found = isGone ? null : ((answer as Answer).body as Found);
    const problem = problemOf(held, found);
    if (problem) problems.push(problem);
    if (found) learn(held, found);
    else held.deletion = 'acknowledged';
    return true;
  };

  const remove = async (held: Held): Promise<boolean> => {
    const answer = await send('DELETE', path(held));
    if (answer?.status === 404 && held.deletion === 'unsure') return read(held);
    held.deletion = 'unsure';
    if (!isDone(answer, `deleting ${held.name}`)) return false;
    held.deletion = 'acknowledged';
    return true;
  };

  const look = async (entity: string): Promise<boolean> => {
    const [method, at, body] = random.pick([
      ['GET', `/data/${entity}?_size=5`],
      ['GET', `/data/${entity}?a=greater(${number * 1_000_000})&_sortField=a&_size=3`],
      ['PUT', `/data/${entity}/aggregate`, [{ group: { by: 'b', number: 'count()' } }, { limit: 3 }]],
      ['GET', '/users/current'],
      ['POST', '/auth/login', target.login],
    ] as [string, string, object?][]);
    return isDone(await send(method, at, body), `${method} ${at}`);
  };

  return {
    /** Does one thing. @returns whether it was answered */
    act: (): Promise<boolean> => {
      const living = mine.filter(({ deletion }) => deletion !== 'acknowledged');
      const held = living.length > 0 ? random.pick(living) : null;
      const chance = random.next();
      if (!held || (living.length < RECORDS_PER_CLIENT && chance < 0.2)) {
        serial += 1;
        const fresh: Held = {
          entity: random.pick(ENTITIES),
          name: `c${number}-${serial}`,
          id: null,
          known: null,
          unsure: [],
          deletion: 'none',
        };
        mine.push(fresh);
        return create(fresh);
      }
      if (!held.known) return create(held);
      if (chance < 0.5) return update(held, held.known, true);
      if (chance < 0.7) return update(held, held.known, false);
      if (chance < 0.8) return remove(held);
      return chance < 0.9 ? read(held) : look(held.entity);
    },
  };
}
