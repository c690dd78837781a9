// The server on real sockets: broken HTTP, odd but legal HTTP, slow and vanishing clients, and the graceful stop.
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { buildApp } from '../../../src/http/app.ts';
import type { ServerOptions } from '../../../src/http/options.ts';
import { type FakeServices, fakeServices, TOKEN } from './fake-services.ts';
import { collect, sendRaw } from './raw-client.ts';

let fake: FakeServices;
let app: FastifyInstance;
afterEach(async () => {
  app.server.closeAllConnections();
  await app.close();
});

async function listen(server: ServerOptions = {}, settings = {}): Promise<number> {
  fake = fakeServices({ bodyLimit: 100_000, ...settings });
  app = await buildApp(fake.services, server);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as AddressInfo).port;
}

const HEAD = `Host: x\r\ntoken: ${TOKEN}\r\n`;
const GET = `GET /api/data/companies HTTP/1.1\r\n${HEAD}\r\n`;
const LAST = `GET /api/data/companies HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`;
const post = (headers: string, body = '') =>
  `POST /api/data/companies HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\n${headers}\r\n${body}`;
const BAD = { code: 'badRequest', message: expect.any(String) };

describe('what is no request at all', () => {
  test.each<[string, string | Buffer, number]>([
    ['a broken request line', 'HELLO\r\n\r\n', 400],
    ['TLS on a plain port', Buffer.from('16030100a5010000a10303', 'hex'), 400],
    ['an unknown method', `FROB / HTTP/1.1\r\n${HEAD}\r\n`, 400],
    ['another protocol version', `GET / HTTP/9.9\r\n${HEAD}\r\n`, 400],
    ['a broken header', `GET / HTTP/1.1\r\n${HEAD}b ad: 1\r\n\r\n`, 400],
    ['a NUL in a header', `GET / HTTP/1.1\r\n${HEAD}x: \u0000\r\n\r\n`, 400],
    ['a blank in the path', `GET /api/data/a b HTTP/1.1\r\n${HEAD}\r\n`, 400],
    ['a length that is no number', post('Content-Length: x\r\n'), 400],
    ['two lengths', post('Content-Length: 2\r\nContent-Length: 3\r\n', '{}'), 400],
    ['a length and chunks', post('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', '2\r\n{}\r\n0\r\n\r\n'), 400],
    ['a broken chunk', post('Transfer-Encoding: chunked\r\n', 'zz\r\n{}\r\n'), 400],
    ['65 kB of headers', `GET / HTTP/1.1\r\n${HEAD}x: ${'x'.repeat(66_000)}\r\n\r\n`, 431],
    ['a path of 70 kB', `GET /api/data/companies/${'1'.repeat(70_000)} HTTP/1.1\r\n${HEAD}\r\n`, 431],
  ])('%s', async (_name, bytes, status) => {
    const port = await listen();
    const [answer] = await sendRaw(port, [bytes]);
    expect(answer).toMatchObject({ status, body: BAD });
    expect(answer?.headers).toMatchObject({
      'content-type': expect.stringMatching(/^application\/json/),
      connection: 'close',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    });
    // and the server goes on
    expect(await sendRaw(port, [LAST])).toMatchObject([{ status: 200 }]);
  });

  test('headers and bodies that come too late get 408', async () => {
    const port = await listen(
      { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 },
      { requestTimeoutMs: 200 },
    );
    const [slowHeaders] = await sendRaw(port, ['GET / HTTP/1.1\r\nHost:']);
    expect(slowHeaders).toMatchObject({ status: 408, body: BAD });
    const [slowBody] = await sendRaw(port, [post('Content-Length: 10\r\n', '{"a"')]);
    expect(slowBody).toMatchObject({ status: 408, body: BAD });
  });

  test('CONNECT does not exist', async () => {
    const port = await listen();
    expect(await sendRaw(port, [`CONNECT x:1 HTTP/1.1\r\n${HEAD}\r\n`])).toMatchObject([
      { status: 404, body: { code: 'notFound' } },
    ]);
  });
});

