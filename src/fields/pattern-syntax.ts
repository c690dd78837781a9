// Parser of the pattern language: Java's regular expressions, with what people write from RE2, PCRE and JavaScript.
import { type CodePoints, complement, NOTHING, withAllCases } from './code-points.ts';
import { LINE_ENDS, readClass, readEscape, VERTICAL } from './pattern-classes.ts';
import { PatternCursor } from './pattern-cursor.ts';

/** A pattern with all flags resolved: sets hold every case they match, anchors say which one they are. */
export type PatternNode =
  | { readonly kind: 'chars'; readonly set: CodePoints }
  | { readonly kind: 'sequence' | 'choice'; readonly of: readonly PatternNode[] }
  | {
      readonly kind: 'repeat';
      readonly of: PatternNode;
      readonly min: number;
      readonly max: number | null;
      readonly mode: '' | '?' | '+';
    }
  | { readonly kind: 'group'; readonly of: PatternNode; readonly index: number }
  | { readonly kind: 'assert'; readonly what: Assertion }
  /** `(?>…)`; like possessive repeats and the two below beyond linear engines. */
  | { readonly kind: 'atomic'; readonly of: PatternNode }
  | { readonly kind: 'look'; readonly of: PatternNode; readonly sign: '=' | '!' | '<=' | '<!' }
  | { readonly kind: 'reference'; readonly index: number; readonly ignoreCase: boolean };

export type Assertion = 'start' | 'end' | 'lineStart' | 'lineEnd' | 'word' | 'notWord';

/** Which letters match in any case: none, those outside of classes (spec field-types §4.1), or all. */
export type IgnoreCase = 'none' | 'letters' | 'all';

interface Flags {
  readonly ignoreCase: IgnoreCase;
  readonly dotAll: boolean;
  readonly multiline: boolean;
  readonly unixLines: boolean;
  readonly comments: boolean;
}

const EVERYTHING = complement(NOTHING);
const LINE_FEED: CodePoints = [10, 10];
const MAX_REPEAT = 100_000;

/**
 * @throws PatternError for what is malformed, or has a meaning that no engine here can give
 */
export function parsePattern(source: string, ignoreCase: IgnoreCase): PatternNode {
  return new Parser(source, ignoreCase).parse();
}

class Parser {
  readonly #cursor: PatternCursor;
  #flags: Flags;
  #groups = 0;
  readonly #names = new Map<string, number>();
  #highestReference = 0;

  constructor(source: string, ignoreCase: IgnoreCase) {
    this.#cursor = new PatternCursor(source);
    this.#flags = { ignoreCase, dotAll: false, multiline: false, unixLines: false, comments: false };
  }

