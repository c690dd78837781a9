// The pattern language: Java's syntax, linear engines, one meaning in all of them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { casesOf, foldText, pairs, unicodeProperty } from '../../../src/fields/code-points.ts';
import { Problem } from '../../../src/fields/field-type.ts';
import {
  compilePattern,
  compileRule,
  containsPattern,
  endsPattern,
  exactPattern,
  type SafePattern,
  startsPattern,
} from '../../../src/fields/pattern.ts';
import { printPattern, SCRIPT } from '../../../src/fields/pattern-print.ts';
import { parsePattern } from '../../../src/fields/pattern-syntax.ts';
import { linearPattern, subject } from '../../fixtures/patterns.ts';

function compiled(source: string, ignoreCase = false): SafePattern {
  const pattern = compilePattern(source, { ignoreCase });
  if (pattern instanceof Problem) throw new Error(pattern.message);
  return pattern;
}

/** What each pattern finds among some texts. */
const MEANINGS: readonly (readonly [pattern: string, finds: readonly string[], misses: readonly string[]])[] = [
  ['a.c', ['abc', 'a😀c', 'a\vc'], ['a\nc', 'a\rc', 'a\u0085c', 'a\u2028c']],
  ['(?s)a.c', ['a\nc', 'a\u2028c'], ['ac']],
  ['(?d)a.c', ['a\rc'], ['a\nc']],
  ['^b', ['bc'], ['a\nb']],
  ['(?m)^b', ['a\nb', 'b'], ['ab', 'a\rb']],
  ['(?m)^$', ['', 'a\n', 'a\n\nb'], ['a', 'a\nb']],
  ['b$', ['ab'], ['b\n', 'ba']],
  ['b\\Z', ['ab'], ['b\n']],
  ['(?m)b$', ['b\na'], ['b\ra']],
  ['\\bé', [], ['é', ' é']],
  ['\\ba\\b', ['é a', 'éa é', '-a-'], ['_a', 'a1']],
  ['a\\B', ['ab', 'a_'], ['a', 'a é']],
  ['\\d', ['7'], ['٣', 'x']],
  ['\\w', ['a', '_', '0'], ['é', '-']],
  ['\\s', [' ', '\v', '\f'], ['\u00a0', '\u2028']],
  ['\\h', ['\u00a0', '\t'], ['\n']],
  ['\\v', ['\n', '\u2028', '\f'], [' ']],
  ['^\\R$', ['\r\n', '\n', '\u0085'], ['\n\n', ' ']],
  ['\\p{L}', ['é', 'ß', '中'], ['1', '-']],
  ['\\P{L}', ['1'], ['é']],
  ['\\p{Lower}', ['a'], ['é', 'A']],
  ['(?i)\\p{Lower}', ['A'], ['É', '1']],
  ['(?i)\\p{Lu}', ['é'], ['1']],
  ['(?i)[^a]', ['b'], ['A', 'a']],
  ['(?i)\\W', ['é'], ['k', 'K']],
  ['\\p{IsGreek}\\p{sc=greek}', ['αβ'], ['ab']],
  ['\\p{IsAlphabetic}', ['é'], ['1']],
  ['[a-z&&[^b-y]]', ['z'], ['b', 'A']],
  ['[a-z&&aeiou]', ['e'], ['b']],
  ['[[ab]c]', ['c', 'a'], ['[', 'd']],
  ['[^[ab]c]', ['d'], ['a', 'c']],
  ['^[]a]$', [']', 'a'], ['b']],
  ['^[a\\-z]$', ['-', 'z'], ['b']],
  ['^[\\w-]$', ['-', 'z'], ['.']],
  ['[[:digit:]x]', ['7', 'x'], [':']],
  ['[\\Q^]\\E]', [']', '^'], ['Q']],
  ['\\Qa.b\\E+', ['a.bb'], ['axb']],
  ['\\Qa.b', ['a.b'], ['axb']],
  ['a{2}', ['aa'], ['a']],
  ['^a{2,3}$', ['aa', 'aaa'], ['a', 'aaaa']],
  ['a{,2}', ['a{,2}'], ['aa']],
  ['a{x', ['a{x'], ['a']],
  ['^(?<name>a|b)(?P<other>c)$', ['ac'], ['a']],
  ['(?x) a b # comment\n c', ['abc'], ['a b c']],
  ['(?i:a)b', ['Ab'], ['AB']],
  ['(?i)a(?-i)b', ['Ab'], ['AB']],
  ['(a(?i)b)c', ['aBc'], ['aBC']],
  ['(?#comment)a', ['a'], ['b']],
  ['\\x41\\u0042\\x{43}\\0104\\t', ['ABCD\t'], ['abcd']],
  ['\\ud83d\\ude00', ['😀'], ['?']],
  ['^\\cJ$', ['\n'], ['J']],
  ['\\/\\-\\_\\é', ['/-_é'], ['/-_']],
  ['', ['', 'a'], []],
  ['a||b', ['', 'x'], []],
  ['[a&&b]', [], ['a', 'b', '']],
  ['(?i)ß', ['ẞ', 'ß'], ['ss', 'SS']],
  ['(?i)ς', ['Σ', 'σ'], ['s']],
  ['(?i)i', ['I', 'i'], ['ı', 'İ']],
  ['(?i)[k]', ['\u212a', 'K'], ['x']],
];