describe('legal HTTP', () => {
  test.each<[string, string[], number[]]>([
    ['HTTP/1.0', [`GET /api/data/companies HTTP/1.0\r\ntoken: ${TOKEN}\r\n\r\n`], [200]],
    [
      'HTTP/1.1 without Host',
      [`GET /api/data/companies HTTP/1.1\r\ntoken: ${TOKEN}\r\nConnection: close\r\n\r\n`],
      [200],
    ],
    ['any case of header names', [`GET /api/data/companies HTTP/1.0\r\nTOKEN: ${TOKEN}\r\n\r\n`], [200]],
    ['Token', [`GET /api/data/companies HTTP/1.0\r\nToken: ${TOKEN}\r\n\r\n`], [200]],
    ['Bearer', [`GET /api/data/companies HTTP/1.0\r\nAuthorization: bearer ${TOKEN}\r\n\r\n`], [200]],
    ['an absolute form', [`GET http://x/api/data/companies?a=b HTTP/1.0\r\ntoken: ${TOKEN}\r\n\r\n`], [200]],
    ['a path with dots', [`GET /api/../api/data/companies HTTP/1.0\r\ntoken: ${TOKEN}\r\n\r\n`], [404]],
    ['OPTIONS *', [`OPTIONS * HTTP/1.0\r\n\r\n`], [404]],
    ['pipelining', [GET + GET + LAST], [200, 200, 200]],
    ['a byte at a time', [...LAST], [200]],
    ['bytes after an empty line', [`\r\n${LAST}`], [200]],
    ['an expectation', [post('Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n'), '{}'], [100, 200]],
    ['an unknown expectation', [post('Content-Length: 2\r\nExpect: a-miracle\r\nConnection: close\r\n', '{}')], [200]],
    [
      'an upgrade we do not know',
      [`GET /api/data/companies HTTP/1.1\r\n${HEAD}Connection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n`],
      [200],
    ],
    [
      'the body of a GET',
      [`GET /api/data/companies HTTP/1.1\r\n${HEAD}Content-Length: 5\r\n\r\n{"a":`, LAST],
      [200, 200],
    ],
  ])('%s', async (_name, parts, statuses) => {
    const answers = await sendRaw(await listen(), parts);
    expect(answers.map(({ status }) => status)).toEqual(statuses);
  });

  test.each<[string, string]>([
    ['one chunk', '9\r\n{"a":"x"}\r\n0\r\n\r\n'],
    ['many chunks', '1\r\n{\r\n3;ext=1\r\n"a"\r\n5\r\n:"x"}\r\n0\r\n\r\n'],
    ['a trailer', '9\r\n{"a":"x"}\r\n0\r\nX: y\r\n\r\n'],
  ])('chunked JSON in %s', async (_name, chunks) => {
    const port = await listen();
    const answers = await sendRaw(port, [post('Transfer-Encoding: chunked\r\nConnection: close\r\n', chunks)]);
    expect(answers).toMatchObject([{ status: 200 }]);
    expect(fake.calls).toEqual([['create', 'companies', { a: 'x' }]]);
  });

  test('no chunks at all are an empty body', async () => {
    const port = await listen();
    await sendRaw(port, [post('Transfer-Encoding: chunked\r\nConnection: close\r\n', '0\r\n\r\n')]);
    expect(fake.calls).toEqual([['create', 'companies', {}]]);
  });

  test('a character split over two packets arrives whole', async () => {
    const port = await listen();
    const body = Buffer.from('{"a":"ü"}');
    const head = post(`Content-Length: ${body.length}\r\nConnection: close\r\n`);
    await sendRaw(port, [head, body.subarray(0, 7), body.subarray(7)]);
    expect(fake.calls).toEqual([['create', 'companies', { a: 'ü' }]]);
  });

  test('1,000 ids in the path', async () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => index.toString(16).padStart(24, '0')).join(',');
    const port = await listen();
    const [answer] = await sendRaw(port, [
      `GET /prod/runtime/api/data/companies/${ids} HTTP/1.0\r\ntoken: ${TOKEN}\r\n\r\n`,
    ]);
    expect(answer).toMatchObject({ status: 200 });
    expect(fake.calls[0]?.[2]).toBe(ids);
  });
});

describe('bodies that are too large', () => {
  test('are refused to a client that sends everything before it reads', async () => {
    const port = await listen();
    const body = Buffer.alloc(20_000_000, 'x');
    const socket = connect(port, '127.0.0.1');
    const answers = collect(socket, 1);
    socket.pause();
    socket.write(post(`Content-Length: ${body.length}\r\n`));
    socket.write(body, () => socket.resume());
    expect(await answers).toMatchObject([
      { status: 400, body: { code: 'badRequest', message: 'The body is too large' } },
    ]);
  });

  test('are refused in chunks too, with the body of the contract', async () => {
    const port = await listen();
    const chunk = `c350\r\n${'x'.repeat(50_000)}\r\n`;
    const [answer] = await sendRaw(port, [post('Transfer-Encoding: chunked\r\n'), chunk, chunk, chunk, '0\r\n\r\n'], 1);
    expect(answer).toMatchObject({ status: 400, body: { code: 'badRequest', message: 'The body is too large' } });
  });

  test('without a token the token is what counts', async () => {
    const port = await listen();
    const [answer] = await sendRaw(
      port,
      ['POST /api/data/companies HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n'],
      1,
    );
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  });
});