  parse(): PatternNode {
    if (!this.#cursor.wellFormed) this.#cursor.fail('it holds half a character');
    const node = this.#choice();
    if (!this.#cursor.done) this.#cursor.fail('a ")" has no "("');
    if (this.#highestReference > this.#groups) this.#cursor.fail('a back-reference has no group');
    return node;
  }

  #choice(): PatternNode {
    const branches = [this.#sequence()];
    while (this.#cursor.eat('|')) branches.push(this.#sequence());
    const [only] = branches;
    return branches.length === 1 && only ? only : { kind: 'choice', of: branches };
  }

  #sequence(): PatternNode {
    const of: PatternNode[] = [];
    for (;;) {
      this.#cursor.skipComments();
      const char = this.#cursor.peek();
      if (char === undefined || char === '|' || char === ')') break;
      const atoms = this.#atoms();
      const last = atoms.pop();
      of.push(...atoms);
      if (last) of.push(this.#repeated(last));
    }
    const [only] = of;
    return of.length === 1 && only ? only : { kind: 'sequence', of };
  }

  /** One atom; several for a quotation, none for flags and comments. */
  #atoms(): PatternNode[] {
    const cursor = this.#cursor;
    if (cursor.eat('\\Q')) return Array.from(cursor.quoted(), (char) => this.#literal(char));
    if (cursor.eat('(?#')) {
      cursor.until(')');
      return [];
    }
    const flags = cursor.tryMatch(/\(\?[a-zA-Z]*(?:-[a-zA-Z]*)?\)/y);
    if (flags !== undefined) {
      this.#setFlags(flags.slice(2, -1));
      return [];
    }
    return [this.#atom()];
  }

  #atom(): PatternNode {
    const cursor = this.#cursor;
    if (cursor.tryMatch(/\{\d+(?:,\d*)?\}/y) !== undefined) return cursor.fail('there is nothing to repeat');
    const char = cursor.next();
    if (char === '(') return cursor.nested(() => this.#group());
    if (char === '[') return this.#chars(readClass(cursor, this.#flags.ignoreCase === 'all'));
    if (char === '.') return this.#chars(this.#anyCharacter());
    if (char === '^') return { kind: 'assert', what: this.#flags.multiline ? 'lineStart' : 'start' };
    if (char === '$') return { kind: 'assert', what: this.#flags.multiline ? 'lineEnd' : 'end' };
    if (char === '\\') return this.#escape();
    if (char === '*' || char === '+' || char === '?') return cursor.fail('there is nothing to repeat');
    return this.#literal(char);
  }

  #repeated(of: PatternNode): PatternNode {
    const cursor = this.#cursor;
    cursor.skipComments();
    const written = cursor.tryMatch(/[*+?]|\{\d+(?:,\d*)?\}/y);
    if (written === undefined) return of;
    const [min, max] = limitsOf(written);
    if (min > MAX_REPEAT || (max ?? 0) > MAX_REPEAT) cursor.fail('a repetition is too long');
    if (max !== null && max < min) cursor.fail('a repetition is out of order');
    const mode = cursor.eat('?') ? '?' : cursor.eat('+') ? '+' : '';
    return { kind: 'repeat', of, min, max, mode };
  }

  /** A group after its parenthesis. Flags that are set inside end with it. */
  #group(): PatternNode {
    const cursor = this.#cursor;
    const outer = this.#flags;
    const wrap = this.#groupStart();
    const of = this.#choice();
    if (!cursor.eat(')')) cursor.fail('a "(" has no ")"');
    this.#useFlags(outer);
    return wrap(of);
  }

  #groupStart(): (of: PatternNode) => PatternNode {
    const cursor = this.#cursor;
    if (!cursor.eat('?')) return this.#capture(null);
    if (cursor.eat('>')) return (of) => ({ kind: 'atomic', of });
    const look = cursor.tryMatch(/<?[=!]/y);
    if (look !== undefined) return (of) => ({ kind: 'look', of, sign: look as '=' });
    const name = cursor.tryMatch(/P?<[A-Za-z][A-Za-z0-9_]*>/y);
    if (name !== undefined) return this.#capture(name.replace(/^P?</, '').slice(0, -1));
    const flags = cursor.tryMatch(/[a-zA-Z]*(?:-[a-zA-Z]*)?:/y);
    if (flags === undefined) return cursor.fail('a group starts in an unknown way');
    this.#setFlags(flags.slice(0, -1));
    return (of) => of;
  }

  #capture(name: string | null): (of: PatternNode) => PatternNode {
    const index = ++this.#groups;
    if (name !== null) {
      if (this.#names.has(name)) this.#cursor.fail(`group ${name} exists twice`);
      this.#names.set(name, index);
    }
    return (of) => ({ kind: 'group', of, index });
  }

  #escape(): PatternNode {
    const cursor = this.#cursor;
    const assertion = { A: 'start', z: 'end', Z: 'end', b: 'word', B: 'notWord' }[cursor.peek() ?? ''];
    if (assertion !== undefined) {
      cursor.next();
      if (cursor.tryMatch(/\{[a-z]/y) !== undefined) return cursor.fail('\\b{…} is not supported');
      return { kind: 'assert', what: assertion as Assertion };
    }
    if (cursor.eat('R')) return lineBreak();
    const reference = cursor.tryMatch(/[1-9]\d*|k<[A-Za-z][A-Za-z0-9_]*>/y);
    if (reference !== undefined) return this.#reference(reference);
    const escaped = readEscape(cursor, this.#flags.ignoreCase === 'all');
    if (!escaped) return cursor.fail(`\\${cursor.peek() ?? ''} is not supported`);
    return this.#chars(escaped.point === null ? escaped.set : this.#cased(escaped.set));
  }

  #reference(written: string): PatternNode {
    const index = written.startsWith('k') ? this.#names.get(written.slice(2, -1)) : Number(written);
    if (index === undefined) return this.#cursor.fail('a back-reference has no group');
    this.#highestReference = Math.max(this.#highestReference, index);
    return { kind: 'reference', index, ignoreCase: this.#flags.ignoreCase !== 'none' };
  }

  #literal(char: string): PatternNode {
    const point = char.codePointAt(0) ?? 0;
    return this.#chars(this.#cased([point, point]));
  }

  #cased(set: CodePoints): CodePoints {
    return this.#flags.ignoreCase === 'none' ? set : withAllCases(set);
  }

  #chars(set: CodePoints): PatternNode {
    return { kind: 'chars', set };
  }

  #anyCharacter(): CodePoints {
    if (this.#flags.dotAll) return EVERYTHING;
    return complement(this.#flags.unixLines ? LINE_FEED : LINE_ENDS);
  }

  #setFlags(written: string): void {
    const [on = '', off = ''] = written.split('-');
    let flags = this.#flags;
    for (const flag of on) flags = { ...flags, ...this.#flag(flag, true) };
    for (const flag of off) flags = { ...flags, ...this.#flag(flag, false) };
    this.#useFlags(flags);
  }

  #flag(flag: string, on: boolean): Partial<Flags> {
    switch (flag) {
      case 'i':
        return { ignoreCase: on ? 'all' : 'none' };
      case 's':
        return { dotAll: on };
      case 'm':
        return { multiline: on };
      case 'd':
        return { unixLines: on };
      case 'x':
        return { comments: on };
      case 'u': // case is always Unicode's
        return {};
      default:
        return this.#cursor.fail(`flag ${flag} is not supported`);
    }
  }

  #useFlags(flags: Flags): void {
    this.#flags = flags;
    this.#cursor.comments = flags.comments;
  }
}

function limitsOf(written: string): [min: number, max: number | null] {
  if (written === '*') return [0, null];
  if (written === '+') return [1, null];
  if (written === '?') return [0, 1];
  const [min = '', max] = written.slice(1, -1).split(',');
  return [Number(min), max === undefined ? Number(min) : max === '' ? null : Number(max)];
}

/** `\R`: a CR LF pair, or one vertical white space. */
function lineBreak(): PatternNode {
  const pair: PatternNode = {
    kind: 'sequence',
    of: [
      { kind: 'chars', set: [13, 13] },
      { kind: 'chars', set: [10, 10] },
    ],
  };
  return { kind: 'choice', of: [pair, { kind: 'chars', set: VERTICAL }] };
}
