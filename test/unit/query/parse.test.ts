// The text of one filter: operators, commas, quotes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Problem } from '../../../src/fields/field-type.ts';
import { QUERY_LIMITS } from '../../../src/query/limits.ts';
import { openOperator, operatorNamed, parseFilterText } from '../../../src/query/parse.ts';

const bare = (value: string) => ({ value, quoted: false });
const quoted = (value: string) => ({ value, quoted: true });
const parse = (text: string) => parseFilterText(text, QUERY_LIMITS);

test.each([
  ['Blogpad', null, [bare('Blogpad')]],
  ['Blogpad,Jazzy', null, [bare('Blogpad'), bare('Jazzy')]],
  ['  a ,  b c  ', null, [bare('a'), bare('b c')]],
  ['"ACME, Inc"', null, [quoted('ACME, Inc')]],
  ['"ACME, Inc",Jazzy', null, [quoted('ACME, Inc'), bare('Jazzy')]],
  ['"say \\"hi\\", twice"', null, [quoted('say "hi", twice')]],
  [' "a" , "b" ', null, [quoted('a'), quoted('b')]],
  ['" a "', null, [quoted(' a ')]],
  ['""', null, [quoted('')]],
  ['12" pipe', null, [bare('12" pipe')]],
  ['back\\slash', null, [bare('back\\slash')]],
  ['', null, []],
  ['   ', null, []],
  ['a,,b', null, [bare('a'), bare(''), bare('b')]],
  ['like(x)', 'like', [bare('x')]],
  [' greater(200) ', 'greater', [bare('200')]],
  ['between(1, 2)', 'between', [bare('1'), bare('2')]],
  ['near(5,10,,10000)', 'near', [bare('5'), bare('10'), bare(''), bare('10000')]],
  ['empty()', 'empty', []],
  ['like("a,b",c)', 'like', [quoted('a,b'), bare('c')]],
  ['like((x))', 'like', [bare('(x)')]],
  ['"like(x)"', null, [quoted('like(x)')]],
  ['ACME (US)', null, [bare('ACME (US)')]],
  ['ACME(US)', 'ACME', [bare('US')]],
  ['(x)', null, [bare('(x)')]],
  ['like(x', null, [bare('like(x')]],
  ['like(x) and more', null, [bare('like(x) and more')]],
  ['{"state":"NY"}', null, [bare('{"state":"NY"}')]],
])('%j', (text, written, operands) => {
  expect(parse(text)).toEqual({ written, operands });
});

test.each([
  ['"open', 'The quote at position 1 is not closed'],
  ['a,"open', 'The quote at position 3 is not closed'],
  ['"ends with \\"', 'is not closed'],
  ['"a" b', 'A comma is missing after the closing quote at position 3'],
])('%j is a mistake', (text, message) => {
  const problem = parse(text);
  expect(problem).toBeInstanceOf(Problem);
  expect((problem as Problem).message).toContain(message);
});

test('too many and too long operands are refused', () => {
  const limits = { ...QUERY_LIMITS, operands: 3, operandLength: 5 };
  expect(parseFilterText('a,b,c', limits)).not.toBeInstanceOf(Problem);
  expect(parseFilterText('a,b,c,d', limits)).toBeInstanceOf(Problem);
  expect(parseFilterText('12345', limits)).not.toBeInstanceOf(Problem);
  expect(parseFilterText('"123456"', limits)).toBeInstanceOf(Problem);
});

describe('operator names', () => {
  test.each([
    ['like', false, 'like'],
    ['LIKE', false, undefined],
    ['NOTEQUALS', true, 'notEquals'],
    ['constructor', false, undefined],
    ['constructor', true, undefined],
    ['__proto__', false, undefined],
  ])('%s (any case: %s) is %s', (name, ignoreCase, expected) => {
    expect(operatorNamed(name, ignoreCase)).toBe(expected);
  });

  test('a known operator without its closing bracket is noticed', () => {
    expect(openOperator('like(x')).toBe('like');
    expect(openOperator('less(than) everything')).toBe('less');
    expect(openOperator('ACME(x')).toBeUndefined();
  });
});

test('what is written in quotes comes back as it was', () => {
  // a backslash in front of a quote is the one thing that has a meaning inside
  const anyText = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\\'));
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 1, maxLength: 5 }), (values) => {
      const text = values.map((value) => `"${value.replaceAll('"', '\\"')}"`).join(',');
      expect(parse(text)).toEqual({ written: null, operands: values.map(quoted) });
    }),
  );
});

test('any text is parsed or refused, fast', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'a(),"\\ {}/'), maxLength: 200 }), (text) => {
      const parsed = parse(text);
      if (!(parsed instanceof Problem))
        expect(parsed.operands.every(({ value }) => typeof value === 'string')).toBe(true);
    }),
    { numRuns: 2_000 },
  );
  const started = performance.now();
  parse('"'.repeat(100_000));
  parse('\\"'.repeat(100_000));
  parse(`a${' '.repeat(100_000)}`);
  parse('('.repeat(100_000));
  expect(performance.now() - started).toBeLessThan(200);
});
