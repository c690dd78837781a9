// Writes a parsed pattern for one engine. Nothing is left to an engine's flags and defaults: sets are spelled out, anchors are
// exact, so that re2js here and PCRE2 in MongoDB can't disagree. Only whole Unicode categories are left to the engines' tables.
import { type CodePoints, complement, has, pairs, subtract, unicodeProperty, union } from './code-points.ts';
import type { Assertion, PatternNode } from './pattern-syntax.ts';

/** What differs between the engines. */
export interface Dialect {
  readonly assertions: Readonly<Record<Assertion, string>>;
  /** A test that always fails: the empty class. */
  readonly never: string;
  readonly any: string;
  /** `\x{1F600}`, `\u{1F600}`. */
  readonly code: (hex: string) => string;
  /** Groups count only where there are back-references. */
  readonly captures: boolean;
}

export const RE2: Dialect = {
  assertions: { start: '\\A', end: '\\z', lineStart: '(?m:^)', lineEnd: '(?m:$)', word: '\\b', notWord: '\\B' },
  never: '[^\\x00-\\x{10ffff}]',
  any: '(?s:.)',
  code: (hex) => `\\x{${hex}}`,
  captures: false,
};

const AT_WORD_EDGE = '(?:(?<=[0-9A-Za-z_])(?![0-9A-Za-z_])|(?<![0-9A-Za-z_])(?=[0-9A-Za-z_]))';
const NOT_AT_WORD_EDGE = '(?:(?<=[0-9A-Za-z_])(?=[0-9A-Za-z_])|(?<![0-9A-Za-z_])(?![0-9A-Za-z_]))';

export const PCRE: Dialect = {
  assertions: {
    start: '\\A',
    end: '\\z',
    lineStart: '(?<![^\\x{a}])',
    lineEnd: '(?![^\\x{a}])',
    word: AT_WORD_EDGE,
    notWord: NOT_AT_WORD_EDGE,
  },
  never: '(?!)',
  any: '(?s:.)',
  code: (hex) => `\\x{${hex}}`,
  captures: false,
};

/** JavaScript with the flag `u`. */
export const SCRIPT: Dialect = {
  assertions: {
    start: '^',
    end: '$',
    lineStart: '(?<![^\\u{a}])',
    lineEnd: '(?![^\\u{a}])',
    word: AT_WORD_EDGE,
    notWord: NOT_AT_WORD_EDGE,
  },
  never: '[]',
  any: '[^]',
  code: (hex) => `\\u{${hex}}`,
  captures: true,
};

export function printPattern(node: PatternNode, dialect: Dialect): string {
  let atomics = 0;
  const print = (part: PatternNode): string => {
    switch (part.kind) {
      case 'chars':
        return printSet(part.set, dialect);
      case 'sequence':
        return part.of.map((member) => (member.kind === 'choice' ? `(?:${print(member)})` : print(member))).join('');
      case 'choice':
        return part.of.map(print).join('|');
      case 'repeat':
        return part.mode === '+'
          ? atomic(repeat(part.of, part.min, part.max, ''))
          : repeat(part.of, part.min, part.max, part.mode);
      case 'group':
        return dialect.captures ? `(?<g${part.index}>${print(part.of)})` : `(?:${print(part.of)})`;
      case 'assert':
        return dialect.assertions[part.what];
      case 'atomic':
        return atomic(print(part.of));
      case 'look':
        return `(?${part.sign}${print(part.of)})`;
      case 'reference':
        return part.ignoreCase ? `(?i:\\k<g${part.index}>)` : `(?:\\k<g${part.index}>)`;
    }
  };
  const repeat = (of: PatternNode, min: number, max: number | null, mode: string): string => {
    const limits =
      min === 0 && max === null
        ? '*'
        : min === 1 && max === null
          ? '+'
          : min === 0 && max === 1
            ? '?'
            : `{${min}${max === min ? '' : `,${max ?? ''}`}}`;
    return `${of.kind === 'chars' ? print(of) : `(?:${print(of)})`}${limits}${mode}`;
  };
  // a look-ahead is never entered twice: what it caught stays caught
  const atomic = (inside: string): string => {
    const name = `a${++atomics}`;
    return `(?:(?=(?<${name}>${inside}))\\k<${name}>)`;
  };
  return print(node);
}

