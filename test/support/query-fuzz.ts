// Random queries: half sense, half junk, for everything that must survive any of them.
import fc from 'fast-check';
import { fieldTypes } from '../../src/fields/index.ts';
import { entityOfTypes } from './query-models.ts';

/** An entity with all field types. */
export const everything = entityOfTypes([...fieldTypes.keys()]);

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
/** Parameters of a query string, for {@link everything}. */
export const queryPairs = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.tuple(name, value) },
    {
      weight: 2,
      arbitrary: fc.tuple(parameter, fc.oneof(name, value, fc.constantFrom('1', 'asc', 'desc', 'plainText'))),
    },
    { weight: 1, arbitrary: fc.tuple(fc.constant('_query'), expression) },
  ),
  { minLength: 1, maxLength: 3 },
);

const json = fc.oneof(fc.jsonValue({ maxDepth: 3 }), value, name);
/** Query maps for {@link everything}, and things that are none. */
const filterMap = fc.dictionary(fc.oneof(name, fc.constantFrom('_or', '_and', '_or1', '_size', '_x')), json, {
  maxKeys: 3,
});
export const queryMap = fc.oneof(filterMap, fc.jsonValue());

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

/** Bodies of aggregates of `companies` and `contacts`. */
export const aggregateBody = fc.oneof(fc.array(stage, { maxLength: 5 }), stage, json);
