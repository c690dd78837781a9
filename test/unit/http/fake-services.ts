// Services without databases for tests of the HTTP edge: they remember what reached them.
import { pino } from 'pino';
import type { AuthService } from '../../../src/auth/service.ts';
import type { Session } from '../../../src/auth/sessions.ts';
import { type Config, readConfig } from '../../../src/config.ts';
import type { Context, Principal } from '../../../src/context.ts';
import { AppError, forbidden, notFound, unauthorized } from '../../../src/errors.ts';
import type { Services } from '../../../src/services.ts';

/** A token that the fake login service knows, and one of a user without rights. */
export const TOKEN = 'A'.repeat(32);
export const POWERLESS = 'B'.repeat(32);

export interface FakeServices {
  readonly services: Services;
  /** Calls of the record service: name, then the arguments without the context. */
  readonly calls: unknown[][];
  readonly contexts: Context[];
  /** Lines of the process log. */
  readonly logged: Record<string, unknown>[];
  /** What the next record call does instead of answering. */
  answer: ((...args: unknown[]) => unknown) | null;
}

export function fakeServices(settings: Partial<Config> = {}): FakeServices {
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const fake: FakeServices = { services: {} as Services, calls: [], contexts: [], logged, answer: null };

  const admit = (ctx: Context, entity: string, operation: string): void => {
    if (entity === 'nothing') throw notFound(`Entity [${entity}] was not found`);
    if (!ctx.principal.developer)
      throw forbidden(`You don't have permissions to ${operation} records in entity [${entity}]`);
  };
  const call =
    (name: string) =>
    async (ctx: Context, ...args: unknown[]) => {
      fake.calls.push([name, ...args]);
      fake.contexts.push(ctx);
      admit(ctx, String(args[0]), name);
      return fake.answer ? fake.answer(...args) : { called: name };
    };
  const records = Object.fromEntries(
    ['read', 'list', 'create', 'update', 'remove', 'aggregate'].map((name) => [name, call(name)]),
  );
  const auth: AuthService = {
    login: async () => {
      throw new AppError('tooManyRequests', 'slow down', { headers: { 'retry-after': '7' } });
    },
    logout: async () => undefined,
    authenticate: async (token) => {
      if (token === TOKEN) return sessionOf('developer', true);
      if (token === POWERLESS) return sessionOf('nobody', false);
      throw unauthorized(token === null ? undefined : 'The token is not valid');
    },
  };
  Object.assign(fake.services, {
    config: { ...readConfig({}), ...settings },
    log,
    auth,
    logs: { write: () => undefined, writeFor: () => undefined },
    definitions: () => ({ entities: new Map() }),
    records: { ...records, admit },
    deletes: { removeNamed: call('removeNamed'), removeMatching: call('removeMatching') },
    users: { current: async (ctx: Context) => ({ id: ctx.principal.id }) },
    database: { outage: () => null },
    health: { report: async () => ({ status: 'ready', checks: {} }) },
  });
  return fake;
}

function sessionOf(name: string, developer: boolean): Session {
  const principal: Principal = {
    id: developer ? '0'.repeat(24) : '1'.repeat(24),
    email: `${name}@test.com`,
    fullName: name,
    developer,
    system: false,
    groups: [],
    timezone: null,
    adminUserEmail: null,
  };
  return { key: Buffer.alloc(32), principal, status: 'ACTIVE' };
}
