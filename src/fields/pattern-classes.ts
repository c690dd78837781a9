// Character classes of patterns: `[…]` with Java's unions and intersections, `\d`, `\p{…}` and single escaped characters.
import {
  type CodePoints,
  charactersOf,
  codePoints,
  complement,
  intersect,
  NOTHING,
  subtract,
  unicodeProperty,
  union,
  withAllCases,
} from './code-points.ts';
import type { PatternCursor } from './pattern-cursor.ts';

const DIGIT = codePoints([0x30, 0x39]);
const UPPER = codePoints([0x41, 0x5a]);
const LOWER = codePoints([0x61, 0x7a]);
const ALPHA = union(UPPER, LOWER);
const ALNUM = union(ALPHA, DIGIT);
const PUNCT = subtract(codePoints([0x21, 0x7e]), ALNUM);
const SPACE = charactersOf(' \t\n\v\f\r');
const BLANK = charactersOf(' \t');
const WORD = union(ALNUM, charactersOf('_'));
const XDIGIT = union(DIGIT, codePoints([0x41, 0x46], [0x61, 0x66]));
const HORIZONTAL = union(BLANK, charactersOf('\u00a0\u1680\u180e\u202f\u205f\u3000'), codePoints([0x2000, 0x200a]));

/** Vertical white space; what `\R` takes one of and, without VT and FF, what `.` leaves out. */
export const VERTICAL: CodePoints = charactersOf('\n\v\f\r\u0085\u2028\u2029');
export const LINE_ENDS: CodePoints = charactersOf('\n\r\u0085\u2028\u2029');

/** Java's shorthand classes; all of them ASCII but `\h` and `\v`. */
const SHORTHANDS: Readonly<Record<string, CodePoints>> = { d: DIGIT, w: WORD, s: SPACE, h: HORIZONTAL, v: VERTICAL };

/** Names in `\p{…}` and `[:…:]` that mean ASCII sets. */
const POSIX: Readonly<Record<string, CodePoints>> = {
  lower: LOWER,
  upper: UPPER,
  ascii: codePoints([0, 0x7f]),
  alpha: ALPHA,
  digit: DIGIT,
  alnum: ALNUM,
  punct: PUNCT,
  graph: codePoints([0x21, 0x7e]),
  print: codePoints([0x20, 0x7e]),
  blank: BLANK,
  cntrl: codePoints([0, 0x1f], [0x7f, 0x7f]),
  xdigit: XDIGIT,
  space: SPACE,
  word: WORD,
};

/** Java's names where ECMAScript has another one. */
const RENAMED: Readonly<Record<string, string>> = { Titlecase: 'Titlecase_Letter', Digit: 'Decimal_Number' };

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, f: 12, r: 13, a: 7, e: 27 };

/** What an escape stands for; `point` when it is one character, which may then start or end a range. */
export interface Escaped {
  readonly set: CodePoints;
  readonly point: number | null;
}

/** Reads a class after its `[`, up to and with its `]`. */
export function readClass(cursor: PatternCursor, allCases: boolean): CodePoints {
  return cursor.nested(() => {
    const negated = cursor.eat('^');
    const set = readMembers(cursor, allCases);
    return negated ? complement(set) : set;
  });
}

function readMembers(cursor: PatternCursor, allCases: boolean): CodePoints {
  const operands: CodePoints[] = [];
  let members: CodePoints[] = [];
  let first = true;
  for (;;) {
    cursor.skipComments();
    if (cursor.done) cursor.fail('a class is not closed');
    if (!first && cursor.eat(']')) break;
    if (cursor.eat('&&')) {
      if (members.length > 0) operands.push(union(...members));
      members = [];
    } else members.push(readMember(cursor, allCases));
    first = false;
  }
  if (members.length > 0) operands.push(union(...members));
  return operands.reduce(intersect, operands[0] ?? NOTHING);
}

function readMember(cursor: PatternCursor, allCases: boolean): CodePoints {
  const cased = (set: CodePoints): CodePoints => (allCases ? withAllCases(set) : set);
  if (cursor.eat('[:')) return readPosix(cursor, allCases);
  if (cursor.eat('[')) return readClass(cursor, allCases);
  if (cursor.eat('\\Q')) return cased(charactersOf(cursor.quoted()));
  const from = readAtom(cursor, allCases);
  if (from.point === null) return from.set;
  if (cursor.peek() !== '-' || !startsCharacter(cursor.peek(1))) return cased(from.set);
  cursor.next();
  const to = readAtom(cursor, allCases);
  if (to.point === null || to.point < from.point) return cursor.fail('a range is out of order');
  return cased(codePoints([from.point, to.point]));
}

/** Is this, after a dash, the end of a range? Otherwise the dash is a plain character. */
const startsCharacter = (char: string | undefined): boolean => char !== undefined && char !== ']' && char !== '[';

