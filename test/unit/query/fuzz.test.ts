// Whatever comes in, a query is understood or refused with 400 or 403: never another error, never slowly.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../../src/errors.ts';
import { fieldTypes } from '../../../src/fields/index.ts';
import { compileAggregate } from '../../../src/query/aggregate.ts';
import { parseList } from '../../../src/query/list.ts';
import { parseMapQuery } from '../../../src/query/map-query.ts';
import { toMongo } from '../../../src/query/to-mongo.ts';
import {
  accessOf,
  aggregateEnv,
  companies,
  contacts,
  entityOfTypes,
  NO_SEALER,
  queryEnv,
} from '../../support/query-models.ts';

const everything = entityOfTypes([...fieldTypes.keys()]);
const RUNS = Number(process.env.QUERY_FUZZ_RUNS ?? 10_000);
const SEED = Number(process.env.QUERY_FUZZ_SEED ?? 1);
/** A query takes microseconds; what takes this long on a busy machine has a way to grow. */
const SLOW_MS = 100;

const paths = [
  ...everything.allFields.map(({ path }) => path),
  ...everything.fields.flatMap(({ name, type }) => Object.keys(type.subPaths ?? {}).map((part) => `${name}.${part}`)),
];
const junk = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: fc.constantFrom(...'()",\'\\/{}[].*+?|^$-_ 0aA\u0000\ud800'), maxLength: 30 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '$where',
    'toString',
    'a.b.c',
    '..',
    '[0]',
    '{"$gt":""}',
    '\u0000',
    '9'.repeat(400),
  ),
);
const name = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...paths) },
  { weight: 1, arbitrary: fc.constantFrom('id', 'label', 'version', 'relationshipOne.name', 'nestedFieldsMany.word') },
  { weight: 1, arbitrary: junk },
);
const parameter = fc.constantFrom(
  ...[
    '_fields',
    '_size',
    '_offset',
    '_sortField',
    '_sortType',
    '_format',
    '_relationshipsToFetch',
    '_query',
    '_indexedFilter',
  ],
);
const operator = fc.constantFrom(
  ...[
    'equals',
    'notEquals',
    'like',
    'between',
    'greater',
    'greaterOrEquals',
    'less',
    'lessOrEquals',
    'empty',
    'notEmpty',
    'near',
  ],
  ...['currentUserField', 'foo', 'LIKE', ''],
);
const operand = fc.oneof(
  junk,
  fc.constantFrom(
    '1',
    '-2.5',
    '1e999',
    'true',
    '2016-07-12',
    '2016-13-99',
    'today',
    'last 999999 years',
    'a'.repeat(5_000),
  ),
  fc.constantFrom(
    '57fd2d64e4b0ce322b0c8349',
    '{"word":"x"}',
    '{"word":{"word":1}}',
    '/(a+)+$/',
    '/[/',
    '"a,b"',
    '0,0,1,2',
  ),
);
const value = fc.oneof(
  operand,
  fc.tuple(operator, fc.array(operand, { maxLength: 3 })).map(([op, operands]) => `${op}(${operands.join(',')})`),
  fc.array(operand, { maxLength: 4 }).map((operands) => operands.join(',')),
);
const quoted = fc.oneof(value, name).map((text) => `'${text.replaceAll("'", "\\'")}'`);
const expression = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.tuple(quoted, quoted).map(([path, text]) => `filter(${path},${text})`),
    fc
      .tuple(fc.constantFrom('and', 'or', 'not'), fc.array(tie('node'), { maxLength: 3 }))
      .map(([kind, of]) => `${kind}(${of})`),
    junk,
  ),
})).node;
const pair = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(name, value) },
  {
    weight: 2,
    arbitrary: fc.tuple(parameter, fc.oneof(name, value, fc.constantFrom('1', 'asc', 'desc', 'plainText'))),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('_query'), expression) },
);

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
    fc.property(fc.array(pair, { minLength: 1, maxLength: 3 }), (pairs) => {
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

const json = fc.oneof(fc.jsonValue({ maxDepth: 3 }), value, name);
const map = fc.dictionary(fc.oneof(name, fc.constantFrom('_or', '_and', '_or1', '_size', '_x')), json, { maxKeys: 3 });

test(`${RUNS / 5} random query maps`, () => {
  fc.assert(
    fc.property(fc.oneof(map, fc.jsonValue()), (body) => {
      understood(() => parseMapQuery(everything, body, queryEnv()));
    }),
    { numRuns: RUNS / 5, seed: SEED },
  );
});

const field = fc.constantFrom(
  ...[
    'name',
    'state',
    'type',
    'numberOfEmployees',
    'addresses',
    'addresses.state',
    'address.state',
    'services',
    'revenue',
  ],
  ...[
    'company',
    'company.type',
    'skills',
    'numberOfSkills',
    'id',
    'label',
    'n',
    'x',
    'x.name',
    'location',
    'secret',
    'scratch',
  ],
);
const fields = fc.array(field, { minLength: 1, maxLength: 3 }).map((names) => names.join(','));
const accumulator = fc
  .tuple(
    fc.constantFrom('count', 'sum', 'avg', 'first', 'last', 'min', 'max', 'push', '$sum'),
    fc.oneof(field, fc.constant('')),
  )
  .map(([fn, path]) => `${fn}(${path})`);
const output = fc.constantFrom('n', 'x', 'id', 'by', '$n', 'a.b', '__proto__', '1x', '');
const stage: fc.Arbitrary<object> = fc.oneof(
  fc.record({
    match: fc.oneof(fc.dictionary(field, fc.oneof(value, fc.jsonValue({ maxDepth: 1 })), { maxKeys: 2 }), json),
  }),
  fc.record({ sort: fc.oneof(fc.dictionary(field, fc.constantFrom('asc', 'desc', 1, 'up'), { maxKeys: 3 }), json) }),
  fc.record({ project: fc.oneof(fields, json) }),
  fc.record({ skip: fc.oneof(fc.nat(5), json) }),
  fc.record({ limit: fc.oneof(fc.nat(5), json) }),
  fc.record({ unwind: fc.oneof(field, fc.record({ fieldPath: field, includeEmpty: fc.boolean() }), json) }),
  fc.record({ count: fc.oneof(output, json) }),
  fc
    .tuple(fields, fc.array(fc.tuple(output, accumulator), { maxLength: 3 }))
    .map(([by, outputs]) => ({ group: { by, ...Object.fromEntries(outputs) } })),
  fc
    .tuple(field, field, fc.constantFrom('contacts', 'companies', 'skills', 'nothing'), output)
    .map(([localFieldPath, foreignFieldPath, foreignEntityName, as]) => ({
      lookup: { localFieldPath, foreignFieldPath, foreignEntityName, as },
    })),
  fc.record({
    geoNear: fc.oneof(fc.record({ coordinates: fc.record({ longitude: fc.double(), latitude: fc.integer() }) }), json),
  }),
  fc.dictionary(fc.oneof(junk, fc.constantFrom('$match', '$lookup', '$out', '$where')), json, { maxKeys: 2 }),
);

test(`${RUNS / 5} random aggregates hold nothing but our own stages`, () => {
  const ours = /^\$(match|sort|skip|limit|unwind|group|replaceWith|lookup|count|unionWith|geoNear|project)$/;
  let accepted = 0;
  fc.assert(
    fc.property(
      fc.constantFrom('companies', 'contacts'),
      fc.oneof(fc.array(stage, { maxLength: 5 }), stage, json),
      (entityName, body) => {
        const entity = entityName === 'companies' ? companies : contacts;
        const env = aggregateEnv({ companies: accessOf(['notes']) });
        const isUnderstood = understood(() => {
          for (const step of compileAggregate(entity, body, env).pipeline) {
            expect(Object.keys(step)).toEqual([expect.stringMatching(ours)]);
          }
        });
        if (isUnderstood) accepted++;
      },
    ),
    { numRuns: RUNS / 5, seed: SEED },
  );
  expect(accepted).toBeGreaterThan(RUNS / 100);
});
