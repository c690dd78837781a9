// Regular expressions from people: linear time only, in this process and in MongoDB.
import { RE2JS } from 're2js';
import { Problem } from './field-type.ts';

/**
 * A pattern that is safe to run: `test` uses re2js (linear time); `mongo` is the same pattern rewritten for MongoDB's engine.
 */
export interface SafePattern {
  readonly source: string;
  readonly test: (value: string) => boolean;
  /** What MongoDB gets: PCRE source and options (`i`, `s`, `m`). */
  readonly mongo: { readonly source: string; readonly options: string };
}

export interface PatternFlags {
  readonly ignoreCase: boolean;
}

/** Compiles a regular expression of a client; it matches when it is found anywhere in the value. */
export function compilePattern(source: string, flags: PatternFlags): SafePattern | Problem {
  try {
    const compiled = RE2JS.compile(source, flags.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
    return { source, test: (value) => compiled.test(value), mongo: { source, options: flags.ignoreCase ? 'i' : '' } };
  } catch {
    return new Problem('badRequest', 'Not a valid regular expression');
  }
}

/** Contains the text, in any case. */
export const containsPattern = (text: string): SafePattern => literal('', text, '');
/** Starts with the text, in any case. */
export const startsPattern = (text: string): SafePattern => literal('\\A', text, '');
/** Ends with the text, in any case. */
export const endsPattern = (text: string): SafePattern => literal('', text, '\\z');
/** Is the text, in any case. */
export const exactPattern = (text: string): SafePattern => literal('\\A', text, '\\z');

function literal(before: string, text: string, after: string): SafePattern {
  const source = before + RE2JS.quote(text) + after;
  const compiled = RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
  return { source, test: (value) => compiled.test(value), mongo: { source, options: 'i' } };
}
