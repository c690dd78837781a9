// How Fastify and Node's server are set up for this contract.
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { FastifyServerOptions } from 'fastify';
import type { Config } from '../config.ts';
import { answerClientError } from './client-errors.ts';
import { createRequestIds } from './every-request.ts';
import type { AnswerHeaders } from './headers.ts';

/** 1,000 ids in a path are 25 kB, and the longest query has to fit too. */
const MAX_HEADER_BYTES = 65_536;
const MAX_PARAMETER_LENGTH = 100_000;

export type HttpSettings = Pick<
  Config,
  'bodyLimit' | 'trustProxy' | 'requestTimeoutMs' | 'headersTimeoutMs' | 'tlsCert' | 'tlsKey'
>;

/** Further options of Node's HTTP or HTTPS server, over our own. */
export type ServerOptions = Readonly<Record<string, unknown>>;

/** Options for `fastify()`, without the handler of framework errors. */
export function fastifyOptions(
  settings: HttpSettings,
  headers: AnswerHeaders,
  server: ServerOptions,
): FastifyServerOptions & { https?: object; http?: object } {
  const tls = tlsOf(settings);
  const node = {
    maxHeaderSize: MAX_HEADER_BYTES,
    requestTimeout: settings.requestTimeoutMs,
    // the headers are a part of the request: Node refuses a longer time for them
    headersTimeout: Math.min(settings.headersTimeoutMs, settings.requestTimeoutMs || Number.POSITIVE_INFINITY),
    // Node would answer on its own, with an empty body
    requireHostHeader: false,
    ...server,
  };
  return {
    // one line of our own after the answer: Fastify's two cost a third of a bare route
    logger: false,
    bodyLimit: settings.bodyLimit,
    requestTimeout: settings.requestTimeoutMs,
    // requests that still come over kept connections are served, with `connection: close`
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    trustProxy: trustOf(settings.trustProxy),
    genReqId: requestIdOf(settings),
    clientErrorHandler: (error, socket) => answerClientError(error, socket, headers),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PARAMETER_LENGTH, caseSensitive: true },
    ...(tls ? { https: { ...node, ...tls } } : { http: node }),
  };
}

function tlsOf({ tlsCert, tlsKey }: HttpSettings): { cert: Buffer; key: Buffer } | null {
  return tlsCert && tlsKey ? { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) } : null;
}

/** A number means that many proxies in a row, as in other servers; Fastify takes it as "none". */
function trustOf(setting: HttpSettings['trustProxy']): NonNullable<FastifyServerOptions['trustProxy']> {
  return typeof setting === 'number' ? (_address: string, hop: number) => hop < setting : setting;
}

/** Behind a trusted proxy its id of the request is kept, so that both logs name it alike. */
function requestIdOf({ trustProxy }: HttpSettings): (request: IncomingMessage) => string {
  const next = createRequestIds();
  if (trustProxy === false) return next;
  return ({ headers }) => {
    const given = headers['x-request-id'];
    return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : next();
  };
}
