// Every error that can reach the edge, turned into the contract's status and body.
import type { FastifyRequest } from 'fastify';
import { AppError, badRequest } from '../errors.ts';

/** Fastify's own refusals that deserve better words than the framework's. */
const FRAMEWORK_MESSAGES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is too large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The body must be JSON: Content-Type must be application/json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as Content-Length says',
  FST_ERR_BAD_URL: 'The path is not valid percent-encoded UTF-8',
  FST_ERR_MAX_PARAM_LENGTH: 'A part of the path is too long',
};

/** What an unexpected error tells the caller; the rest is in the log. */
const UNEXPECTED = 'An unexpected error happened; the server log has it under the request id of this answer';

/** The error as an answer; one without a place in the contract becomes 500 `unknownError` (spec auth-jobs-logs-files §2.2). */
export function appErrorOf(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    const message = FRAMEWORK_MESSAGES[String(code)] ?? 'The request is not valid';
    return badRequest(message, { cause: error });
  }
  return new AppError('unknownError', UNEXPECTED, { cause: error });
}

/** The body of an error (spec auth-jobs-logs-files §2.1). */
export function errorBody(error: AppError): object {
  const { code, message, errors } = error;
  return errors ? { code, message, errors } : { code, message };
}

/** The 404 of a path or method that does not exist. */
export function noRoute(request: FastifyRequest): AppError {
  const path = (request.raw.url ?? '').split('?', 1)[0]?.slice(0, 200);
  return new AppError('notFound', `There is no ${request.method} ${path}`);
}
