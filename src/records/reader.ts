// For whom values are printed: `_formatForUser` names another user than the caller (spec field-types §2.7).
import { badRequest } from '../errors.ts';
import type { ValueEnv } from '../fields/field-type.ts';
import { localSettings } from '../fields/local-settings.ts';
import type { ReadQuery } from '../query/list.ts';
import { and, type Predicate } from '../query/predicate.ts';
import type { Operation } from './service.ts';

type Asked = Pick<ReadQuery, 'format' | 'formatForUser'>;

/**
 * The environment in which an answer is printed. Only plain text depends on the reader.
 * @throws AppError `badRequest` when there is no such user, or none that the caller may read
 */
export async function envOfReader(operation: Operation, { format, formatForUser }: Asked): Promise<ValueEnv> {
  const { ctx, definitions, env, store, timezone } = operation;
  const isAnother = formatForUser !== null && formatForUser.toLowerCase() !== ctx.principal.email.toLowerCase();
  if (format !== 'plainText' || !isAnother) return env;
  const users = definitions.entities.get('sys.users');
  const access = users && ctx.accessTo(users);
  if (users && access && access.read !== false) {
    const byEmail: Predicate = {
      kind: 'in',
      path: 'data.emailStandardized',
      values: [formatForUser.trim().toLowerCase()],
    };
    const [user] = await store.find(users, access.read ? and([access.read, byEmail]) : byEmail, 1);
    if (user) {
      const settings = localSettings(user.data);
      return { ...env, zone: settings.timezone ?? timezone, language: settings.language };
    }
  }
  throw badRequest(`[_formatForUser]: there is no user [${formatForUser.slice(0, 100)}]`);
}
