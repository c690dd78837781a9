// Limits on how many requests one address and one token may make. Kept in this process: behind N processes the whole is up to N times
// as much, and no request costs a round trip for it.
import type { FastifyInstance } from 'fastify';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { AppError } from '../errors.ts';
import { sessionOf } from './authenticate.ts';

/** Takes one request from what a source has left. @throws AppError `tooManyRequests` with `Retry-After` */
export type RateLimit = (source: string) => void;

const MINUTE_MS = 60_000;
/** Sources remembered; the ones that were quiet for longest are forgotten first. */
const REMEMBERED = 50_000;

/**
 * So many requests at once, and then one whenever a minute's share of time is over.
 * @param what the source in words, for the message
 * @param monotonic ms of a clock that never goes back
 */
export function createRateLimit(
  perMinute: number,
  what: string,
  monotonic: () => number = () => performance.now(),
): RateLimit {
  const shareMs = MINUTE_MS / perMinute;
  /** When all that a source has used is earned again. */
  const settled = new LRUCache<string, number>({ max: REMEMBERED });
  return (source) => {
    const now = monotonic();
    const next = Math.max(settled.get(source) ?? 0, now) + shareMs;
    const waitMs = next - now - MINUTE_MS;
    // a refused request uses nothing: whoever waits as long as he is told gets through
    if (waitMs > 1e-6) throw tooMany(what, perMinute, waitMs);
    settled.set(source, next);
  };
}

export interface RateLimits {
  /** For the whole API, before anything is read. */
  perAddress(app: FastifyInstance): void;
  /** For a scope behind `requireToken`. */
  perToken(app: FastifyInstance): void;
}

/** @param settings requests a minute; 0 is without limit, and then nothing is installed */
export function createRateLimits(settings: {
  readonly rateLimitPerAddress: number;
  readonly rateLimitPerToken: number;
}): RateLimits {
  const { rateLimitPerAddress, rateLimitPerToken } = settings;
  const ofAddress = rateLimitPerAddress > 0 ? createRateLimit(rateLimitPerAddress, 'this address') : null;
  const ofToken = rateLimitPerToken > 0 ? createRateLimit(rateLimitPerToken, 'this token') : null;
  return {
    perAddress: (app) => {
      if (!ofAddress) return;
      app.addHook('onRequest', (request, _reply, done) => {
        if (request.caller !== null) ofAddress(sourceOf(request.caller));
        done();
      });
    },
    perToken: (app) => {
      if (!ofToken) return;
      app.addHook('onRequest', (request, _reply, done) => {
        ofToken(sessionOf(request).key.toString('latin1'));
        done();
      });
    },
  };
}

/** One subscriber usually has a whole /64 of IPv6. */
function sourceOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4' ? parsed.toString() : Buffer.from(parsed.toByteArray().slice(0, 8)).toString('hex');
}

function tooMany(what: string, perMinute: number, waitMs: number): AppError {
  return new AppError('tooManyRequests', `Too many requests from ${what}: ${perMinute} a minute are allowed`, {
    headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) },
  });
}
