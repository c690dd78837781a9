// Random filters on an entity with every field type: MongoDB finds what passes in memory, whatever operators make of their operands.
import fc from 'fast-check';
import { type Document, MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Field } from '../../../src/definitions/model.ts';
import { AppError } from '../../../src/errors.ts';
import { type Json, PendingLookup, Problem } from '../../../src/fields/field-type.ts';
import { fieldTypes } from '../../../src/fields/index.ts';
import { matches } from '../../../src/query/matches.ts';
import { toMongo } from '../../../src/query/to-mongo.ts';
import { ENV } from '../../support/fields.ts';
import { entityOfTypes, list, NO_SEALER } from '../../support/query-models.ts';
import { testDatabase } from '../../support/services.ts';

const entity = entityOfTypes([...fieldTypes.keys()]);
const database = testDatabase();
const client = new MongoClient(database.uri);
beforeAll(async () => {
  await client.connect();
});
afterAll(() => client.close());

const TEXTS = ['alpha', 'Alpha', 'beta, gamma', 'x\u{1f600}y', 'éa', '50%', 'a.b', '(c)', 'ßtraße'];
const NUMBERS = ['0', '-3', '7', '2.5', '0.1', '1234567', '9007199254740991', '1e3'];
const DAYS = ['2016-07-11', '2016-07-12', '2016-07-13', '2017-01-01', String(ENV.now)];
const MOMENTS = [
  ...DAYS,
  '2016-07-12 14:30',
  '2016-07-12 14:31',
  'now',
  'today',
  'last week',
  'next 3 months',
  'this hour',
];
const ids = [1, 2, 3].map((digit) => `${digit}`.repeat(24));
const LABELS = ['Fivechat', 'fivechat', 'Blog, pad', ids[0] as string];

/** Inputs and operands by type; what a type does not understand is part of the test. */
const POOLS: Readonly<Record<string, readonly string[]>> = {
  email: ['user@test.com', 'USER@test.com', 'other@example.org'],
  phone: ['1-702-845-9380', '7028459380', '298-5885', '0'],
  url: ['http://www.test.com', '(http://www.test.com)<Test>', 'www.google.com'],
  maskedText: ['123-ABC', '123ABC', '999-zzz', '3-A'],
  html: ['<p>alpha</p>', '<b>be</b>ta', 'alpha', 'p'],
  boolean: ['true', 'false', 'yes', '0'],
  choice: ['one', 'Two', 'two', 'three'],
  dynamicChoice: ['AZ', 'NY', 'az'],
  color: ['#f5a9a9', '#F5A9A9', '#fff'],
  rank: ['iiiii00000', 'iiiii0001s', 'zz'],
  date: MOMENTS,
  dateTime: MOMENTS,
  dateTimeNoTimezone: MOMENTS,
  dateRecordCreated: MOMENTS,
  dateRecordModified: MOMENTS,
  time: ['08:00', '8:00', '23:59', '24:00'],
  duration: ['10800000', '3h', '1d 16h', '-5', '0'],
  dateYearMonth: ['2016-07', '2016-08', '2017-01-05'],
  dateMonthDay: ['04-16', '02-29', '12-31'],
  relationship: LABELS,
  group: ['admins', 'Administrators', 'readOnly', '5a0000000000000000000001'],
  fileUpload: ['logo.png', 'logo.png (41.5kB)', ids[1] as string],
  nestedFields: [
    '{"word":"alpha"}',
    '{"word":"like(a)","number":"greater(3)"}',
    '{"number":7}',
    '{"_or":{"word":"x","number":7}}',
  ],
  geoPoint: ['5,10', '5,10,0,100000', '0,0,1000', '-90,180,,20000000'],
};
const poolOf = (type: string): readonly string[] => {
  if (POOLS[type]) return POOLS[type];
  return ['integer', 'decimal', 'bigNumber', 'money', 'percentage', 'autoIncrement'].includes(type) ? NUMBERS : TEXTS;
};

/** Values that the write path makes with lookups and identities, made by hand. */
const MADE: Readonly<Record<string, readonly unknown[]>> = {
  relationship: LABELS.map((label, index) => ({
    _id: new ObjectId(ids[index % 3]),
    label,
    __label_lower_case__: label.toLowerCase(),
    entityId: '0'.repeat(24),
    availableFields: { name: label, numberOfEmployees: index },
  })),
  fileUpload: ids.map((id, index) => ({
    _id: new ObjectId(id),
    name: index ? `logo${index}.png` : 'logo.png',
    size: 42_496,
  })),
  nestedFields: [{}, { word: 'alpha' }, { word: 'beta', number: 7 }, { number: 2 }].map((inner, index) => ({
    _id: new ObjectId(ids[index % 3]),
    _label: `Item ${index}`,
    ...inner,
  })),
  geoPoint: [
    [10, 5],
    [10.2, 5.1],
    [-120, 40],
  ].map((coordinates) => ({ type: 'Point', coordinates })),
  group: [
    { _id: new ObjectId('5a0000000000000000000001'), label: 'Administrators', __label_lower_case__: 'administrators' },
    { _id: new ObjectId('5a0000000000000000000002'), label: 'Read-only user', __label_lower_case__: 'read-only user' },
  ],
  autoIncrement: [1, 7, 12],
  dateRecordCreated: [new Date(ENV.now), new Date('2016-07-12T00:00:00Z')],
  dateRecordModified: [new Date(ENV.now - 1), new Date('2017-01-01T05:00:00Z')],
};

