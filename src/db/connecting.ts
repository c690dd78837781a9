// How a start waits for a service that is not there yet: growing pauses, each said, until the configured time is over.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

/** The server can't start as things are; the message tells a person what to change. The command prints it and ends with 1. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Repeats `connect` until it succeeds.
 * @param what for messages, such as `MongoDB at localhost:27017`
 * @param timeoutMs how long it goes on
 * @throws {StartError} at once when `connect` throws one: waiting would not help; else when the time is over
 */
export async function connectPatiently<T>(
  what: string,
  timeoutMs: number,
  log: Logger,
  connect: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await connect();
    } catch (error) {
      if (error instanceof StartError) throw error;
      const reason = (error as Error).message;
      const left = deadline - Date.now();
      if (left <= 0)
        throw new StartError(`${what} can't be reached: ${reason}. Tried for ${timeoutMs} ms (CONNECT_TIMEOUT_MS)`, {
          cause: error,
        });
      const waitMs = Math.min(pause, left);
      log.warn({ reason, waitMs }, `${what} can't be reached, trying again`);
      await sleep(waitMs);
    }
  }
}

/** Hosts of a URI for messages: without user, password and options. */
export function hostsOf(uri: string): string {
  return uri.replace(/^[a-z0-9+]+:\/\/(?:[^/@]*@)?([^/?]*).*$/i, '$1');
}
