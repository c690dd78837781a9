// The `_query` language: what it means and where it says a mistake is.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../../src/errors.ts';
import { type Expression, parseExpression } from '../../../src/query/expression.ts';
import { QUERY_LIMITS } from '../../../src/query/limits.ts';

const parse = (text: string): Expression => parseExpression(text, QUERY_LIMITS);
const filter = (path: string, value: string): Expression => ({ kind: 'filter', path, value });

test.each<[string, Expression]>([
  ["filter('type','a')", filter('type', 'a')],
  ["  filter ( 'type' ,\n 'a' ) ", filter('type', 'a')],
  ["or(filter('type','a'))", { kind: 'or', of: [filter('type', 'a')] }],
  [
    "or(filter('type','a'),and(filter('type','b'),filter('isCustomer','true')))",
    {
      kind: 'or',
      of: [filter('type', 'a'), { kind: 'and', of: [filter('type', 'b'), filter('isCustomer', 'true')] }],
    },
  ],
  ["filter('name','\"ACME, Inc\",Jazzy')", filter('name', '"ACME, Inc",Jazzy')],
  ["filter('name','O\\'Brien')", filter('name', "O'Brien")],
  ['filter("name","O\'Brien")', filter('name', "O'Brien")],
  ["filter('name','like(a,b)')", filter('name', 'like(a,b)')],
  ["filter('name','')", filter('name', '')],
  ["filter('name','C:\\dir')", filter('name', 'C:\\dir')],
])('%s', (text, expected) => {
  expect(parse(text)).toEqual(expected);
});

test.each([
  ['', 'needs and, or, or filter at position 1, but there is the end'],
  ['xor(a)', 'position 1, but there is [x]'],
  ['order(a)', 'position 1'],
  ['or', 'needs [(] at position 3, but there is the end'],
  ['or()', 'needs and, or, or filter at position 4'],
  ["or(filter('a','b')", 'needs [)] at position 19'],
  ["or(filter('a','b'),)", 'position 20'],
  ["filter('a')", 'needs [,] at position 11'],
  ["filter(a,'b')", 'needs a quoted text at position 8'],
  ["filter('a','b'", 'position 15'],
  ["filter('a,'b')", 'position 12'],
  ["filter('a','b)", 'not closed at position 12'],
  ["filter('a','b') x", 'needs the end at position 17'],
  ["filter('a','b'),filter('c','d')", 'needs the end at position 16'],
])('%s is a mistake: %s', (text, message) => {
  expect(() => parse(text)).toThrow(
    expect.objectContaining({ code: 'badRequest', message: expect.stringContaining(message) }),
  );
});

test('depth, number of filters and length have limits', () => {
  const nested = (depth: number) => `${'or('.repeat(depth)}filter('a','b')${')'.repeat(depth)}`;
  expect(() => parse(nested(QUERY_LIMITS.depth))).not.toThrow();
  expect(() => parse(nested(QUERY_LIMITS.depth + 1))).toThrow('levels deep');
  expect(() => parse(nested(5_000))).toThrow('levels deep');
  const many = (count: number) => `or(${Array(count).fill("filter('a','b')").join(',')})`;
  expect(() => parse(many(QUERY_LIMITS.filters))).not.toThrow();
  expect(() => parse(many(QUERY_LIMITS.filters + 1))).toThrow('filters');
  expect(() => parse(`filter('a','${'x'.repeat(QUERY_LIMITS.expressionLength)}')`)).toThrow('characters');
});

const print = (node: Expression): string =>
  node.kind === 'filter'
    ? `filter(${quote(node.path)}, ${quote(node.value)})`
    : `${node.kind}(${node.of.map(print).join(' , ')})`;
const quote = (text: string) => `'${text.replaceAll("'", "\\'")}'`;

test('a printed expression is parsed to what it was', () => {
  const plain = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\\'));
  const expression = fc.letrec<{ node: Expression }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      fc.record({ kind: fc.constant('filter' as const), path: plain.map((path) => path.trim()), value: plain }),
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        of: fc.array(tie('node'), { minLength: 1, maxLength: 4 }),
      }),
    ),
  })).node;
  fc.assert(
    fc.property(expression, (node) => {
      expect(parse(print(node))).toEqual(node);
    }),
  );
});

test('any text is parsed or refused with badRequest', () => {
  const piece = fc.constantFrom('or', 'and', 'filter', '(', ')', ',', "'", '"', '\\', ' ', 'a', "filter('a','b')");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        parse(pieces.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect((error as AppError).code).toBe('badRequest');
      }
    }),
    { numRuns: 3_000 },
  );
});
