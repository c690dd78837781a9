// What Node refuses before there is a request (broken HTTP, too long or too late headers): the contract's body, written by hand.
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { badRequest } from '../errors.ts';
import { errorBody } from './errors.ts';
import type { AnswerHeaders } from './headers.ts';

/** Node's error codes that keep a status of their own (spec README, "statuses outside the seed's table"). */
const REFUSALS: Readonly<Record<string, { status: number; message: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, message: 'The headers, with the path, are too large' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 400, message: 'The chunk extensions of the body are too large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'The request took too long to arrive' },
};
const BROKEN = { status: 400, message: 'The request is not valid HTTP' };

/** A socket that may be in the middle of an answer; Node tells it by this property alone. */
type AnsweringSocket = Duplex & { readonly _httpMessage?: { readonly headersSent?: boolean } | null };

/** Answers and closes; bytes in the middle of another answer would be taken for a part of that. */
export function answerClientError(error: Error & { code?: string }, socket: Duplex, headers: AnswerHeaders): void {
  const answering = (socket as AnsweringSocket)._httpMessage?.headersSent === true;
  if (!socket.writable || answering || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { status, message } = REFUSALS[error.code ?? ''] ?? BROKEN;
  socket.end(rawAnswer(status, JSON.stringify(errorBody(badRequest(message))), headers(undefined, false)));
}

/** An answer for callers that never get as far as a route. */
export function rawAnswer(status: number, body: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}