const stored = (field: Field): fc.Arbitrary<unknown> => {
  const values = MADE[field.type.name] ?? poolOf(field.type.name).flatMap((input) => decoded(field, input));
  if (values.length === 0) throw new Error(`No stored values for [${field.name}]`);
  const one = fc.constantFrom(...values);
  return field.many ? fc.array(one, { minLength: 1, maxLength: 3 }) : one;
};
function decoded(field: Field, input: Json): unknown[] {
  const value = field.type.decode(input, field, ENV, null);
  return value === null || value instanceof Problem || value instanceof PendingLookup ? [] : [value];
}
const document = fc.record(
  Object.fromEntries(entity.fields.map((field) => [field.name, fc.option(stored(field), { freq: 3, nil: undefined })])),
);

const OPERATORS = [
  '',
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
];
const PATHS = entity.fields.flatMap(({ name, type }) => [
  [name, type.name] as const,
  ...Object.keys(type.subPaths ?? {}).map((part) => [`${name}.${part}`, type.name] as const),
  ...(type.name === 'nestedFields'
    ? [
        [`${name}.word`, 'text'] as const,
        [`${name}.number`, 'integer'] as const,
        [`${name}.id`, 'relationship'] as const,
        [`${name}.label`, 'text'] as const,
      ]
    : []),
  ...(type.name === 'relationship'
    ? [[`${name}.name`, 'relationship'] as const, [`${name}.numberOfEmployees`, 'integer'] as const]
    : []),
]);

const filter = fc.constantFrom(...PATHS).chain(([path, type]) => {
  const pool = poolOf(type);
  const operand = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...pool) },
    { weight: 2, arbitrary: fc.constantFrom(...pool).map((text) => text.slice(0, 3)) },
    { weight: 1, arbitrary: fc.constantFrom(...pool).map((text) => `/${text.slice(0, 2)}`) },
    { weight: 1, arbitrary: fc.constantFrom(...pool).map((text) => `${text.slice(-2)}/`) },
    { weight: 1, arbitrary: fc.constantFrom('', '[0-9]+', '/^a.*a$/', '/[A-Z]/', '"quoted, text"', "it's") },
  );
  const operands = fc.array(operand, { minLength: 1, maxLength: 2 }).map((texts) => texts.join(','));
  return fc
    .tuple(fc.constantFrom(...OPERATORS), fc.oneof({ weight: 8, arbitrary: operands }, fc.constant('')))
    .map(([operator, text]) => [path, operator === '' ? text : `${operator}(${text})`] as const);
});
const quote = (text: string) => `'${text.replaceAll("'", "\\'")}'`;
const expression = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    filter.map(([path, value]) => `filter(${quote(path)},${quote(value)})`),
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('node'), { minLength: 1, maxLength: 3 }))
      .map(([kind, of]) => `${kind}(${of.join(',')})`),
  ),
})).node;

test('random filters find the same records in MongoDB and in memory', async () => {
  const collection = client.db(database.dbName).collection<Document>('everything');
  const samples = fc.sample(document, { numRuns: 200, seed: 3 });
  await collection.insertMany(
    samples.map((data, index) => ({
      _id: new ObjectId(index.toString(16).padStart(24, '0')),
      version: index % 4,
      label: TEXTS[index % TEXTS.length],
      __label_lower_case__: TEXTS[index % TEXTS.length]?.toLowerCase(),
      data: Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined)),
    })),
  );
  const records = await collection.find().sort({ _id: 1 }).toArray();
  const counts = { accepted: 0, refused: 0, found: 0 };
  await fc.assert(
    fc.asyncProperty(expression, async (text) => {
      const tested = accepted(text);
      if (!tested) {
        counts.refused++;
        return;
      }
      counts.accepted++;
      const mongo = toMongo(tested, { entity, sealer: NO_SEALER });
      const found = await collection
        .find(mongo, { projection: { _id: 1 } })
        .sort({ _id: 1 })
        .toArray();
      const expected = records.filter((each) => matches(tested, each)).map(({ _id }) => String(_id));
      if (expected.length > 0 && expected.length < records.length) counts.found++;
      expect(found.map(({ _id }) => String(_id))).toEqual(expected);
    }),
    { numRuns: Number(process.env.QUERY_PROPERTY_RUNS ?? 2_000), seed: Number(process.env.QUERY_PROPERTY_SEED ?? 1) },
  );
  // a test that only ever compares nothing with nothing would prove nothing
  expect(counts.accepted).toBeGreaterThan(counts.refused / 4);
  expect(counts.found).toBeGreaterThan(counts.accepted / 4);
});

function accepted(text: string) {
  try {
    return list(entity, String(new URLSearchParams([['_query', text]]))).filter;
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('badRequest');
    return null;
  }
}
