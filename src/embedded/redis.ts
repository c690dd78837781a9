// Our own redis-server: append-only data, nothing evicted, on a loopback port.
import { connect } from 'node:net';
import { type DaemonRecipe, lastLines, waitUntil } from './daemon.ts';

const ANSWER_MS = 1_000;

/** Where clients reach it. */
export function redisUrl(port: number): string {
  return `redis://127.0.0.1:${port}`;
}

/** How to run this redis-server or valkey-server. */
export function redisRecipe(file: string): DaemonRecipe {
  return {
    name: 'redis',
    command: (port, folder, logFile) => ({
      file,
      args: [
        ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--logfile', logFile],
        ...['--appendonly', 'yes', '--maxmemory-policy', 'noeviction', '--save', ''],
      ],
    }),
    ready: (port, signal) => waitUntil(() => ping(port), signal),
    explain: (logFile) => lastLines(logFile, 3).join(' / ') || 'it ended without a word',
  };
}

/** Asked by hand: a client library would bring its own ideas of waiting. LOADING is not yet an answer. */
function ping(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_MS, () => end(false));
    socket.once('error', () => end(false));
    socket.once('data', (data) => end(data.toString().startsWith('+PONG')));
    socket.write('PING\r\n');
  });
}