test.for(MEANINGS)('%j', ([source, finds, misses]) => {
  const pattern = compiled(source);
  for (const text of finds) expect(pattern.test(text), `finds ${JSON.stringify(text)}`).toBe(true);
  for (const text of misses) expect(pattern.test(text), `misses ${JSON.stringify(text)}`).toBe(false);
  const script = new RegExp(printPattern(parsePattern(source, 'none'), SCRIPT), 'u');
  for (const text of finds) expect(script.test(text), `script finds ${JSON.stringify(text)}`).toBe(true);
  for (const text of misses) expect(script.test(text), `script misses ${JSON.stringify(text)}`).toBe(false);
});

test.for([
  ...[
    '(',
    ')',
    '[a',
    '[',
    'a)',
    '*',
    'a**',
    '+a',
    '?',
    '{2}',
    '(*)',
    'a{3,2}',
    'a{100001}',
    '[b-a]',
    '[a-\\d]',
    '\\',
    'a\\',
  ],
  ...[
    '\\y',
    '\\i',
    '\\G',
    '\\K',
    '\\X',
    '\\N',
    '\\p{Nope}',
    '\\p{InGreek}',
    '\\p{L',
    '\\px',
    '\\x',
    '\\x{110000}',
    '\\x{d800}',
    '\\u12',
    '\\c1',
    '\\08',
  ],
  ...[
    '(?U)a',
    '(?^)a',
    '(?y)a',
    '(?<a>x)(?<a>y)',
    '(?<1>x)',
    '(?|a)',
    '(?P>a)',
    '(?&a)',
    '[[:nope:]]',
    '[\\b]',
    '\\b{g}',
    '\ud800',
    '[\ud800]',
  ],
  ...['(?=a)', '(?!a)', '(?<=a)', '(?<!a)', '(a)\\1', '(?<n>a)\\k<n>', '\\1', '(?>a)', 'a*+', 'a{2}+', 'a?+'],
  ...[
    'x{1001}',
    '(?:x{1000}){1000}',
    '('.repeat(200) + ')'.repeat(200),
    '['.repeat(200),
    'a'.repeat(1_001),
    '(?:\\p{L}{500}){2}'.repeat(20),
  ],
])('%j is refused', (source) => {
  expect(compilePattern(source, { ignoreCase: true })).toMatchObject({ code: 'badRequest' });
});

describe('rules', () => {
  const rule = (source: string, ignoreCase = false) => {
    const compiledRule = compileRule(source, { ignoreCase });
    if (compiledRule instanceof Problem) throw new Error(compiledRule.message);
    return compiledRule;
  };
  const holds = (source: string, value: string, ignoreCase = false): boolean => {
    const found = rule(source, ignoreCase);
    if (found.needsHost) return new RegExp(`^(?:${found.script})$`, 'u').test(value);
    return found.test(value);
  };

  test('match the whole value', () => {
    expect(holds('a|bc', 'bc')).toBe(true);
    expect(holds('a|bc', 'ac')).toBe(false);
    expect(holds('a', 'a\n')).toBe(false);
    expect(holds('^a$', 'a')).toBe(true);
  });

  test('ignore the case of letters outside of classes', () => {
    expect(holds('ab[c-d]\\p{Lower}', 'ABcd', true)).toBe(true);
    expect(holds('ab[c-d]\\p{Lower}', 'abCd', true)).toBe(false);
    expect(holds('ab[c-d]\\p{Lower}', 'abcD', true)).toBe(false);
    expect(holds('é', 'É', true)).toBe(true);
    expect(holds('\\QAb\\E\\x43', 'aBc', true)).toBe(true);
  });

  test.for([
    ['(?=.*\\d)(?=.*[A-Z]).{4,}', 'abC1', 'abc1'],
    ['(?!admin)\\w+', 'user', 'admin'],
    ['\\w+(?<!x)', 'ab', 'ax'],
    ['(?<=a)b|ab', 'ab', 'b'],
    ['(a|b)\\1', 'aa', 'ab'],
    ['(?<q>[ab])-\\k<q>', 'b-b', 'a-b'],
    ['(?i)(a)\\1', 'aA', 'ab'],
    ['(?>a+)b', 'aab', 'aa'],
    ['a++b', 'aab', 'aa'],
    ['\\w{1500}', 'a'.repeat(1_500), 'a'.repeat(1_499)],
    ['(?>a|ab)c', 'ac', 'abc'],
    ['a*+a', '', 'aaa'],
    ['[^]', '\n', ''],
  ] as [string, string, string][])('%s needs the script host', ([source, good, bad]) => {
    expect(rule(source).needsHost).toBe(true);
    if (good) expect(holds(source, good)).toBe(true);
    expect(holds(source, bad)).toBe(false);
  });

  test.for(['(', '(?<=', '\\p{Nope}', '[z-a]', '(?<n', 'x'.repeat(10_001)])('%s does not load', (source) => {
    expect(compileRule(source, { ignoreCase: false })).toBeInstanceOf(Problem);
  });
});

