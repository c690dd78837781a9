// Errors of listening, and addresses, in words for people.
import type { AddressInfo, Server } from 'node:net';
import { StartError } from './db/connecting.ts';

const REASONS: Record<string, string> = {
  EADDRINUSE: 'something listens there already',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'this machine has no such address',
};

/**
 * @param variables the settings that say where, such as `HOST, PORT`
 * @throws {StartError} instead of the system's error
 */
export async function listening(
  variables: string,
  where: { host: string; port: number },
  listen: () => Promise<unknown>,
): Promise<void> {
  try {
    await listen();
  } catch (error) {
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw error;
    throw new StartError(`can't listen on ${where.host}:${where.port} (${variables}): ${reason}`, { cause: error });
  }
}

/** `host:port` that a person can type, of a server that listens. */
export function reachableAt(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host;
  return `${name.includes(':') ? `[${name}]` : name}:${port}`;
}
