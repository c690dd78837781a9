// Response headers that every answer carries: security and CORS, also on errors and on what never becomes a request.
import type { IncomingMessage } from 'node:http';

/** For an API whose answers are data: nothing in them is ever to be run, framed, sniffed or kept. */
const SECURITY: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const HTTPS_ONLY = { 'strict-transport-security': 'max-age=31536000' };

/** What a browser of another origin may send, and read of an answer (spec auth-jobs-logs-files §1). */
export const PREFLIGHT_HEADERS: Readonly<Record<string, string>> = {
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'token, content-type, accept, authorization',
  'access-control-max-age': '7200',
};
const EXPOSED = { 'access-control-expose-headers': 'x-request-id, retry-after, content-disposition' };

export type CorsOrigins = '*' | readonly string[];

/** The headers of any answer to a caller of this origin; the sets are made once. */
export type AnswerHeaders = (origin: string | undefined, https: boolean) => Readonly<Record<string, string>>;

export function createHeaders(origins: CorsOrigins): AnswerHeaders {
  const plain = headersBy(origins, SECURITY);
  const encrypted = headersBy(origins, { ...SECURITY, ...HTTPS_ONLY });
  return (origin, https) => (https ? encrypted : plain)(origin);
}

function headersBy(origins: CorsOrigins, base: Readonly<Record<string, string>>) {
  const allowing = (origin: string) => ({ ...base, ...EXPOSED, 'access-control-allow-origin': origin });
  if (origins === '*') {
    const toBrowsers = allowing('*');
    const toOthers = { ...base, 'access-control-allow-origin': '*' };
    return (origin: string | undefined) => (origin === undefined ? toOthers : toBrowsers);
  }
  const closed = { ...base, vary: 'Origin' };
  const listed = new Map(origins.map((origin) => [origin, { ...closed, ...allowing(origin) }]));
  return (origin: string | undefined) => listed.get(origin ?? '') ?? closed;
}

/** Is this the question of a browser whether it may send a request? */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && 'access-control-request-method' in headers;
}
