// Accounts on the run's MongoDB, with a clock that a test moves; several sets over one database stand for several processes.
import { type Db, MongoClient } from 'mongodb';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { type Config, readConfig } from '../../../src/config.ts';
import { systemContext } from '../../../src/context.ts';
import type { GroupDirectory, GroupRef } from '../../../src/fields/field-type.ts';
import { type Accounts, openAccounts } from '../../../src/users/accounts.ts';
import { testDatabase } from '../../support/services.ts';

export const PASSWORD = 'abcdefgh';
const GROUPS: readonly GroupRef[] = [
  { id: 'a'.repeat(24), name: 'developers', label: 'Developers' },
  { id: 'b'.repeat(24), name: 'sales', label: 'Sales people' },
];
export const groups: GroupDirectory = {
  all: GROUPS,
  byId: (id) => GROUPS.find((group) => group.id === id),
  byName: (name) => GROUPS.find((group) => group.name === name),
};

const log = pino({ level: 'silent' });
/** What commands run as. */
export const system = systemContext('a test', { log, zone: 'UTC' });

export interface TestAccounts {
  readonly db: () => Db;
  /** Milliseconds that are added to the clock of every set of accounts. */
  later: number;
  /** Another process on the same database. */
  open(settings?: Partial<Config>): Promise<Accounts>;
}

/** Call it at the top of a test file. */
export function testAccounts(): TestAccounts {
  const { uri, dbName } = testDatabase();
  const opened: Accounts[] = [];
  let client: MongoClient;
  beforeAll(async () => {
    client = await new MongoClient(uri).connect();
  });
  afterAll(async () => {
    for (const accounts of opened) await accounts.close();
    await client.close();
  });
  const harness: TestAccounts = {
    db: () => client.db(dbName),
    later: 0,
    open: async (settings = {}) => {
      const config = { ...readConfig({ ADMIN_PASSWORD: PASSWORD }), ...settings };
      const accounts = await openAccounts({
        db: client.db(dbName),
        config,
        groups: () => groups,
        log,
        now: () => Date.now() + harness.later,
      });
      opened.push(accounts);
      return accounts;
    },
  };
  return harness;
}

/** A person who can log in with {@link PASSWORD}. */
export async function addUser(accounts: Accounts, email: string, more: { developer?: boolean } = {}) {
  const input = { firstName: 'User', lastName: 'Test', password: PASSWORD, groups: ['sales'], developer: false };
  return accounts.users.create(system, { ...input, ...more, email });
}
