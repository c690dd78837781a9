// What the driver throws, turned into what callers can act on: unavailable, too late, duplicate.
import {
  MongoBulkWriteError,
  MongoClientBulkWriteError,
  MongoClientClosedError,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerClosedError,
  MongoServerError,
  MongoStalePrimaryError,
  MongoSystemError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
} from 'mongodb';
import { timeout, unavailable } from '../errors.ts';

/** A write was refused by a unique index. */
export class DuplicateKeyError extends Error {
  override readonly name = 'DuplicateKeyError';
  /** Name of the index. */
  readonly index: string;
  /** Indexed path -> the value that is there already. */
  readonly keyValue: Readonly<Record<string, unknown>>;
  /** Which of the operations of a bulk write it was; 0 for a single write. */
  readonly position: number;

  constructor(index: string, keyValue: Record<string, unknown>, position: number, cause: unknown) {
    super(`duplicate value in index ${index}`, { cause });
    this.index = index;
    this.keyValue = keyValue;
    this.position = position;
  }
}

const DUPLICATE_KEY = 11_000;
const MAX_TIME_EXPIRED = 50;

/**
 * Server codes that say "not now": no primary, stepping down, shutting down, no majority in time, network between nodes, write
 * conflicts, no room in the cache; cursors and transactions that the primary does not know, since it is another one or was started
 * again.
 */
const NOT_NOW = new Set([
  6, 7, 24, 43, 64, 89, 91, 100, 112, 133, 134, 136, 189, 202, 237, 246, 251, 262, 290, 365, 9001, 10_107, 11_600,
  11_602, 13_435, 13_436,
]);

/** The same as the server and the driver say it of whole classes of errors. */
const NOT_NOW_LABELS = ['TransientTransactionError', 'UnknownTransactionCommitResult', 'RetryableWriteError'];

/** Driver errors that say that no usable connection was there, or that it broke. */
const NO_CONNECTION = [
  MongoNetworkError,
  MongoSystemError,
  MongoNotConnectedError,
  MongoTopologyClosedError,
  MongoClientClosedError,
  MongoServerClosedError,
  MongoStalePrimaryError,
  MongoOperationTimeoutError,
  MongoWriteConcernError,
];

const NO_CONNECTION_NAMES = new Set([
  'MongoWaitQueueTimeoutError',
  'MongoPoolClosedError',
  'MongoPoolClearedError',
  'PoolClearedOnNetworkError',
]);

/**
 * Runs a call to the database and translates its error.
 * @throws {AppError} `applicationUnavailable` (503) when MongoDB is away, `timeout` (400) when the query took too long
 * @throws {DuplicateKeyError} when a unique index refused the write
 */
export async function guarded<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw wasNeverSent(error) ? unavailable(AWAY, error) : translateMongoError(error);
  }
}

/** On a connection that the server has just ended, Node's own error comes through the driver as it is. */
function wasNeverSent(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'EPIPE';
}

const AWAY = 'The database is not available at the moment';

/** The same as a value, for places that look at the driver's error first. Other errors come back unchanged. */
export function translateMongoError(error: unknown): unknown {
  if (!(error instanceof MongoError)) return error;
  const duplicate = findDuplicate(error);
  if (duplicate) return duplicate;
  if (codesOf(error).includes(MAX_TIME_EXPIRED))
    return timeout('The query took too long; narrow it or give its fields an index');
  return isUnavailable(error) ? unavailable(AWAY, error) : error;
}

/** Whether the error says that MongoDB is away, or was in the middle of a change, rather than that the call was wrong. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false;
  if (NO_CONNECTION.some((kind) => error instanceof kind) || NO_CONNECTION_NAMES.has(error.name)) return true;
  if (NOT_NOW_LABELS.some((label) => error.hasErrorLabel(label))) return true;
  return codesOf(error).some((code) => NOT_NOW.has(code));
}

function codesOf(error: MongoError): number[] {
  const inner = writeErrorsOf(error).map(({ code }) => code);
  const concerns = error instanceof MongoClientBulkWriteError ? error.writeConcernErrors.map(({ code }) => code) : [];
  return [error.code, ...inner, ...concerns].filter((code) => typeof code === 'number');
}

interface WriteFailure {
  code?: number | undefined;
  position: number;
  message: string;
  keyValue: Record<string, unknown> | undefined;
}

function findDuplicate(error: MongoError): DuplicateKeyError | undefined {
  const failure = writeErrorsOf(error).find(({ code }) => code === DUPLICATE_KEY);
  if (failure === undefined) return undefined;
  return new DuplicateKeyError(indexOf(failure.message), failure.keyValue ?? {}, failure.position, error);
}

/** The three shapes in which a refused write arrives. */
function writeErrorsOf(error: MongoError): WriteFailure[] {
  if (error instanceof MongoClientBulkWriteError) {
    const failures = [...error.writeErrors].map(([position, { code, message }]) => ({
      code,
      position,
      message,
      keyValue: keyValueOf(message),
    }));
    return error.cause instanceof MongoError ? [...failures, ...writeErrorsOf(error.cause)] : failures;
  }
  if (error instanceof MongoBulkWriteError) {
    const list = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
    return list.map(({ code, index, errmsg = '' }) => ({
      code,
      position: index,
      message: errmsg,
      keyValue: keyValueOf(errmsg),
    }));
  }
  if (!(error instanceof MongoServerError)) return [];
  const { code, message, keyValue } = error;
  return [
    {
      code: typeof code === 'number' ? code : undefined,
      position: 0,
      message,
      keyValue: keyValue ?? keyValueOf(message),
    },
  ];
}

function indexOf(message: string): string {
  return /index: (\S+) dup key/.exec(message)?.[1] ?? '';
}

/** Only the paths can be had from the text; values that are no plain text or number stay out. */
function keyValueOf(message: string): Record<string, unknown> | undefined {
  const inside = /dup key: \{ (.*) \}/s.exec(message)?.[1];
  const path = /^([^:\s]+): (.*)$/s.exec(inside ?? '');
  if (path?.[1] === undefined || path[2] === undefined) return undefined;
  const value = path[2];
  return { [path[1]]: /^".*"$/s.test(value) ? value.slice(1, -1) : value };
}
