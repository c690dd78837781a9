// Requests by method, route and status. The route is its template, never the path: each label value costs memory for ever.
import { Gauge, Histogram, type Registry } from 'prom-client';

export interface HttpMetrics {
  begin(): void;
  /**
   * @param route template of the route below the base path; null where no route fits
   * @param status null when the caller went away before the answer
   * @param ms from the first line of the request to the end of the answer
   */
  end(method: string, route: string | null, status: number | null, ms: number): void;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createHttpMetrics(registry: Registry): HttpMetrics {
  const inFlight = new Gauge({
    name: 'trebuchet_http_requests_in_flight',
    help: 'Requests without a complete answer yet',
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'trebuchet_http_request_duration_seconds',
    help: 'Time of requests, from their first line to the end of the answer',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [registry],
  });
  // looking labels up costs more than observing
  const known = new Map<string, { observe(value: number): void }>();

  return {
    begin: () => inFlight.inc(),
    end: (method, route, status, ms) => {
      inFlight.dec();
      const key = `${method} ${status} ${route}`;
      let series = known.get(key);
      if (!series) {
        series = durations.labels(method, route ?? 'none', status === null ? 'aborted' : String(status));
        known.set(key, series);
      }
      series.observe(ms / 1000);
    },
  };
}
