// Rounds of a measurement: both sides take turns in one run, since these figures only mean something as ratios.
import autocannon from 'autocannon';

export interface Side {
  readonly name: string;
  /** Sends one kind of request for some seconds; answers how many requests a second succeeded. */
  readonly round: (seconds: number) => Promise<number>;
}

export interface Comparison {
  readonly name: string;
  /** Medians, requests a second. */
  readonly ours: number;
  readonly bare: number;
  /** Median of the ratios of the rounds, and the lowest and highest of them. */
  readonly ratio: number;
  readonly spread: readonly [low: number, high: number];
  readonly goal: number;
}

/** Alternates the two sides, after a round each to warm up. */
export async function compare(
  name: string,
  goal: number,
  ours: Side,
  bare: Side,
  rounds = 5,
  seconds = 4,
): Promise<Comparison> {
  await bare.round(2);
  await ours.round(2);
  const pairs: [ours: number, bare: number][] = [];
  for (let round = 0; round < rounds; round++) {
    const bareRate = await bare.round(seconds);
    pairs.push([await ours.round(seconds), bareRate]);
  }
  const ratios = pairs.map(([mine, other]) => mine / other).sort((a, b) => a - b);
  return {
    name,
    ours: median(pairs.map(([mine]) => mine)),
    bare: median(pairs.map(([, other]) => other)),
    ratio: median(ratios),
    spread: [ratios[0] ?? 0, ratios.at(-1) ?? 0],
    goal,
  };
}

/** Load from 50 connections; any answer but 200 fails the measurement, since errors are fast. */
export async function load(
  request: Partial<autocannon.Request> & { url: string; next?: () => string },
  seconds: number,
): Promise<number> {
  const { url, next, ...rest } = request;
  const { origin } = new URL(url);
  const result = await autocannon({
    url: origin,
    connections: 50,
    duration: seconds,
    requests: [
      {
        ...rest,
        path: new URL(url).pathname + new URL(url).search,
        ...(next ? { setupRequest: (one) => ({ ...one, ...nextParts(next()) }) } : {}),
      },
    ],
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${result.non2xx} answers were no success and ${result.errors} failed: ${url}`);
  }
  return result['2xx'] / result.duration;
}

/** `PATH` or `PATH\nBODY`: what changes from request to request. */
function nextParts(next: string): { path: string; body?: string } {
  const cut = next.indexOf('\n');
  return cut === -1 ? { path: next } : { path: next.slice(0, cut), body: next.slice(cut + 1) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
