// A small app for tests of the sandbox: entities, functions written in the test, and a pool that runs them.
import { pino } from 'pino';
import { type Context, systemContext } from '../../src/context.ts';
import type { EntityModel, HookRef, ScriptFile } from '../../src/definitions/model.ts';
import type { Json } from '../../src/fields/field-type.ts';
import type { HookCall, ScriptRecord } from '../../src/records/hooks.ts';
import { createScriptPool, type ScriptLog, type ScriptPool, type ScriptPoolOptions } from '../../src/scripts/pool.ts';
import { entityOf } from './entities.ts';

export const SKILLS = entityOf('skills', { name: { type: 'text' } });

export const COMPANIES = entityOf('companies', {
  name: { type: 'text' },
  state: {
    type: 'choice',
    rules: {
      possibleValues: [
        { name: 'active', label: 'Active' },
        { name: 'inactive', label: 'Inactive' },
      ],
    },
  },
  contactInformation: { type: 'nestedFields', fields: { email: { type: 'email' }, phoneNumber: { type: 'phone' } } },
});

export const CONTACTS: EntityModel = entityOf('contacts', {
  company: {
    type: 'relationship',
    rules: { entity: 'companies' },
    to: COMPANIES,
    copies: ['state', 'contactInformation.email'],
  },
  firstName: { type: 'text' },
  lastName: { type: 'text' },
  email: { type: 'email' },
  address: {
    type: 'nestedFields',
    fields: { city: { type: 'text' }, state: { type: 'text' }, zipCode: { type: 'text' } },
  },
  notes: {
    type: 'nestedFields',
    many: true,
    fields: {
      note: { type: 'text' },
      date: { type: 'dateTime' },
      tags: { type: 'text', many: true },
      total: { type: 'integer' },
    },
  },
  skills: { type: 'relationship', rules: { entity: 'skills' }, many: true, to: SKILLS },
  numberOfSkills: { type: 'integer' },
  points: { type: 'integer' },
  born: { type: 'date' },
  seen: { type: 'dateTime' },
  balance: { type: 'bigNumber' },
  phones: { type: 'phone', many: true },
  vip: { type: 'boolean' },
});

export const FILE = 'model/entities/contacts.js';

/** A record of {@link CONTACTS}; `fields` replace those of the usual one. */
export function contact(fields: Record<string, Json> = {}, over: Partial<ScriptRecord> = {}): ScriptRecord {
  return {
    id: '57fd2d61e4b0ce322b0c8349',
    label: 'Ann Lee',
    version: 3,
    fields: {
      company: {
        id: '57fd2d61e4b0ce322b0c8340',
        label: 'Fivechat',
        state: 'active',
        contactInformation: { email: 'info@fivechat.com' },
      },
      firstName: 'Ann',
      lastName: 'Lee',
      email: 'ann@fivechat.com',
      address: { id: '57fd2d61e4b0ce322b0c8341', label: null, city: 'Charleston', state: 'WV', zipCode: '25335' },
      notes: [
        { id: '57fd2d61e4b0ce322b0c8342', label: 'Notes 1', note: 'first', date: 0, tags: ['a', 'b'], total: 1 },
        { id: '57fd2d61e4b0ce322b0c8343', label: 'Notes 2', note: 'second', date: null, tags: [], total: 2 },
      ],
      skills: [
        { id: '57fd2d61e4b0ce322b0c8344', label: 'Python' },
        { id: '57fd2d61e4b0ce322b0c8345', label: 'Rust' },
      ],
      numberOfSkills: 7,
      points: 10,
      born: '1990-02-28',
      seen: 1484578380000,
      balance: '12345678901234567890.12',
      phones: ['702-845-9380'],
      vip: false,
      ...fields,
    },
    ...over,
  };
}

export function scriptContext(over: Partial<Context> = {}): Context {
  return { ...systemContext('tests', { log: pino({ level: 'silent' }), zone: 'America/New_York' }), ...over };
}

export function hook(fn: string, params: readonly string[] = ['record'], file = FILE): HookRef {
  return { file, fn, params, ref: `js/${fn}` };
}

export function library(owner: string, source: string): ScriptFile {
  return { file: `model/libraries/${owner}.js`, source, kind: 'library', owner };
}

export interface TestPool extends ScriptPool {
  readonly logs: ScriptLog[];
  /** Calls functions of the source in order on one record. */
  call(calls: readonly HookCall[], record?: ScriptRecord, entity?: EntityModel): Promise<readonly Json[]>;
}

/** A pool over one entity file, with limits that suit tests. */
export function testPool(
  source: string,
  over: Partial<ScriptPoolOptions> & { more?: readonly ScriptFile[] } = {},
): TestPool {
  const { more = [], ...options } = over;
  const logs: ScriptLog[] = [];
  const pool = createScriptPool({
    scripts: [{ file: FILE, source, kind: 'entity', owner: 'contacts' }, ...more],
    hosts: 1,
    memoryMb: 64,
    hookTimeoutMs: 1000,
    scriptTimeoutMs: 5000,
    log: pino({ level: 'silent' }),
    onLog: (_ctx, line) => logs.push(line),
    ...options,
  });
  const ctx = scriptContext();
  return {
    ...pool,
    logs,
    async call(calls, record = contact(), entity = CONTACTS) {
      return (await pool.hooks.run(ctx, { entity, record, oldRecord: null, calls })).map(({ value }) => value);
    },
  };
}

export function callOf(
  kind: HookCall['kind'],
  fn: string,
  params: readonly string[],
  at: string | null = null,
): HookCall {
  return { kind, hook: hook(fn, params), at };
}

/** A call whose result comes back as it is. */
export function rules(fn: string, params: readonly string[] = ['record']): HookCall {
  return callOf('recordValidations', fn, params);
}
