// The process log: one JSON object a line, or readable lines on a terminal. Secrets never get into it.
import { type Logger, pino } from 'pino';
import type { Config } from './config.ts';

const SECRETS = ['password', 'token', 'authorization', 'cookie', 'encryptionKey', 'mongodbUri', 'redisUrl', 'smtpUrl'];

/**
 * Makes the log of a process.
 * @param stream where it goes: `stdout` for servers; `stderr` for commands whose result is on `stdout`
 */
export async function createLog(
  config: Pick<Config, 'logLevel'>,
  stream: 'stdout' | 'stderr' = 'stdout',
): Promise<Logger> {
  const options = {
    level: config.logLevel,
    base: { pid: process.pid },
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[hidden]' },
  };
  const target = process[stream];
  if (!target.isTTY) return pino(options, pino.destination({ fd: target.fd, sync: true }));
  const { default: pretty } = await import('pino-pretty');
  return pino(options, pretty({ destination: target.fd, ignore: 'pid', translateTime: 'SYS:HH:MM:ss.l', sync: true }));
}
