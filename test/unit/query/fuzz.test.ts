// Whatever comes in, a query is understood or refused with 400 or 403: never another error, never slowly.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../../src/errors.ts';
import { compileAggregate } from '../../../src/query/aggregate.ts';
import { parseList } from '../../../src/query/list.ts';
import { parseMapQuery } from '../../../src/query/map-query.ts';
import { toMongo } from '../../../src/query/to-mongo.ts';
import { aggregateBody, everything, queryMap, queryPairs } from '../../support/query-fuzz.ts';
import { accessOf, aggregateEnv, companies, contacts, NO_SEALER, queryEnv } from '../../support/query-models.ts';

const RUNS = Number(process.env.QUERY_FUZZ_RUNS ?? 10_000);
const SEED = Number(process.env.QUERY_FUZZ_SEED ?? 1);
/** A query takes microseconds; what takes this long on a busy machine has a way to grow. */
const SLOW_MS = 100;

/** Runs it, and says whether it was understood; any error but a refusal fails the test, as does slowness. */
function understood(run: () => unknown): boolean {
  // a busy machine makes anything slow now and then, but not the same thing again and again
  for (let attempt = 1; ; attempt++) {
    const started = performance.now();
    const refusal = refusalOf(run);
    const isSlow = performance.now() - started > SLOW_MS;
    if (isSlow && attempt < 5) continue;
    expect(isSlow).toBe(false);
    return refusal === null;
  }
}

function refusalOf(run: () => unknown): AppError | null {
  try {
    run();
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect([400, 403]).toContain(error.status);
    expect(error.message.length).toBeLessThan(500);
    return error;
  }
}

test(`${RUNS} random query strings`, () => {
  const access = accessOf(['integerOne', 'textMany', 'nestedFieldsOne']);
  const query = queryEnv(access);
  let accepted = 0;
  fc.assert(
    fc.property(queryPairs, (pairs) => {
      const isUnderstood = understood(() => {
        const { filter } = parseList(everything, pairs, query);
        toMongo(filter, { entity: everything, sealer: NO_SEALER });
      });
      if (isUnderstood) accepted++;
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(accepted).toBeGreaterThan(RUNS / 20);
  expect(accepted).toBeLessThan(RUNS);
});

test(`${RUNS / 5} random query maps`, () => {
  fc.assert(
    fc.property(queryMap, (body) => {
      understood(() => parseMapQuery(everything, body, queryEnv()));
    }),
    { numRuns: RUNS / 5, seed: SEED },
  );
});

test(`${RUNS / 5} random aggregates hold nothing but our own stages`, () => {
  const ours = /^\$(match|sort|skip|limit|unwind|group|replaceWith|lookup|count|unionWith|geoNear|project)$/;
  let accepted = 0;
  fc.assert(
    fc.property(fc.constantFrom('companies', 'contacts'), aggregateBody, (entityName, body) => {
      const entity = entityName === 'companies' ? companies : contacts;
      const env = aggregateEnv({ companies: accessOf(['notes']) });
      const isUnderstood = understood(() => {
        for (const step of compileAggregate(entity, body, env).pipeline) {
          expect(Object.keys(step)).toEqual([expect.stringMatching(ours)]);
        }
      });
      if (isUnderstood) accepted++;
    }),
    { numRuns: RUNS / 5, seed: SEED },
  );
  expect(accepted).toBeGreaterThan(RUNS / 100);
});