describe('clients that vanish', () => {
  test('in the middle of a body', async () => {
    const port = await listen();
    const socket = connect(port, '127.0.0.1');
    socket.write(post('Content-Length: 100\r\n', '{"a"'));
    await vi.waitFor(() => expect(app.server.connections ?? 1).toBeGreaterThan(0));
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await vi.waitFor(() => expect(fake.logged.map(({ msg }) => msg)).toContain('request aborted by the client'));
    expect(fake.calls).toEqual([]);
    expect(fake.logged.every(({ level }) => Number(level) < 50)).toBe(true);
    expect(await sendRaw(port, [LAST])).toMatchObject([{ status: 200 }]);
  });

  test('while their answer is made', async () => {
    const port = await listen();
    let finish = (): void => undefined;
    fake.answer = () => new Promise((resolve) => (finish = () => resolve({})));
    const socket = connect(port, '127.0.0.1');
    socket.write(GET);
    await vi.waitFor(() => expect(fake.calls).toHaveLength(1));
    socket.destroy();
    await vi.waitFor(() => expect(fake.logged.map(({ msg }) => msg)).toContain('request aborted by the client'));
    finish();
    fake.answer = null;
    expect(await sendRaw(port, [LAST])).toMatchObject([{ status: 200 }]);
    expect(fake.logged.filter(({ msg }) => String(msg).startsWith('request'))).toHaveLength(2);
  });
});

describe('the stop', () => {
  /** A request that is being answered, on a connection that would be kept. */
  async function inFlight(port: number) {
    let finish = (): void => undefined;
    fake.answer = () => new Promise((resolve) => (finish = () => resolve({ done: true })));
    const socket = connect(port, '127.0.0.1');
    const answers = collect(socket);
    socket.write(GET);
    await vi.waitFor(() => expect(fake.calls).toHaveLength(1));
    return { finish: () => finish(), answers, socket };
  }

  test('waits for answers under way and closes their connections, idle ones at once', async () => {
    const port = await listen();
    const idle = connect(port, '127.0.0.1');
    const idleAnswers = collect(idle);
    idle.write(GET);
    await vi.waitFor(() => expect(fake.calls).toHaveLength(1));
    fake.calls.length = 0;
    await vi.waitFor(() => expect(fake.logged.filter(({ msg }) => msg === 'request')).toHaveLength(1));
    const request = await inFlight(port);
    let closed = false;
    const closing = app.close().then(() => {
      closed = true;
    });
    expect(await idleAnswers).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(closed).toBe(false);
    request.finish();
    const [answer] = await request.answers;
    expect(answer).toMatchObject({ status: 200, body: { done: true }, headers: { connection: 'close' } });
    await closing;
  });

  test('new connections are refused', async () => {
    const port = await listen();
    const request = await inFlight(port);
    const closing = app.close();
    await vi.waitFor(async () => {
      const [error] = await once(connect(port, '127.0.0.1'), 'error').catch((refusal) => [refusal]);
      expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    });
    request.finish();
    expect(await request.answers).toMatchObject([{ status: 200 }]);
    await closing;
  });

  test('readiness turns before the connections go, and what still comes over an open one is served', async () => {
    const port = await listen();
    const request = await inFlight(port);
    fake.answer = null;
    const closing = app.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    request.socket.write(`GET /health/ready HTTP/1.1\r\n${HEAD}\r\n`);
    request.finish();
    const [first] = await request.answers;
    expect(first).toMatchObject({ status: 200 });
    await closing;
  });

  test('with a keep-alive client that goes on sending ends as well', async () => {
    const port = await listen();
    const agent = new Agent({ keepAlive: true, maxSockets: 2 });
    let refused = 0;
    const statuses: number[] = [];
    const loop = async (): Promise<void> => {
      while (refused === 0) {
        await new Promise<void>((resolve) => {
          const request = httpRequest(
            { port, host: '127.0.0.1', agent, path: '/api/data/companies', headers: { token: TOKEN } },
            (response) => {
              statuses.push(response.statusCode ?? 0);
              response.resume().on('end', resolve);
            },
          );
          request.on('error', () => {
            refused += 1;
            resolve();
          });
          request.end();
        });
      }
    };
    const clients = [loop(), loop()];
    await vi.waitFor(() => expect(statuses.length).toBeGreaterThan(20));
    await app.close();
    await Promise.all(clients);
    expect(new Set(statuses)).toEqual(new Set([200]));
    agent.destroy();
  });
});
