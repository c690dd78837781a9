// Multipart bodies written by hand, so that tests know every byte; and uploads through a test app.
import type { TestApp } from './app.ts';

export interface Part {
  /** Name of the part; `file` unless said. */
  readonly name?: string;
  /** Null: a field. */
  readonly filename?: string | null;
  readonly contentType?: string | null;
  /** Replaces the whole header line `Content-Disposition: …`. */
  readonly disposition?: string;
  readonly content?: string | Buffer;
}

export const BOUNDARY = '----trebuchet-test';
export const MULTIPART = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };

/** The header block of a part. */
export function partHeader({
  name = 'file',
  filename = 'a.txt',
  contentType = 'text/plain',
  disposition,
}: Part): string {
  const named = filename === null ? '' : `; filename="${filename}"`;
  const lines = [disposition ?? `Content-Disposition: form-data; name="${name}"${named}`];
  if (contentType !== null) lines.push(`Content-Type: ${contentType}`);
  return `--${BOUNDARY}\r\n${lines.join('\r\n')}\r\n\r\n`;
}

export const CLOSING = `\r\n--${BOUNDARY}--\r\n`;

/** A whole body. */
export function multipartBody(...parts: readonly Part[]): Buffer {
  const pieces = parts.map((part, index) =>
    Buffer.concat([
      Buffer.from(`${index > 0 ? '\r\n' : ''}${partHeader(part)}`),
      Buffer.from(part.content ?? 'content'),
    ]),
  );
  return Buffer.concat([...pieces, Buffer.from(parts.length > 0 ? CLOSING : `--${BOUNDARY}--\r\n`)]);
}

export interface FileAnswer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  /** The bytes of the answer. */
  readonly bytes: Buffer;
  /** The answer as JSON; null when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are read by tests that say what they expect
  readonly body: any;
}

const BASE = '/prod/runtime/api';

/** Requests with bytes, for a test app. */
export function fileClient(app: TestApp, login: () => string) {
  const send = async (
    method: 'GET' | 'HEAD' | 'POST' | 'PUT',
    path: string,
    payload?: Buffer | string,
    headers: Record<string, string> = {},
  ): Promise<FileAnswer> => {
    const token = login();
    const answer = await app.fastify().inject({
      method,
      url: BASE + path,
      headers: { ...(token ? { token } : {}), ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
    const isJson = String(answer.headers['content-type']).includes('json');
    return {
      status: answer.statusCode,
      headers: answer.headers,
      bytes: answer.rawPayload,
      body: isJson ? answer.json() : null,
    };
  };
  return {
    send,
    get: (path: string, headers: Record<string, string> = {}) => send('GET', path, undefined, headers),
    upload: (...parts: readonly Part[]) => send('POST', '/files', multipartBody(...parts), MULTIPART),
    /** Uploads and gives the id. */
    async put(part: Part = {}): Promise<string> {
      const { status, body } = await send('POST', '/files', multipartBody(part), MULTIPART);
      if (status !== 200) throw new Error(`upload: ${status} ${JSON.stringify(body)}`);
      return body.fileId;
    },
  };
}
