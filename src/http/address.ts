// Callers' addresses, as the contract shows them.
import { isIPv4, isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';

/**
 * The address a request came from, IPv4 shown mapped: `::ffff:10.0.0.1` (spec auth-jobs-logs-files §4.1). What a trusted proxy
 * names counts when it is an address at all; else the proxy's own.
 */
export function callerAddress(request: FastifyRequest): string | null {
  const named = request.ip as string | undefined;
  return (named && shown(named)) ?? shown(request.raw.socket.remoteAddress ?? '');
}

function shown(address: string): string | null {
  if (isIPv4(address)) return `::ffff:${address}`;
  if (isIPv6(address)) return address.toLowerCase();
  // some proxies add the port
  const withoutPort = /^(?<ip>[\d.]+):\d+$/.exec(address)?.groups?.ip ?? '';
  return isIPv4(withoutPort) ? `::ffff:${withoutPort}` : null;
}
