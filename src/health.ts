// Is this process fit for requests? A few checks, asked at most once a second however often somebody wants to know.

export interface HealthCheck {
  readonly name: string;
  /** Without an essential part no request can be served; without another one the answer says `degraded`. */
  readonly essential: boolean;
  /** True when it works. A check that throws or takes too long says that it doesn't. */
  readonly check: () => boolean | Promise<boolean>;
}

export interface HealthReport {
  readonly status: 'ready' | 'degraded' | 'unavailable';
  readonly checks: Readonly<Record<string, 'up' | 'down'>>;
}

export interface Health {
  report(): Promise<HealthReport>;
}

const KEPT_MS = 1_000;
const TIMEOUT_MS = 2_000;

/** @param monotonic ms of a clock that never goes back */
export function createHealth(
  checks: readonly HealthCheck[],
  monotonic: () => number = () => performance.now(),
): Health {
  let last: { startedAt: number; report: Promise<HealthReport> } | null = null;
  return {
    report: () => {
      if (last === null || monotonic() - last.startedAt >= KEPT_MS) {
        last = { startedAt: monotonic(), report: runChecks(checks) };
      }
      return last.report;
    },
  };
}

async function runChecks(checks: readonly HealthCheck[]): Promise<HealthReport> {
  const works = await Promise.all(checks.map(({ check }) => withinTime(check)));
  const down = checks.filter((_, index) => !works[index]);
  const status = down.some(({ essential }) => essential) ? 'unavailable' : down.length > 0 ? 'degraded' : 'ready';
  return {
    status,
    checks: Object.fromEntries(checks.map(({ name }, index) => [name, works[index] ? 'up' : 'down'])),
  };
}

async function withinTime(check: HealthCheck['check']): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, TIMEOUT_MS, false);
  });
  try {
    return await Promise.race([check(), late]);
  } catch {
    return false; // the reason is in the log of whoever uses the part; here only yes or no counts
  } finally {
    clearTimeout(timer);
  }
}