/** Does the pattern need what no linear engine has? */
export function needsBacktracking(node: PatternNode): boolean {
  switch (node.kind) {
    case 'atomic':
    case 'look':
    case 'reference':
      return true;
    case 'repeat':
      return node.mode === '+' || needsBacktracking(node.of);
    case 'group':
      return needsBacktracking(node.of);
    case 'sequence':
    case 'choice':
      return node.of.some(needsBacktracking);
    default:
      return false;
  }
}

const SURROGATES: CodePoints = [0xd800, 0xdfff];
/** Sets of more ranges are tried for whole categories: a pattern must not grow by 10 kB with each `\p{L}`. */
const LARGE = 40;
/** Categories, wide ones first, with two members that a set must have before it is worth a look. */
const CATEGORIES: readonly (readonly [name: string, first: number, second: number])[] = [
  ['L', 0x41, 0x4e00],
  ['Lu', 0x41, 0xc0],
  ['Ll', 0x61, 0xe9],
  ['Lo', 0xaa, 0x4e00],
  ['Lm', 0x2b0, 0x3005],
  ['Lt', 0x1c5, 0x1f88],
  ['M', 0x300, 0x903],
  ['Mn', 0x300, 0x5bf],
  ['N', 0x30, 0xb2],
  ['Nd', 0x30, 0x660],
  ['P', 0x21, 0x2010],
  ['S', 0x24, 0x20ac],
  ['Z', 0x20, 0x2028],
  ['C', 0x00, 0xad],
  ['Cn', 0x378, 0x530],
];

const known = new WeakMap<Dialect, WeakMap<CodePoints, string>>();

/** A set in the dialect; those that come again are written once. */
function printSet(set: CodePoints, dialect: Dialect): string {
  if (set.length === 2 && set[0] === set[1]) return printPoint(set[0] ?? 0, dialect, false);
  const printed = known.get(dialect) ?? new WeakMap<CodePoints, string>();
  known.set(dialect, printed);
  const text = printed.get(set) ?? writeSet(set, dialect);
  printed.set(set, text);
  return text;
}

function writeSet(written: CodePoints, dialect: Dialect): string {
  const set = subtract(written, SURROGATES);
  const others = complement(set);
  if (set.length === 0) return dialect.never;
  if (others.length === 0) return dialect.any;
  const positive = `[${printMembers(set, dialect)}]`;
  const negative = `[^${printMembers(others, dialect)}]`;
  return negative.length < positive.length ? negative : positive;
}

function printMembers(set: CodePoints, dialect: Dialect): string {
  let rest = set;
  let categories = '';
  for (const [name, first, second] of set.length > LARGE * 2 ? CATEGORIES : []) {
    if (!has(rest, first) || !has(rest, second)) continue;
    const category = unicodeProperty(name) ?? [];
    if (subtract(category, union(set, SURROGATES)).length > 0) continue;
    categories += `\\p{${name}}`;
    rest = subtract(rest, category);
  }
  const ranges = pairs(rest).map((range) => printRange(range, dialect));
  return categories + ranges.join('');
}

function printRange([from, to]: [number, number], dialect: Dialect): string {
  if (from === to) return printPoint(from, dialect, true);
  return `${printPoint(from, dialect, true)}${to === from + 1 ? '' : '-'}${printPoint(to, dialect, true)}`;
}

function printPoint(point: number, dialect: Dialect, inClass: boolean): string {
  const char = String.fromCodePoint(point);
  if (inClass ? /^[A-Za-z0-9]$/.test(char) : /^[A-Za-z0-9 _,;:'"<>=!@#%&~`-]$/.test(char)) return char;
  if (/^[\^$\\.*+?()[\]{}|/]$/.test(char)) return `\\${char}`;
  return dialect.code(point.toString(16));
}
