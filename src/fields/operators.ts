// Building blocks that turn "parse one operand" into operator compilers; every field type assembles its operators from these.
import type { Field } from '../definitions/model.ts';
import { not, or, type Predicate } from '../query/predicate.ts';
import { type Operand, type OperandEnv, type OperatorCompiler, type OperatorName, Problem } from './field-type.ts';
import { compilePattern, containsPattern, endsPattern, exactPattern, startsPattern } from './pattern.ts';

/**
 * An operand that stands for more than one stored value: a day on a date-time, a keyword. Both ends are inclusive, in stored form.
 * What each operator makes of it is spec field-types §2.7.
 */
export class Bounds {
  readonly from: unknown;
  readonly to: unknown;

  constructor(from: unknown, to: unknown) {
    this.from = from;
    this.to = to;
  }
}

/**
 * Reads one operand: a stored value, {@link Bounds}, or a Problem that says what is wrong with it ("Not a valid number").
 * Null and blank operands never get here.
 */
export type ParseOperand<O> = (operand: Operand, field: Field<O>, env: OperandEnv) => unknown;

/** Longest text that becomes a pattern, in UTF-16 units: MongoDB limits the length of patterns. */
const MAX_LITERAL = 1_000;

type Operators<O, N extends OperatorName> = { readonly [name in N]: OperatorCompiler<O> };

interface At {
  /** Appended to the path: `.plain`, `.label`. */
  readonly suffix?: string;
}

/**
 * `equals` (any of the operands) and `notEquals` (none of them, so empty values too). A null or blank operand means "empty".
 * @param options.emptySuffix as in {@link emptiness}
 * @param options.foldCase when strings compare without regard to case: in metadata expressions (the default), `always` or `never`
 */
export function equality<O>(
  parse: ParseOperand<O>,
  options: At & { readonly foldCase?: 'metadata' | 'always' | 'never'; readonly emptySuffix?: string } = {},
): Operators<O, 'equals' | 'notEquals'> {
  const { suffix = '', foldCase = 'metadata', emptySuffix } = options;
  const equals: OperatorCompiler<O> = (operands, field, path, env) => {
    if (operands.length === 0) return count('equals', field, 'at least one value');
    // sensitive values are compared by their hash, which knows no case
    const folds = !field.sensitive && (foldCase === 'always' || (foldCase === 'metadata' && env.ignoreCase));
    const values: unknown[] = [];
    const tests: Predicate[] = [];
    for (const operand of operands.flatMap(spread)) {
      const value = isBlank(operand) ? null : parse(operand, field, env);
      if (value instanceof Problem) return explain(value, operand, field);
      if (value === null) tests.push(emptyTest(field, path, emptySuffix));
      else if (value instanceof Bounds)
        tests.push({ kind: 'range', path: path + suffix, gte: value.from, lte: value.to });
      else if (folds && typeof value === 'string' && value.length <= MAX_LITERAL) {
        tests.push({ kind: 'match', path: path + suffix, pattern: exactPattern(value) });
      } else values.push(value);
    }
    if (values.length > 0) tests.unshift({ kind: 'in', path: path + suffix, values });
    return or(tests);
  };
  return { equals, notEquals: negate(equals) };
}

/**
 * `empty` (null, missing, empty list) and `notEmpty`.
 * @param options.suffix where a single value keeps what it is empty of, when the value itself may be there without it
 */
export function emptiness<O>(options: At = {}): Operators<O, 'empty' | 'notEmpty'> {
  const empty: OperatorCompiler<O> = (operands, field, path) =>
    operands.length > 0 ? count('empty', field, 'no value') : emptyTest(field, path, options.suffix);
  return { empty, notEmpty: negate(empty) };
}

