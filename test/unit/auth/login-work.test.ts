// What a failed login does must not depend on whether the user exists: the same hashes and the same number of writes.
import { ObjectId } from 'mongodb';
import { expect, test } from 'vitest';
import { createAuth } from '../../../src/auth/service.ts';
import type { Sessions } from '../../../src/auth/sessions.ts';
import { buildUser } from '../../../src/users/build.ts';

const settings = { appName: 'app', maxLoginAttempts: 10 };

/** The steps of one failed login, in the words of what costs time. */
async function stepsOf(person: 'unknown' | 'known' | 'without a password' | 'system'): Promise<string[]> {
  const steps: string[] = [];
  const user = buildUser(
    {
      id: new ObjectId(),
      email: 'user@test.com',
      firstName: 'User',
      lastName: 'Test',
      groups: [],
      developer: false,
      systemUser: person === 'system',
      passwordHash: person === 'known' ? 'hash' : null,
    },
    new Date(0),
  );
  const write = (name: string) => async () => {
    steps.push(name);
  };
  const auth = createAuth(settings, {
    users: {
      findForLogin: async () => {
        steps.push('read');
        return person === 'unknown' ? null : user;
      },
      findByEmail: async () => null,
      countFailure: async () => {
        steps.push('write');
        return false;
      },
      confirmLogin: async () => true,
    },
    passwords: {
      hash: async () => 'hash',
      verify: async () => {
        steps.push('verify');
        return false;
      },
    },
    limit: { check: write('read'), count: write('write'), countUnknown: write('write') },
    sessions: {} as Sessions,
    now: () => 0,
  });
  await expect(auth.login({ email: 'user@test.com', password: 'x' }, '::1')).rejects.toMatchObject({ status: 401 });
  return steps;
}

test.each(['known', 'without a password', 'system'] as const)('%s costs what unknown costs', async (person) => {
  expect(await stepsOf('unknown')).toEqual(['read', 'read', 'verify', 'write', 'write']);
  expect(await stepsOf(person)).toEqual(await stepsOf('unknown'));
});
