// The type rules of text, longText and qr: lengths and a regular expression.
import { type OptionReader, Problem, type ValueEnv } from './field-type.ts';
import { compileRule, type RulePattern } from './pattern.ts';
import { invalid } from './problems.ts';
import { lengthOf } from './string-value.ts';

export interface TextRules {
  readonly minLength: number | null;
  readonly maxLength: number | null;
  readonly exactLength: number | null;
  readonly pattern: { readonly rule: RulePattern; readonly hint: string } | null;
}

const LENGTHS = ['minLength', 'maxLength', 'exactLength'] as const;
const NO_MATCH = 'Value does not match the expected pattern';

/** Reads `minLength`, `maxLength` and `exactLength` (spec field-types §4.1). */
export function readLengths(reader: OptionReader): TextRules {
  const [minLength = null, maxLength = null, exactLength = null] = LENGTHS.map((key) => readLength(reader, key));
  return { minLength, maxLength, exactLength, pattern: null };
}

/** Reads the lengths and `regularExpression`, in both spellings (an object, or flat keys). */
export function readTextRules(reader: OptionReader): TextRules {
  return { ...readLengths(reader), pattern: readPattern(reader) };
}

/** First broken rule. A pattern for the script host makes the answer a promise. */
export function checkTextRules(
  value: string,
  rules: TextRules,
  env: ValueEnv,
): Problem | null | Promise<Problem | null> {
  return checkLengths(value, rules) ?? checkPattern(value, rules, env);
}

/**
 * JSON Schema of a text under these rules. The pattern stays out: whoever checks a schema would run it on a backtracking engine.
 * @param limit hard limit of the type
 */
export function textSchema(rules: TextRules, limit = Number.POSITIVE_INFINITY): { readonly [key: string]: unknown } {
  const minLength = Math.max(rules.minLength ?? 0, rules.exactLength ?? 0);
  const maxLength = Math.min(rules.maxLength ?? limit, rules.exactLength ?? limit, limit);
  return {
    type: 'string',
    ...(minLength > 0 && { minLength }),
    ...(Number.isFinite(maxLength) && { maxLength }),
  };
}

function checkLengths(value: string, { minLength, maxLength, exactLength }: TextRules): Problem | null {
  if (minLength === null && maxLength === null && exactLength === null) return null;
  const length = lengthOf(value);
  if (minLength !== null && length < minLength) return invalid(`Minimum length is ${minLength}`, value);
  if (maxLength !== null && length > maxLength) return invalid(`Maximum length is ${maxLength}`, value);
  if (exactLength !== null && length !== exactLength) return invalid(`Length must be ${exactLength}`, value);
  return null;
}

function checkPattern(value: string, { pattern }: TextRules, env: ValueEnv): Problem | null | Promise<Problem | null> {
  if (!pattern) return null;
  const refusal = invalid(pattern.hint, value);
  if (!pattern.rule.needsHost) return pattern.rule.test(value) ? null : refusal;
  // without a host nobody can say that the value is good
  if (!env.testPattern) return refusal;
  return env.testPattern(pattern.rule.script, value).then((matches) => (matches ? null : refusal));
}

function readLength(reader: OptionReader, key: (typeof LENGTHS)[number]): number | null {
  const value = reader.rules[key] ?? null;
  if (value === null) return null;
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
  reader.error(`typeRules.${key}`, 'must be an integer of 0 or more');
  return null;
}

function readPattern(reader: OptionReader): TextRules['pattern'] {
  const { regularExpression } = reader.rules;
  if (regularExpression === undefined || regularExpression === null || regularExpression === '') return null;
  const written: Readonly<Record<string, unknown>> =
    typeof regularExpression === 'object' ? { ...regularExpression } : { expression: regularExpression };
  const {
    expression,
    hint = reader.rules.regularExpressionHint,
    caseInsensitive = reader.rules.caseInsensitive,
  } = written;
  const key = 'typeRules.regularExpression';
  if (typeof expression !== 'string') {
    reader.error(key, 'must be a text, or a map with the text under "expression"');
    return null;
  }
  const rule = compileRule(expression, { ignoreCase: caseInsensitive === true });
  if (rule instanceof Problem) {
    reader.error(key, rule.message);
    return null;
  }
  if (rule.needsHost)
    reader.warn(
      key,
      'has no linear form (look-around, back-reference or atomic group): values are tested in the script host',
    );
  return { rule, hint: typeof hint === 'string' && hint !== '' ? hint : NO_MATCH };
}
