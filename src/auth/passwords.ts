// Password hashes: argon2id, a bound on how many are computed at once, and the same work for people who don't exist.
import { hash, verify } from '@node-rs/argon2';
import { createGate } from './gate.ts';

/** About 10 ms and 19 MiB a hash (OWASP's second choice of argon2id parameters). */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hash of a random text nobody has, made with {@link COST}: verified in place of a hash that is missing. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$9A5pZZ3xGjcZRK3cKTxZuw$xnaJSF4dAlUcalYgixfH5Ha9fO4B+q0myKPAybmPhsQ';

export interface Passwords {
  /** Hash of a new password, in PHC form. */
  hash(password: string): Promise<string>;
  /**
   * Does the password belong to the hash? Takes as long for a missing hash, and answers false.
   * @throws AppError `tooManyRequests` when too many wait already
   */
  verify(stored: string | null, password: string): Promise<boolean>;
}

/**
 * @param limits hashes computed at once (they share libuv's four threads with file and DNS work) and how many may wait
 */
export function createPasswords(limits: { concurrent: number; queue: number }): Passwords {
  const gate = createGate(limits.concurrent, limits.queue, 'logins');
  return {
    hash: (password) => gate.run(() => hash(password, COST)),
    verify: async (stored, password) => {
      const matches = await gate.run(() => verify(stored ?? NOBODY, password));
      return matches && stored !== null;
    },
  };
}
