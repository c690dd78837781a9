// Tokens, password hashes and the bound on them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createGate } from '../../../src/auth/gate.ts';
import { createPasswords } from '../../../src/auth/passwords.ts';
import { createToken, hashToken, isToken, randomText } from '../../../src/auth/tokens.ts';

describe('tokens', () => {
  test('are 32 letters and digits, never the same', () => {
    const tokens = Array.from({ length: 2_000 }, createToken);
    expect(tokens.every(isToken)).toBe(true);
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  test('use every character about as often', () => {
    const counts = new Map<string, number>();
    const text = randomText(620_000);
    for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
    expect(counts.size).toBe(62);
    // 10,000 expected, standard deviation 99: the remainder of a byte by 62 would give 8 of them 25 % more
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(700);
  });

  test('are stored as SHA-256', () => {
    expect(hashToken('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('passwords', () => {
  const passwords = createPasswords({ concurrent: 2, queue: 50 });

  test('match their own hash only', async () => {
    const stored = await passwords.hash('correct horse');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwords.verify(stored, 'correct horse')).toBe(true);
    for (const wrong of ['correct hors', 'Correct horse', '', 'x'.repeat(60_000)]) {
      expect(await passwords.verify(stored, wrong)).toBe(false);
    }
  });

  test('a missing hash costs the same work: none matches, and its parameters are those of new hashes', async () => {
    const stored = await passwords.hash('x');
    const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
    // by turns, so that a busy moment of the machine hits both
    for (let run = 0; run < 30; run += 1) {
      const [who, hash] = run % 2 ? (['known', stored] as const) : (['unknown', null] as const);
      const start = performance.now();
      expect(await passwords.verify(hash, 'wrong')).toBe(false);
      times[who].push(performance.now() - start);
    }
    const [known = 0, unknown = 0] = [times.known, times.unknown].map((list) => list.sort((a, b) => a - b)[7]);
    expect(unknown / known).toBeGreaterThan(0.5);
    expect(unknown / known).toBeLessThan(2);
  });

  test('a flood is refused with 429 while those before it are served', async () => {
    const small = createPasswords({ concurrent: 1, queue: 3 });
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => small.hash('x')));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused).toHaveLength(6);
    for (const reason of refused) {
      expect(reason).toMatchObject({
        code: 'tooManyRequests',
        status: 429,
        headers: { 'retry-after': expect.any(String) },
      });
    }
    expect(await small.hash('x')).toBeTruthy();
  });
});

test('a gate never runs more than its limit, in order, whatever fails', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.tuple(fc.nat(3), fc.boolean()), { maxLength: 30 }),
      async (limit, tasks) => {
        const gate = createGate(limit, 100, 'tasks');
        const begun: number[] = [];
        let running = 0;
        const outcomes = await Promise.allSettled(
          tasks.map(([ticks, fails], index) =>
            gate.run(async () => {
              begun.push(index);
              running += 1;
              expect(running).toBeLessThanOrEqual(limit);
              for (let tick = 0; tick < ticks; tick += 1) await null;
              running -= 1;
              if (fails) throw new Error('task failed');
            }),
          ),
        );
        expect(begun).toEqual(tasks.map((_, index) => index));
        expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(tasks.map(([, fails]) => fails));
        expect(gate.load()).toBe(0);
      },
    ),
    { numRuns: 50 },
  );
});