test('one meaning in re2js and V8', () => {
  fc.assert(
    fc.property(linearPattern, fc.boolean(), fc.array(subject, { maxLength: 10 }), (source, ignoreCase, texts) => {
      const pattern = compilePattern(source, { ignoreCase });
      if (pattern instanceof Problem) {
        expect(pattern.message).toContain('too complex');
        return;
      }
      const script = new RegExp(printPattern(parsePattern(source, ignoreCase ? 'all' : 'none'), SCRIPT), 'u');
      for (const text of texts) expect(pattern.test(text), JSON.stringify(text)).toBe(script.test(text));
    }),
    { numRuns: 500 },
  );
});

test('no text makes compiling throw', () => {
  const unit = fc.constantFrom(...'()[]{}\\^$.|?*+-:<>=!#&,apPbBdDwWsSkxu0129QEN\ud83d\ude00é ');
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit }), fc.string({ unit: 'binary' })), (source) => {
      for (const ignoreCase of [true, false]) {
        const pattern = compilePattern(source, { ignoreCase });
        if (!(pattern instanceof Problem)) expect(typeof pattern.test('aé')).toBe('boolean');
        compileRule(source, { ignoreCase });
      }
    }),
    { numRuns: 1_000 },
  );
});

test('linear patterns stay linear', () => {
  const evil = ['(a+)+$', '(a|aa)+$', '(.*a){20}$', '(?:a?){200}a{200}', '(x+x+)+y', '([a-z]+)*=', '^(\\w+\\s?)*$'];
  for (const source of evil) {
    const start = performance.now();
    compiled(source).test(`${'a'.repeat(100_000)}!`);
    compiled(source).test(`${'x'.repeat(100_000)}!`);
    expect(performance.now() - start, source).toBeLessThan(5_000);
  }
});

describe('literals', () => {
  test.for<[make: (text: string) => SafePattern, finds: string[], misses: string[]]>([
    [containsPattern, ['A.b', 'xa.bx'], ['axb', 'a.']],
    [startsPattern, ['A.bx'], ['xa.b']],
    [endsPattern, ['xA.B'], ['a.bx', 'a.b\n']],
    [exactPattern, ['A.B'], ['a.bx', 'xa.b', 'a.b\n']],
  ])('%o', ([make, finds, misses]) => {
    for (const text of finds) expect(make('a.b').test(text), text).toBe(true);
    for (const text of misses) expect(make('a.b').test(text), text).toBe(false);
  });

  test('mean the same as the expression that MongoDB gets', () => {
    fc.assert(
      fc.property(subject, subject, (text, value) => {
        for (const make of [containsPattern, startsPattern, endsPattern, exactPattern]) {
          const pattern = make(text);
          const source = pattern.mongo.source.replace(/\\x\{/g, '\\u{').replace('\\A', '^').replace('\\z', '$');
          expect(new RegExp(source, 'u').test(value), source).toBe(pattern.test(value));
        }
      }),
    );
  });
});

test('cases are those of simple case folding', () => {
  const cased = pairs(unicodeProperty('Changes_When_Casemapped') ?? []).flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i),
  );
  // pairs that Unicode 15.1 added to its folding
  const recent = new Set([0x390, 0x3b0, 0x1fd3, 0x1fe3, 0xfb05, 0xfb06]);
  const all = String.fromCodePoint(...cased);
  for (const point of cased) {
    if (recent.has(point)) continue;
    const same = new RegExp(`\\u{${point.toString(16)}}`, 'giu');
    const found = Array.from(all.matchAll(same), ([char]) => char.codePointAt(0));
    expect(new Set(casesOf(point)), point.toString(16)).toEqual(new Set([point, ...found]));
  }
  expect(foldText('STRAẞE ΣΑΣ')).toBe(foldText('straße σας'));
});
