// A line in the app's log for every request of a logged-in caller, after its answer (spec auth-jobs-logs-files §7.4).
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { EntityModel } from '../definitions/model.ts';
import type { AppLogSubType } from '../records/app-log.ts';
import type { Services } from '../services.ts';
import { appErrorOf } from './errors.ts';
import { maskedUrl } from './masked-url.ts';

type Needed = Pick<Services, 'logs' | 'config' | 'definitions'>;

/** Adds the line to every request of this scope and those inside, as the setting `APP_LOG_REQUESTS` wants it. */
export function logRequests(app: FastifyInstance, { logs, config, definitions }: Needed): void {
  if (config.appLogRequests === 'none') return;
  const writesOnly = config.appLogRequests === 'writes';
  const failures = new WeakMap<FastifyRequest, unknown>();
  app.addHook('onError', (request, _reply, error, done) => {
    failures.set(request, error);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { ctx, method } = request;
    const path = partsOf(request, app.prefix);
    if (ctx && !(writesOnly && method === 'GET') && isTold(method, path)) {
      const entity = path[0] === 'data' ? definitions().entities.get(path[1] ?? '') : undefined;
      const failed = reply.statusCode >= 500;
      logs.write(ctx, {
        level: failed ? 'ERROR' : 'INFO',
        message: `${method} /api${maskedUrl(belowBase(request, app.prefix), path, entity)}`,
        subType: subTypeOf(method, path, entity),
        ...(failed && { additionalInfo: failureInfo(request, reply, failures.get(request)) }),
      });
    }
    done();
  });
}

/** Who polls jobs or reads the log does not fill it by that, nor does a client twice that writes to it. */
function isTold(method: string, [first, second]: readonly string[]): boolean {
  if (method === 'OPTIONS' || method === 'HEAD') return false;
  return first !== 'status' || (method !== 'GET' && second !== 'logs');
}

function belowBase({ raw }: FastifyRequest, prefix: string): string {
  const url = raw.url ?? '';
  return url.startsWith(prefix) ? url.slice(prefix.length) : url;
}

function partsOf(request: FastifyRequest, prefix: string): string[] {
  const [path = ''] = belowBase(request, prefix).split('?', 1);
  return path.split('/').filter((part) => part !== '');
}

/** Only what the contract names has a subtype: records and their actions, not what is below them. */
function subTypeOf(
  method: string,
  [first, , target, last]: readonly string[],
  entity: EntityModel | undefined,
): AppLogSubType | null {
  if (first !== 'data' || !entity) return null;
  if (method === 'PUT' && entity.actions.has(last ?? target ?? '')) return 'REST_API_ACTION_EXECUTED';
  if (last !== undefined) return null;
  if (method === 'POST') return target === undefined ? 'REST_API_RECORD_CREATED' : null;
  if (method === 'DELETE') return 'REST_API_RECORD_DELETED';
  if (method === 'GET') return target === 'auditLogs' ? null : 'REST_API_RECORD_READ';
  const isRecord = target !== undefined && target !== 'aggregate' && target !== 'export';
  return method === 'PUT' && isRecord ? 'REST_API_RECORD_UPDATED' : null;
}

/** Without the message, which may have come from a script: what it says is in the script's own line, and in the log of the process. */
function failureInfo(request: FastifyRequest, reply: FastifyReply, error: unknown) {
  return { requestId: request.id, status: reply.statusCode, code: appErrorOf(error).code };
}