/** `between` (inclusive) and the four comparisons; none of them ever matches empty values. */
export function ordered<O>(
  parse: ParseOperand<O>,
  options: At = {},
): Operators<O, 'between' | 'greater' | 'greaterOrEquals' | 'less' | 'lessOrEquals'> {
  const suffix = options.suffix ?? '';
  const bounds = (operand: Operand, field: Field<O>, env: OperandEnv): Bounds | Problem => {
    if (isBlank(operand)) return explain(new Problem('badRequest', 'A value is needed'), operand, field);
    const value = parse(operand, field, env);
    if (value instanceof Problem) return explain(value, operand, field);
    return value instanceof Bounds ? value : new Bounds(value, value);
  };
  const compare =
    (name: OperatorName, test: (bounds: Bounds) => { gt?: unknown; gte?: unknown; lt?: unknown; lte?: unknown }) =>
    (operands: readonly Operand[], field: Field<O>, path: string, env: OperandEnv): Predicate | Problem => {
      const [operand] = operands;
      if (!operand || operands.length > 1) return count(name, field, 'exactly one value');
      const limit = bounds(operand, field, env);
      return limit instanceof Problem ? limit : { kind: 'range', path: path + suffix, ...test(limit) };
    };
  return {
    between: (operands, field, path, env) => {
      const [first, second] = operands;
      if (!first || !second || operands.length > 2) return count('between', field, 'exactly two values');
      const from = bounds(first, field, env);
      if (from instanceof Problem) return from;
      const to = bounds(second, field, env);
      return to instanceof Problem ? to : { kind: 'range', path: path + suffix, gte: from.from, lte: to.to };
    },
    greater: compare('greater', ({ to }) => ({ gt: to })),
    greaterOrEquals: compare('greaterOrEquals', ({ from }) => ({ gte: from })),
    less: compare('less', ({ from }) => ({ lt: from })),
    lessOrEquals: compare('lessOrEquals', ({ to }) => ({ lte: to })),
  };
}

/**
 * `like`: contains, `/x` starts with, `x/` ends with, `/re/` regular expression; always without regard to case (spec field-types
 * §2.6). Several operands: any of them.
 * @param options.text turns the literal part of an operand into what is stored (phone: digits only)
 * @param options.suffixes all the places that are searched; default: the value itself
 */
export function like<O>(
  options: {
    readonly text?: (text: string, field: Field<O>) => string | Problem;
    readonly suffixes?: readonly string[];
  } = {},
): Operators<O, 'like'> {
  const { text = (literal: string) => literal, suffixes = [''] } = options;
  return {
    like: (operands, field, path) => {
      if (operands.length === 0) return count('like', field, 'at least one value');
      const tests: Predicate[] = [];
      for (const operand of operands.flatMap(spread)) {
        const written = operandText(operand);
        if (written instanceof Problem) return explain(written, operand, field);
        const pattern = likePattern(written, (literal) => text(literal, field));
        if (pattern instanceof Problem) return explain(pattern, operand, field);
        for (const suffix of suffixes) tests.push({ kind: 'match', path: path + suffix, pattern });
      }
      return or(tests);
    },
  };
}

/** The text of an operand; numbers and booleans of query maps as their JSON text. */
export function operandText(operand: Operand): string | Problem {
  const { value } = operand;
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return new Problem('badRequest', 'A text is needed');
}

function emptyTest<O>(field: Field<O>, path: string, suffix = ''): Predicate {
  return { kind: 'empty', path: field.many ? path : path + suffix };
}

const tooLong = (): Problem => new Problem('badRequest', `The text is longer than ${MAX_LITERAL} characters`);

function likePattern(written: string, text: (literal: string) => string | Problem): ReturnType<typeof compilePattern> {
  const starts = written.length > 1 && written.startsWith('/');
  const ends = written.length > 1 && written.endsWith('/');
  if (starts && ends && written.length > 2) return compilePattern(written.slice(1, -1), { ignoreCase: true });
  const make = starts === ends ? containsPattern : starts ? startsPattern : endsPattern;
  const literal = text(starts === ends ? written : starts ? written.slice(1) : written.slice(0, -1));
  if (literal instanceof Problem) return literal;
  return literal.length > MAX_LITERAL ? tooLong() : make(literal);
}

/** The same test turned round: also true for empty values and for lists without a passing element. */
export function negate<O>(compile: OperatorCompiler<O>): OperatorCompiler<O> {
  return (operands, field, path, env) => {
    const test = compile(operands, field, path, env);
    return test instanceof Problem ? test : not(test);
  };
}

/** Lists in query maps mean "any of them". */
function spread(operand: Operand): readonly Operand[] {
  return Array.isArray(operand.value) ? operand.value.map((value) => ({ value, quoted: operand.quoted })) : [operand];
}

function isBlank({ value }: Operand): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '');
}

function explain<O>(problem: Problem, operand: Operand, field: Field<O>): Problem {
  return new Problem('badRequest', `[${shown(operand)}] is not valid for field [${field.path}]: ${problem.message}`);
}

function count<O>(name: OperatorName, field: Field<O>, wanted: string): Problem {
  return new Problem('badRequest', `Operator [${name}] on field [${field.path}] needs ${wanted}`);
}

/** An operand as it goes into a message: short, whatever was sent. */
function shown({ value }: Operand): string {
  const text = typeof value === 'object' && value !== null ? 'object' : String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
