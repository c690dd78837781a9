// The limit of failed logins per address: counted in the database, so that it holds across processes.
import { hash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { AppError } from '../errors.ts';
import { standardizeEmail } from '../users/user.ts';
import type { FailureStore } from './store.ts';

export interface LoginLimit {
  /** @throws AppError `tooManyRequests` (429, with `Retry-After`) for an address that has failed too often */
  check(ip: string | null): Promise<void>;
  /** Counts a failure of an address. */
  count(ip: string | null): Promise<void>;
  /** Counts a failure for an e-mail that nobody has: it costs what counting one of a user costs. */
  countUnknown(email: string): Promise<void>;
}

export interface LoginLimitSettings {
  /** Failures of one address in one window; 0: without limit. */
  readonly failuresPerAddress: number;
  readonly windowMs: number;
}

/** @param now wall clock, epoch ms */
export function createLoginLimit(settings: LoginLimitSettings, store: FailureStore, now: () => number): LoginLimit {
  const limited = settings.failuresPerAddress > 0;
  /** Sources that are over the limit, and until when: a flood of theirs must not reach the database. */
  const closed = new LRUCache<string, number>({ max: 10_000 });

  const refuseWhileClosed = (source: string): void => {
    const left = (closed.get(source) ?? 0) - now();
    if (left > 0) throw tooManyFailures(left);
  };
  const note = (source: string, state: { count: number; until: Date } | null): void => {
    if (state && state.count >= settings.failuresPerAddress) closed.set(source, state.until.getTime());
  };

  return {
    check: async (ip) => {
      if (!limited || ip === null) return;
      const source = sourceOf(ip);
      refuseWhileClosed(source);
      note(source, await store.read(source, new Date(now())));
      refuseWhileClosed(source);
    },
    count: async (ip) => {
      if (!limited || ip === null) return;
      const source = sourceOf(ip);
      note(source, await store.add(source, new Date(now()), settings.windowMs));
    },
    countUnknown: async (email) => {
      const source = `email:${hash('sha256', standardizeEmail(email), 'base64url')}`;
      await store.add(source, new Date(now()), settings.windowMs);
    },
  };
}

/** One source per IPv4 address, and per /64 of IPv6, which one subscriber usually has as a whole. */
function sourceOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return `address:${ip}`;
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return `address:${address.toString()}`;
  const network = address.toByteArray().slice(0, 8);
  return `address:${Buffer.from(network).toString('hex')}/64`;
}

function tooManyFailures(leftMs: number): AppError {
  return new AppError('tooManyRequests', 'Too many failed logins from this address, try again later', {
    headers: { 'retry-after': String(Math.ceil(leftMs / 1000)) },
  });
}
