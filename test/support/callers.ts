// Contexts of callers with the rights a test gives them.
import { ObjectId } from 'mongodb';
import { pino } from 'pino';
import { type Context, FULL_ACCESS, type Principal } from '../../src/context.ts';

/** A caller; without rights of a developer unless said. */
export function callerOf(over: Partial<Principal> = {}): Context {
  const log = pino({ level: 'silent' });
  return {
    principal: {
      id: new ObjectId().toHexString(),
      email: 'someone@example.com',
      fullName: 'Some One',
      developer: false,
      system: false,
      groups: [],
      timezone: null,
      adminUserEmail: null,
      ...over,
    },
    origin: 'user',
    reason: null,
    requestId: 'test',
    ip: null,
    zone: 'UTC',
    log,
    accessTo: () => FULL_ACCESS,
  };
}

export const DEVELOPER = callerOf({ developer: true, fullName: 'Dev Eloper' });
