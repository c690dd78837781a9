// Compiled tests: constant ones are evaluated once, the others each time a filter is used.
import type { Field, FilterEnv } from '../definitions/model.ts';
import { type Json, type Operand, type OperandEnv, Problem } from '../fields/field-type.ts';
import type { SafePattern } from '../fields/pattern.ts';
import { isDynamic } from './dynamic.ts';
import type { Call } from './filter-value.ts';
import type { QueryLimits } from './limits.ts';
import { and, NONE, not, or, type Predicate } from './predicate.ts';
import { operatorOf, type Target } from './shape.ts';

/** A part of a compiled filter. */
export interface Term {
  /** True when it must be bound for every use. */
  readonly dynamic: boolean;
  readonly bind: (env: FilterEnv) => Predicate;
}

export function constant(predicate: Predicate): Term {
  return { dynamic: false, bind: () => predicate };
}

const JOINS = { and, or } as const;

/** Joins terms; constant ones are joined once. */
export function join(kind: 'and' | 'or', terms: readonly Term[]): Term {
  const [only] = terms;
  if (only && terms.length === 1) return only;
  const make = JOINS[kind];
  if (terms.every((term) => !term.dynamic)) return constant(make(terms.map((term) => term.bind(NO_ENV))));
  return { dynamic: true, bind: (env) => make(terms.map((term) => term.bind(env))) };
}

/** Constant terms never look at it. */
const NO_ENV = {} as FilterEnv;

/** Conditions on one element, by paths that start at it. */
export type ElementMap = { readonly [path: string]: Json | undefined };

export interface TestOptions {
  /** What operands mean at the moment of compiling; dynamic tests get another one at every use. */
  readonly env: OperandEnv;
  /** Compiles conditions on an element of a group. */
  readonly element: (group: Field, map: ElementMap) => Term;
  /** Only equality can be answered: the stored value is sealed. */
  readonly sealed: boolean;
  readonly limits: QueryLimits;
}

/** Compiles one test and checks its constant operands. */
export function compileTest(target: Target, call: Call, options: TestOptions): Term | Problem {
  if (isGroupEmptiness(target, call)) {
    const empty = emptyGroup(target.field, target.path);
    return constant(call.operator === 'empty' ? empty : not(empty));
  }
  const compile = operatorOf(target, call.operator);
  if (compile instanceof Problem) return compile;
  const test = (operands: readonly Operand[], env: OperandEnv): Predicate | Problem => {
    if (operands.length === 0 && call.operator === 'equals') return NONE;
    const predicate = compile(operands, target.field, target.path, env);
    return predicate instanceof Problem ? predicate : (refusal(predicate, target, options) ?? predicate);
  };
  const isFixed = call.operands.every((operand) => !isDynamic(operand));
  const samples = call.operands.map((operand) => (isDynamic(operand) ? operand.sample : operand));
  const { env, changes } = watch(options);
  const checked = samples.every((sample) => sample !== null) ? test(samples, env) : NONE;
  if (checked instanceof Problem) return checked;
  if (isFixed && !changes()) return constant(checked);
  return {
    dynamic: true,
    bind: (use) => {
      const operands = call.operands.flatMap((operand) => (isDynamic(operand) ? operand.resolve(use) : [operand]));
      // without a value nothing matches, whatever the operator: a rule about a missing user must not open a door
      if (operands.length === 0 && !isFixed) return NONE;
      const { ignoreCase } = options.env;
      const bound = test(operands, {
        ...use,
        ignoreCase,
        conditions: (group, map) => options.element(group, map).bind(use),
      });
      return bound instanceof Problem ? NONE : bound;
    },
  };
}

/** The environment of compiling, which notices whether a test will be another one at its next use. */
function watch({ env, element }: TestOptions): { readonly env: OperandEnv; readonly changes: () => boolean } {
  let changes = false;
  const noting = <T>(value: T): T => {
    changes = true;
    return value;
  };
  const watched: OperandEnv = {
    ...env,
    conditions: (group, map) => {
      const term = element(group, map);
      if (term.dynamic) changes = true;
      return term.bind({ ...env, userRecord: null, sourceRecord: null });
    },
    get now() {
      return noting(env.now);
    },
    get zone() {
      return noting(env.zone);
    },
  };
  return { env: watched, changes: () => changes };
}

function refusal(predicate: Predicate, { name }: Target, { sealed, limits }: TestOptions): Problem | null {
  if (sealed && !isEquality(predicate)) {
    return new Problem('badRequest', `Sensitive field [${name}] can only be compared for equality`);
  }
  const patterns = patternsOf(predicate);
  if (patterns.length > limits.patterns) {
    return new Problem('badRequest', `Filter on field [${name}]: at most ${limits.patterns} texts may be looked for`);
  }
  const isTooLong = patterns.some(({ mongo }) => Buffer.byteLength(mongo.source) > limits.patternBytes);
  return isTooLong ? new Problem('badRequest', `Filter on field [${name}]: the text to look for is too long`) : null;
}

/** Patterns of one test; those of conditions on elements have been looked at by their own tests. */
function patternsOf(predicate: Predicate): readonly SafePattern[] {
  switch (predicate.kind) {
    case 'match':
      return [predicate.pattern];
    case 'and':
    case 'or':
      return predicate.of.flatMap(patternsOf);
    case 'not':
      return patternsOf(predicate.of);
    default:
      return [];
  }
}

function isGroupEmptiness({ field, part }: Target, { operator, operands }: Call): boolean {
  if (field.fields.length === 0 || field.many || part !== null || operands.length > 0) return false;
  return operator === 'empty' || operator === 'notEmpty';
}

/** A single group is always stored, with its id: it is empty when all its fields are (spec field-types §4.30). */
function emptyGroup(group: Field, path: string): Predicate {
  const of = group.fields.map((field): Predicate => {
    if (field.fields.length > 0 && !field.many) return emptyGroup(field, field.name);
    const empty: Predicate = { kind: 'empty', path: field.name };
    // a boolean that is not set says false
    const blank = field.type.emptyNative;
    return blank === null ? empty : or([empty, { kind: 'in', path: field.name, values: [blank] }]);
  });
  return or([
    { kind: 'empty', path },
    { kind: 'element', path, of: and(of) },
  ]);
}

function isEquality(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.every(isEquality);
    case 'not':
      return isEquality(predicate.of);
    default:
      return ['all', 'none', 'in', 'empty'].includes(predicate.kind);
  }
}
