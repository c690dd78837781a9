// The app's log: what the server, the app's scripts and clients write, and how developers read it (spec auth-jobs-logs-files §7).
import type { Filter } from 'mongodb';
import type { Context } from '../context.ts';
import { forbidden } from '../errors.ts';
import type { QueryPairs } from '../query/list.ts';
import { containing, type PageOf, type Parameters, readParameters, skipOf } from '../query/list-parameters.ts';
import { readPeriod } from '../query/period.ts';
import type { AppLog, AppLogLine } from '../records/app-log.ts';
import {
  actorOf,
  LOG_LEVELS,
  type LogActor,
  type LogDocument,
  type LogJson,
  type LogLevel,
  logDocument,
  printLog,
} from './log.ts';
import { readPostedLine } from './post.ts';
import { APP_LOG, type LogStore } from './store.ts';
import type { Writer } from './writer.ts';

export interface LogService extends AppLog {
  /** A line about somebody without a context, such as who is logging in. */
  writeFor(actor: LogActor, line: AppLogLine): void;
  /**
   * `POST /status/logs`: stores the line before it answers.
   * @throws AppError `forbidden` to all but developers and system users; `validationErrors`
   */
  post(ctx: Context, body: unknown): Promise<LogJson>;
  /**
   * `GET /status/logs`: oldest first.
   * @throws AppError `forbidden` as above; `badRequest` for a malformed parameter
   */
  list(ctx: Context, query: QueryPairs): Promise<PageOf<LogJson>>;
  /** The check that comes before the syntax of query and body. @throws AppError `forbidden` */
  admit(ctx: Context): void;
}

export interface LogDeps {
  readonly store: Pick<LogStore, 'insert' | 'page' | 'count' | 'timeOf'>;
  readonly writer: Writer;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
}

const PER_PAGE = 200;

export function createLogService({ store, writer, now }: LogDeps): LogService {
  const documentOf = (ctx: Context, line: AppLogLine): LogDocument => logDocument('APP', actorOf(ctx), line, now());
  return {
    admit,
    write: (ctx, line) => writer.add(documentOf(ctx, line)),
    companion: (ctx, line) => ({ collection: APP_LOG, name: 'insertOne', document: documentOf(ctx, line) }),
    writeFor: (actor, line) => writer.add(logDocument('APP', actor, line, now())),

    post: async (ctx, body) => {
      admit(ctx);
      const line = readPostedLine(body);
      const document = logDocument('EXTERNAL', actorOf(ctx), line, now());
      await store.insert(document);
      return { ...printLog(document), additionalInfo: line.additionalInfo ?? {} };
    },

    list: async (ctx, pairs) => {
      admit(ctx);
      const parameters = readParameters(pairs);
      const filter = filterOf(ctx, parameters, now());
      const { size, start } = parameters.page(PER_PAGE);
      // what this process has written is there at once; what others have, a moment later
      await writer.flush();
      const after =
        start.kind === 'after'
          ? { timestamp: (await store.timeOf(start.id)) ?? start.id.getTimestamp(), id: start.id }
          : null;
      const [total, found] = await Promise.all([
        store.count(filter),
        store.page({ filter, after, skip: skipOf(start), limit: size + 1 }),
      ]);
      const lines = found.slice(0, size);
      const last = lines.at(-1);
      const items = lines.map(printLog);
      // present iff lines remain (spec §1.1)
      return last && found.length > size ? { total, offset: last._id.toHexString(), items } : { total, items };
    },
  };
}

function admit({ principal }: Context): void {
  if (!principal.developer && !principal.system) throw forbidden('Only developers can see and write logs of the app');
}

function filterOf(ctx: Context, parameters: Parameters, now: number): Filter<LogDocument> {
  const period = parameters.text('period');
  // The period wins: then both ends are not even looked at (spec §1.2).
  const timestamp = period === null ? parameters.between('from', 'to') : readPeriod(period, now, ctx.zone);
  const level = parameters.list('level', isLevel);
  const message = parameters.text('message');
  const userEmail = parameters.text('userEmail');
  return {
    ...(timestamp && { timestamp }),
    ...(level && { level: { $in: [...level] } }),
    ...(message !== null && { message: containing(message) }),
    ...(userEmail !== null && { userEmail: containing(userEmail) }),
  };
}

const isLevel = (text: string): text is LogLevel => (LOG_LEVELS as readonly string[]).includes(text);
