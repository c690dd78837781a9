// One meaning in memory and in MongoDB: random patterns find the same texts in both.
import fc from 'fast-check';
import { type Collection, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { casesOf, pairs, unicodeProperty } from '../../../src/fields/code-points.ts';
import { Problem } from '../../../src/fields/field-type.ts';
import {
  compilePattern,
  containsPattern,
  endsPattern,
  exactPattern,
  type SafePattern,
  startsPattern,
} from '../../../src/fields/pattern.ts';
import { type PatternNode, parsePattern } from '../../../src/fields/pattern-syntax.ts';
import { linearPattern, subject } from '../../fixtures/patterns.ts';
import { testDatabase } from '../../support/services.ts';

interface Text {
  readonly _id: string;
}

const database = testDatabase();
const client = new MongoClient(database.uri);
const collection = (name: string): Collection<Text> => client.db(database.dbName).collection<Text>(name);

const texts = [...new Set(fc.sample(subject, 1_000))];
const cased = pairs(unicodeProperty('Changes_When_Casemapped') ?? []).flatMap(([from, to]) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)),
);

beforeAll(async () => {
  await client.connect();
  await collection('texts').insertMany(texts.map((_id) => ({ _id })));
  await collection('letters').insertMany(cased.map((_id) => ({ _id })));
});
afterAll(() => client.close());

function loopDepth(node: PatternNode): number {
  if (node.kind === 'repeat') return loopDepth(node.of) + (node.max === 1 ? 0 : 1);
  if (node.kind === 'group') return loopDepth(node.of);
  return node.kind === 'sequence' || node.kind === 'choice' ? Math.max(0, ...node.of.map(loopDepth)) : 0;
}

/** Letters of Unicode 15 to 17, which not every engine knows yet. */
function isYoung(letter: string): boolean {
  return /^[\u1c89\u1c8a\ua7c0-\ua7dc\u{10d50}-\u{10d85}\u{16ea0}-\u{16ed3}]$/u.test(letter);
}

async function found(name: string, { mongo }: SafePattern): Promise<string[]> {
  const filter = { _id: { $regex: mongo.source, $options: mongo.options } };
  const documents = await collection(name)
    .find(filter, { projection: { _id: 1 } })
    .toArray();
  return documents.map(({ _id }) => _id).toSorted();
}

async function expectSame(pattern: SafePattern): Promise<void> {
  expect(await found('texts', pattern), pattern.mongo.source).toEqual(texts.filter(pattern.test).toSorted());
}

test('regular expressions', async () => {
  await fc.assert(
    fc.asyncProperty(linearPattern, fc.boolean(), async (source, ignoreCase) => {
      const pattern = compilePattern(source, { ignoreCase });
      // MongoDB gives up silently where loops in loops make it try too many ways
      if (!(pattern instanceof Problem) && loopDepth(parsePattern(source, 'none')) < 2) await expectSame(pattern);
    }),
    { numRuns: 400 },
  );
}, 120_000);

test('literal texts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.constantFrom(...texts), subject), async (text) => {
      for (const make of [containsPattern, startsPattern, endsPattern, exactPattern]) await expectSame(make(text));
    }),
    { numRuns: 50 },
  );
}, 120_000);

test('metacharacters, verbs and odd characters are literal', async () => {
  const odd = [
    '(*UCP)a',
    '(*LIMIT_MATCH=0)a',
    '\\Qa\\E',
    '[a]',
    'a{2}',
    '^a$',
    '#x',
    'a\u0000b',
    '\ud83d\ude00',
    '\uffff',
    '(?i)a',
  ];
  await collection('odd').insertMany(odd.map((_id) => ({ _id })));
  for (const text of odd) {
    for (const make of [containsPattern, exactPattern]) expect(await found('odd', make(text))).toEqual([text]);
  }
});

test('every letter finds all of its cases and nothing else', async () => {
  for (const letter of fc.sample(fc.constantFrom(...cased), 200)) {
    const cases = casesOf(letter.codePointAt(0) ?? 0).map((point) => String.fromCodePoint(point));
    expect(await found('letters', exactPattern(letter)), letter).toEqual(cases.toSorted());
  }
});

test('categories mean the same, but for characters younger than one of the engines', async () => {
  for (const name of ['L', 'Lu', 'Ll', 'Lt']) {
    const pattern = compilePattern(`^\\p{${name}}$`, { ignoreCase: false });
    if (pattern instanceof Problem) throw new Error(pattern.message);
    const there = await found('letters', pattern);
    const missing = cased.filter((letter) => pattern.test(letter) !== there.includes(letter));
    expect(
      missing.filter((letter) => !isYoung(letter)),
      name,
    ).toEqual([]);
  }
});
