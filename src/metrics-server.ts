// `/metrics` on a port of its own, which only those who watch the server should reach: it asks nobody for a token.
import { createServer } from 'node:http';
import type { Config } from './config.ts';
import type { Closers } from './lifecycle.ts';
import { listening, reachableAt } from './listen.ts';
import type { Metrics } from './metrics/registry.ts';

/**
 * Serves the metrics of this process, where there are any.
 * @returns where they are; null without METRICS_PORT
 */
export async function serveMetrics(
  metrics: Metrics | null,
  { host, metricsPort: port }: Pick<Config, 'host' | 'metricsPort'>,
  closers: Closers,
): Promise<string | null> {
  if (!metrics || port === undefined) return null;
  const server = createServer(async ({ method, url }, response) => {
    if (url?.split('?', 1)[0] !== '/metrics' || method !== 'GET') {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ code: 'notFound', message: 'Only GET /metrics is here' }));
      return;
    }
    try {
      const text = await metrics.text();
      response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' }).end(text);
    } catch (error) {
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ code: 'unknownError', message: (error as Error).message }));
    }
  });
  const listen = () =>
    new Promise((resolve, reject) => server.once('error', reject).listen({ host, port }, () => resolve(undefined)));
  await listening('HOST, METRICS_PORT', { host, port }, listen);
  await closers.add('the metrics', async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://${reachableAt(server, host)}/metrics`;
}
