// A client that speaks bytes, for what no HTTP library would send.
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON, null when empty. */
  readonly body: unknown;
}

/** Sends the parts one after the other and returns all answers, when the server closes or `answers` have come. */
export async function sendRaw(
  port: number,
  parts: readonly (string | Buffer)[],
  answers = Number.POSITIVE_INFINITY,
): Promise<RawAnswer[]> {
  const socket = connect(port, '127.0.0.1');
  const closed = collect(socket, answers);
  for (const part of parts) {
    if (socket.destroyed) break;
    socket.write(part);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return closed;
}

/** Answers that arrive on a socket until it closes or there are enough of them. */
export function collect(socket: Socket, answers = Number.POSITIVE_INFINITY): Promise<RawAnswer[]> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const finish = (): void => {
      socket.destroy();
      resolve(parseAnswers(bytes));
    };
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (parseAnswers(bytes).length >= answers) finish();
    });
    socket.on('error', finish);
    socket.on('close', finish);
  });
}

function parseAnswers(bytes: Buffer): RawAnswer[] {
  const found: RawAnswer[] = [];
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return found;
    const [first = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const status = Number(first.split(' ')[1]);
    const length = status === 100 ? 0 : Number(headers['content-length'] ?? 0);
    if (rest.length < end + 4 + length) return found;
    const body = rest.subarray(end + 4, end + 4 + length).toString();
    found.push({ status, headers, body: body === '' ? null : JSON.parse(body) });
    rest = rest.subarray(end + 4 + length);
  }
}
