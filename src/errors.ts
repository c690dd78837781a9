// The errors of the API: one table of codes with their usual HTTP status, and the factories that everything throws.

/**
 * Codes of the contract and the HTTP status each usually answers with (spec auth-jobs-logs-files §2.2).
 * A throw may override the status, as job control does (`badRequest` with 404).
 */
export const ERROR_STATUS = {
  badRequest: 400,
  validationErrors: 400,
  timeout: 400,
  unauthorized: 401,
  forbidden: 403,
  notFound: 404,
  optimisticLocking: 409,
  tooManyRequests: 429,
  systemException: 500,
  javascriptException: 500,
  endpointException: 500,
  unknownError: 500,
  applicationUnavailable: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** One entry of `errors[]` in a `validationErrors` body; all five keys are always sent (spec auth-jobs-logs-files §2.1). */
export interface FieldError {
  /** Full path, `addresses[1].zipCode`; null for an error of the whole record. */
  readonly field: string | null;
  readonly fieldLabel: string | null;
  readonly code: string;
  readonly message: string;
  readonly additionalInfo: { readonly rejectedValue?: unknown } | null;
}

/** An error with an answer: code, text, HTTP status and, for `validationErrors`, the list of field errors. */
export class AppError extends Error {
  override readonly name = 'AppError';
  /** A code of {@link ERROR_STATUS}, or one that an app's script made up (then 400). */
  readonly code: string;
  readonly status: number;
  readonly errors: readonly FieldError[] | null;
  /** Response headers that belong to the error, such as `Retry-After`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: string,
    message: string,
    extra: {
      status?: number;
      errors?: readonly FieldError[];
      headers?: Readonly<Record<string, string>>;
      cause?: unknown;
    } = {},
  ) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.code = code;
    this.status = extra.status ?? statusOf(code);
    this.errors = extra.errors ?? null;
    this.headers = extra.headers ?? {};
  }
}

/** Usual HTTP status of a code; 400 for codes made up by scripts (spec scripting-api §1.12). */
export function statusOf(code: string): number {
  return Object.hasOwn(ERROR_STATUS, code) ? ERROR_STATUS[code as ErrorCode] : 400;
}

export const badRequest = (message: string, extra: { status?: number; cause?: unknown } = {}): AppError =>
  new AppError('badRequest', message, extra);
export const unauthorized = (message = 'You need to log in'): AppError => new AppError('unauthorized', message);
export const forbidden = (message: string): AppError => new AppError('forbidden', message);
export const notFound = (message: string): AppError => new AppError('notFound', message);
export const timeout = (message: string): AppError => new AppError('timeout', message);
export const optimisticLocking = (message: string): AppError => new AppError('optimisticLocking', message);
export const unavailable = (message: string, cause?: unknown): AppError =>
  new AppError('applicationUnavailable', message, { cause });
export const scriptError = (message: string, cause?: unknown): AppError =>
  new AppError('javascriptException', message, { cause });
export const systemError = (message: string, cause?: unknown): AppError =>
  new AppError('systemException', message, { cause });

/** The 400 that carries every field error of a request together. */
export const validationErrors = (errors: readonly FieldError[]): AppError =>
  new AppError('validationErrors', 'There are validation errors', { errors });