function readAtom(cursor: PatternCursor, allCases: boolean): Escaped {
  const char = cursor.next();
  if (char !== '\\') return one(char.codePointAt(0) ?? 0);
  return readEscape(cursor, allCases) ?? cursor.fail(`\\${cursor.peek() ?? ''} has no meaning in a class`);
}

function readPosix(cursor: PatternCursor, allCases: boolean): CodePoints {
  const negated = cursor.eat('^');
  const name = cursor.until(':]');
  const set = posix(name, allCases);
  if (!set) return cursor.fail(`class [:${name}:] is unknown`);
  return negated ? complement(set) : set;
}

/** In any case, only `lower` and `upper` mean something else. */
function posix(name: string, allCases: boolean): CodePoints | undefined {
  const set = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
  return allCases && (set === LOWER || set === UPPER) ? ALPHA : set;
}

/**
 * Reads an escape after its backslash; undefined when it means neither a character nor a class.
 * @param allCases properties get all cases of their members before they are negated; characters are left to the caller
 */
export function readEscape(cursor: PatternCursor, allCases: boolean): Escaped | undefined {
  const char = cursor.peek();
  if (char === undefined) return cursor.fail('it ends in a backslash');
  if (!/^[A-Za-z0-9]$/.test(char)) return one(cursor.next().codePointAt(0) ?? 0);
  if (Object.hasOwn(CONTROLS, char)) {
    cursor.next();
    return one(CONTROLS[char] ?? 0);
  }
  const shorthand = SHORTHANDS[char.toLowerCase()];
  if (shorthand) {
    cursor.next();
    return { set: char === char.toLowerCase() ? shorthand : complement(shorthand), point: null };
  }
  if (char === 'p' || char === 'P') return { set: readProperty(cursor, allCases), point: null };
  return readCode(cursor, char);
}

/** `\0ooo`, `\xhh`, `\x{h…h}`, `\uhhhh` (also as a pair), `\cX`. */
function readCode(cursor: PatternCursor, char: string): Escaped | undefined {
  if (char === '0') return one(Number.parseInt(cursor.match(/0[0-3]?[0-7]{1,2}/y).slice(1), 8));
  if (char === 'x' && cursor.peek(1) === '{')
    return one(Number.parseInt(cursor.match(/x\{[0-9a-fA-F]{1,6}\}/y).slice(2, -1), 16), cursor);
  if (char === 'x') return one(Number.parseInt(cursor.match(/x[0-9a-fA-F]{2}/y).slice(1), 16));
  if (char === 'u') {
    const units = cursor.match(/u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}/y);
    const text = String.fromCharCode(...units.split('\\').map((unit) => Number.parseInt(unit.slice(1), 16)));
    return one(text.codePointAt(0) ?? 0, cursor);
  }
  if (char === 'c') return one(cursor.match(/c[A-Za-z]/y).charCodeAt(1) & 0x1f);
  return undefined;
}

function one(point: number, cursor?: PatternCursor): Escaped {
  if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) cursor?.fail('a character code is not valid');
  return { set: [point, point], point };
}

/** `\p{L}`, `\pL`, `\p{^L}`, `\P{IsGreek}`, `\p{sc=Greek}`, `\p{Alpha}`. */
function readProperty(cursor: PatternCursor, allCases: boolean): CodePoints {
  let negated = cursor.next() === 'P';
  let name: string;
  if (cursor.eat('{')) {
    if (cursor.eat('^')) negated = !negated;
    name = cursor.until('}');
  } else name = cursor.done ? '' : cursor.next();
  const set = propertyNamed(name, allCases);
  if (!set) return cursor.fail(`class \\p{${name}} is unknown`);
  return negated ? complement(set) : set;
}

function propertyNamed(name: string, allCases: boolean): CodePoints | undefined {
  // Java spells its ASCII sets with a capital: \p{Lower}
  const ascii = /^(?:[A-Z][a-z]+|ASCII|XDigit)$/.test(name) ? posix(name.toLowerCase(), allCases) : undefined;
  const set = ascii ? undefined : unicodeNamed(name);
  return ascii ?? (set && allCases ? withAllCases(set) : set);
}

function unicodeNamed(name: string): CodePoints | undefined {
  const [key = '', value] = name.split('=', 2);
  if (value !== undefined) {
    if (/^(?:sc|script)$/i.test(key)) return script(value);
    return /^(?:gc|general_category)$/i.test(key) ? unicodeProperty(`General_Category=${value}`) : undefined;
  }
  const bare = name.startsWith('Is') ? name.slice(2) : name;
  return unicodeProperty(RENAMED[bare] ?? bare) ?? script(bare);
}

/** Script names are read in any case: `LATIN`, `latin`, `Old_Italic`. */
function script(name: string): CodePoints | undefined {
  const spelled = name.toLowerCase().replace(/(?:^|_)[a-z]/g, (start) => start.toUpperCase());
  return unicodeProperty(`Script=${spelled}`);
}
