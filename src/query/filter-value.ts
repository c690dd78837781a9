// What the value of one filter asks for: an operator and its operands, from query text or from the JSON of a query map.
import type { EntityModel } from '../definitions/model.ts';
import { type Json, type Operand, type OperatorName, Problem } from '../fields/field-type.ts';
import { type AnyOperand, fieldOperand, tokenOperand } from './dynamic.ts';
import type { QueryLimits } from './limits.ts';
import { openOperator, operatorNamed, parseFilterText, splitOperands } from './parse.ts';
import type { Target } from './shape.ts';

/** Where a filter was written, which decides what it may say. */
export type Scope = 'rest' | 'script' | 'metadata';

export interface ValueOptions {
  readonly scope: Scope;
  readonly limits: QueryLimits;
  /** Entity of the current user's record, for `currentUserField`. */
  readonly userEntity: EntityModel | undefined;
  /** Entity of the record on whose behalf the filter runs, for `currentRecordField`. */
  readonly sourceEntity: EntityModel | undefined;
}

/** One test as asked for. */
export interface Call {
  readonly operator: OperatorName;
  readonly operands: readonly AnyOperand[];
}

const EMPTY: Call = { operator: 'empty', operands: [] };

/** Reads the value of a filter on `target`. */
export function readFilterValue(value: Json | undefined, target: Target, options: ValueOptions): Call | Problem {
  if (value === null || value === undefined) return EMPTY;
  if (typeof value === 'string') return readText(value, target, options);
  const operands = Array.isArray(value) ? value : [value];
  if (operands.length > options.limits.operands) return onField(tooMany(options), target);
  return call(
    'equals',
    operands.map((each) => ({ value: each as Json, quoted: false })),
    target,
    options,
  );
}

/** A call whose operator was named apart from its operands, as in structural expressions. */
export function call(
  operator: OperatorName,
  operands: readonly Operand[],
  target: Target,
  options: ValueOptions,
): Call | Problem {
  const meant =
    operator === 'equals' || operator === 'notEquals' || operator === 'like' ? withoutBlanks(operands) : operands;
  if (meant.length === 0 && operands.length > 0) return { operator, operands: operands.slice(0, 1) };
  return { operator, operands: meant.map((operand) => orToken(operand, target, options)) };
}

function readText(text: string, target: Target, options: ValueOptions): Call | Problem {
  // conditions on one element are JSON, commas and all
  const objects = target.field.fields.length > 0 ? objectsIn(text) : null;
  if (objects !== null) return readObjects(objects, target);
  const parsed = parseFilterText(text, options.limits);
  if (parsed instanceof Problem) return onField(parsed, target);
  const { written, operands } = parsed;
  if (written === null) {
    const open = openOperator(text);
    if (open)
      return new Problem('badRequest', `Operator [${open}] on field [${target.name}] misses its closing bracket`);
    return operands.length === 0 ? EMPTY : call('equals', operands, target, options);
  }
  const operator = operatorNamed(written, options.scope === 'metadata');
  if (operator) return named(operator, operands, target, options);
  const dynamic = readDynamic(written, operands, target, options);
  if (dynamic) return dynamic;
  // a name such as `ACME(US)`: a literal where texts are compared
  if (Object.hasOwn(target.operators, 'like')) return literal(text, target, options);
  return new Problem('badRequest', `Unknown operator [${written}] on field [${target.name}]`);
}

/** `equals()` says the same as no value at all. */
function named(
  operator: OperatorName,
  operands: readonly Operand[],
  target: Target,
  options: ValueOptions,
): Call | Problem {
  if (operands.length > 0) return call(operator, operands, target, options);
  if (operator === 'equals') return EMPTY;
  return { operator: operator === 'notEquals' ? 'notEmpty' : operator, operands };
}

function literal(text: string, target: Target, options: ValueOptions): Call | Problem {
  const operands = splitOperands(text.trim(), options.limits);
  return operands instanceof Problem ? onField(operands, target) : call('equals', operands, target, options);
}

/** `currentUserField(path)` and `currentRecordField(path)`; null when the operator is neither. */
function readDynamic(
  written: string,
  operands: readonly Operand[],
  target: Target,
  { scope, userEntity, sourceEntity }: ValueOptions,
): Call | Problem | null {
  const name = scope === 'metadata' ? written.toLowerCase() : written;
  const isUser = name === 'currentUserField' || name === 'currentuserfield';
  if (!isUser && name !== 'currentRecordField' && name !== 'currentrecordfield') return null;
  if (scope === 'rest')
    return new Problem(
      'badRequest',
      `Operator [${written}] on field [${target.name}] can only be used in metadata expressions`,
    );
  const path = operands.length === 1 && typeof operands[0]?.value === 'string' ? operands[0].value : '';
  const operand = isUser
    ? fieldOperand(path, userEntity, (env) => env.userRecord, target, scope === 'metadata')
    : fieldOperand(path, sourceEntity, (env) => env.sourceRecord, target, scope === 'metadata');
  return operand instanceof Problem ? operand : { operator: 'equals', operands: [operand] };
}

/** JSON objects as they are written bare or in `equals(…)`; null for other texts. */
function objectsIn(text: string): string | null {
  const trimmed = text.trim();
  const bare = trimmed.startsWith('equals(') && trimmed.endsWith(')') ? trimmed.slice('equals('.length, -1) : trimmed;
  return bare.trimStart().startsWith('{') ? bare : null;
}

function readObjects(text: string, target: Target): Call | Problem {
  try {
    const values = JSON.parse(`[${text}]`) as Json[];
    return { operator: 'equals', operands: values.map((value) => ({ value, quoted: false })) };
  } catch {
    return onField(new Problem('badRequest', 'Conditions on one element must be a JSON object'), target);
  }
}

function onField({ message }: Problem, { name }: Target): Problem {
  return new Problem('badRequest', `Filter on field [${name}]: ${message}`);
}

/** Commas at the end or doubled mean nothing, unless there is nothing else. */
function withoutBlanks(operands: readonly Operand[]): readonly Operand[] {
  return operands.filter(({ value, quoted }) => quoted || typeof value !== 'string' || value !== '');
}

function orToken(operand: Operand, target: Target, { scope }: ValueOptions): AnyOperand {
  if (scope !== 'metadata' || operand.quoted || typeof operand.value !== 'string') return operand;
  return tokenOperand(operand.value, target) ?? operand;
}

function tooMany({ limits }: ValueOptions): Problem {
  return new Problem('badRequest', `At most ${limits.operands} values may be given`);
}
