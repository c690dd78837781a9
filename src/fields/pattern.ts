// Regular expressions from people: linear time only, in this process and in MongoDB.
import { RE2JS } from 're2js';
import { casesOf, foldText } from './code-points.ts';
import { Problem } from './field-type.ts';
import { PatternError } from './pattern-cursor.ts';
import { needsBacktracking, PCRE, printPattern, RE2, SCRIPT } from './pattern-print.ts';
import { type IgnoreCase, type PatternNode, parsePattern } from './pattern-syntax.ts';

/**
 * A pattern that is safe to run: `test` uses re2js (linear time); `mongo` is the same pattern rewritten for MongoDB's engine.
 */
export interface SafePattern {
  readonly source: string;
  readonly test: (value: string) => boolean;
  /** What MongoDB gets: PCRE source and options (`i`, `s`, `m`). */
  readonly mongo: { readonly source: string; readonly options: string };
}

/** A pattern of the definitions; one that needs the script host is tested by `ValueEnv.testPattern`. Both match whole values. */
export type RulePattern =
  | { readonly needsHost: false; readonly test: (value: string) => boolean }
  /** `script` is JavaScript source for the flag `u`, without anchors around it. */
  | { readonly needsHost: true; readonly script: string };

/** Longest expression of a client, in UTF-16 units. */
const MAX_CLIENT = 1_000;
const MAX_RULE = 10_000;
/** Instructions of the compiled program; time grows with this times the length of the value. */
const MAX_PROGRAM = 5_000;
/** MongoDB refuses longer ones. */
const MAX_MONGO = 32_000;

/**
 * Compiles a regular expression of a client (Java syntax, spec field-types §4.1); it matches when it is found anywhere in the value.
 * @param flags.ignoreCase any case, by Unicode's simple folding
 */
export function compilePattern(source: string, flags: { readonly ignoreCase: boolean }): SafePattern | Problem {
  if (source.length > MAX_CLIENT) return refused(`it is longer than ${MAX_CLIENT} characters`);
  const parsed = parse(source, flags.ignoreCase ? 'all' : 'none');
  if (parsed instanceof Problem) return parsed;
  if (needsBacktracking(parsed)) {
    return refused('look-arounds, back-references, atomic groups and possessive repeats are not supported');
  }
  const compiled = compileLinear(parsed);
  if (compiled instanceof Problem) return compiled;
  const mongo = printPattern(parsed, PCRE);
  if (mongo.length > MAX_MONGO) return refused('it is too complex');
  return { source, test: (value) => compiled.test(value), mongo: { source: mongo, options: '' } };
}

/**
 * Compiles the regular expression of a type rule, which must match the whole value.
 * @param flags.ignoreCase letters outside of classes match in any case (spec field-types §4.1)
 * @returns a Problem when neither re2js nor V8 can run it
 */
export function compileRule(source: string, flags: { readonly ignoreCase: boolean }): RulePattern | Problem {
  if (source.length > MAX_RULE) return refused(`it is longer than ${MAX_RULE} characters`);
  const parsed = parse(source, flags.ignoreCase ? 'letters' : 'none');
  if (parsed instanceof Problem) return flags.ignoreCase ? parsed : (hostRule(source) ?? parsed);
  if (needsBacktracking(parsed)) return hostRule(printPattern(parsed, SCRIPT)) ?? refused('no engine here can run it');
  const compiled = compileLinear(parsed);
  if (compiled instanceof Problem) return hostRule(printPattern(parsed, SCRIPT)) ?? compiled;
  return { needsHost: false, test: (value) => compiled.testExact(value) };
}

/** Contains the text, in any case. */
export const containsPattern = (text: string): SafePattern =>
  literal('', text, '', (value, part) => value.includes(part));
/** Starts with the text, in any case. */
export const startsPattern = (text: string): SafePattern =>
  literal('\\A', text, '', (value, part) => value.startsWith(part));
/** Ends with the text, in any case. */
export const endsPattern = (text: string): SafePattern =>
  literal('', text, '\\z', (value, part) => value.endsWith(part));
/** Is the text, in any case. */
export const exactPattern = (text: string): SafePattern => literal('\\A', text, '\\z', (value, part) => value === part);

function literal(
  before: string,
  text: string,
  after: string,
  test: (value: string, part: string) => boolean,
): SafePattern {
  const folded = foldText(text);
  const source = before + Array.from(text, anyCase).join('') + after;
  return { source, test: (value) => test(foldText(value), folded), mongo: { source, options: '' } };
}

const knownCases = new Map<string, string>();

function anyCase(char: string): string {
  const known = knownCases.get(char);
  if (known !== undefined) return known;
  const written = writeCases(char);
  // Latin, Greek and Cyrillic are worth keeping, all of Unicode is not
  if (char < '\u0530') knownCases.set(char, written);
  return written;
}

function writeCases(char: string): string {
  const set = casesOf(char.codePointAt(0) ?? 0).flatMap((point) => [point, point]);
  return printPattern({ kind: 'chars', set: set.toSorted((a, b) => a - b) }, PCRE);
}

function parse(source: string, ignoreCase: IgnoreCase): PatternNode | Problem {
  try {
    return parsePattern(source, ignoreCase);
  } catch (error) {
    if (error instanceof PatternError) return refused(error.message);
    throw error;
  }
}

function compileLinear(node: PatternNode): RE2JS | Problem {
  try {
    const compiled = RE2JS.compile(printPattern(node, RE2));
    return compiled.programSize() > MAX_PROGRAM ? refused('it is too complex') : compiled;
  } catch {
    // repetitions of more than 1,000, or more nesting than the engine takes
    return refused('it is too complex');
  }
}

/** A rule for V8, which here only reads it: it runs in the script host. */
function hostRule(script: string): RulePattern | undefined {
  try {
    new RegExp(script, 'u');
    return { needsHost: true, script };
  } catch {
    return undefined;
  }
}

const refused = (reason: string): Problem => new Problem('badRequest', `Not a valid regular expression: ${reason}`);
