// The functions of the `group` stage: one entry of the table says what a function takes and what MongoDB does for it.
import type { Field } from '../definitions/model.ts';
import { readDecimal } from '../fields/decimal-text.ts';
import { type Operand, Problem } from '../fields/field-type.ts';
import { emptiness, equality, operandText, ordered } from '../fields/operators.ts';
import { computedField } from './computed-field.ts';
import type { Target } from './shape.ts';
import { shown } from './shown.ts';

/** An accumulated value: the expression, where below its output the value is, and the field that describes it. */
export interface Accumulated {
  readonly expression: unknown;
  /** Appended to the output's path. */
  readonly suffix: string;
  readonly field: Field;
  /** The value is all of the field, a list where the field is one; else one value. */
  readonly whole: boolean;
}

interface Accumulator {
  readonly takesField: boolean;
  readonly compile: (target: Target) => Accumulated | Problem;
}

function parseNumber(operand: Operand): number | Problem {
  const text = operandText(operand);
  const value = text instanceof Problem ? text : readDecimal(text);
  if (value instanceof Problem) return value;
  return value ? value.toNumber() : new Problem('badRequest', 'Not a valid number');
}

/** A number that a stage made: a count, a distance, an average. */
export const NUMBER_FIELD: Field = computedField({
  name: 'number',
  storagePath: 'number',
  operators: { ...equality(parseNumber), ...emptiness(), ...ordered(parseNumber) },
  encode: (value) => Number(value),
  schema: { type: 'number' },
  aggregatable: true,
});

/** The output of an accumulator called `sum(numberOfSkills)`; a Problem for unknown functions and fields that don't suit. */
export function accumulate(text: string, resolve: (path: string) => Target | Problem): Accumulated | Problem {
  const bracket = text.indexOf('(');
  const name = text.slice(0, bracket).trim();
  const accumulator =
    bracket > 0 && text.endsWith(')') && Object.hasOwn(ACCUMULATORS, name) ? ACCUMULATORS[name] : undefined;
  if (!accumulator) return new Problem('badRequest', `[${shown(text)}] is no function of a group; there are ${NAMES}`);
  const path = text.slice(bracket + 1, -1).trim();
  if (!accumulator.takesField) {
    return path === '' ? accumulator.compile(NO_TARGET) : new Problem('badRequest', `[${name}] takes no field`);
  }
  const target = resolve(path);
  if (target instanceof Problem) return target;
  return usable(name, target) ?? accumulator.compile(target);
}

function usable(name: string, { field, name: path }: Target): Problem | null {
  const why = field.sensitive ? 'it is sensitive' : field.transient ? 'it is not stored' : null;
  return why ? new Problem('badRequest', `[${name}] can't be used on field [${path}]: ${why}`) : null;
}

const ACCUMULATORS: Readonly<Record<string, Accumulator>> = {
  count: {
    takesField: false,
    compile: () => ({ expression: { $sum: 1 }, suffix: '', field: NUMBER_FIELD, whole: false }),
  },
  sum: { takesField: true, compile: (target) => total('$sum', target, (field) => field) },
  avg: { takesField: true, compile: (target) => total('$avg', target, averageField) },
  first: { takesField: true, compile: (target) => edge('$first', target) },
  last: { takesField: true, compile: (target) => edge('$last', target) },
  min: { takesField: true, compile: (target) => extreme('$min', target) },
  max: { takesField: true, compile: (target) => extreme('$max', target) },
};
const NAMES = Object.keys(ACCUMULATORS).join(', ');

function total(operator: string, target: Target, result: (field: Field) => Field): Accumulated | Problem {
  const suits = target.field.type.supports.aggregatable && target.part === null;
  if (!suits || target.insideMany) return refuse(operator, target, 'a single number');
  return { expression: { [operator]: `$${target.path}` }, suffix: '', field: result(target.field), whole: false };
}

/** The average of whole numbers is a number like any other; that of exact decimals stays exact. */
function averageField(field: Field): Field {
  return field.type.schema(field).type === 'integer' ? NUMBER_FIELD : field;
}

function edge(operator: string, target: Target): Accumulated | Problem {
  const isWholeList = target.field.many && !target.field.parent?.insideMany;
  const suits = target.field.type.order.firstLast && target.part === null && (!target.insideMany || isWholeList);
  if (!suits) return refuse(operator, target, 'a field with a native value outside of lists');
  return { expression: { [operator]: `$${target.path}` }, suffix: '', field: target.field, whole: true };
}

/** Structured values compare by one part of them, and the whole value goes along. */
function extreme(operator: string, target: Target): Accumulated | Problem {
  const { minMax, sort } = target.field.type.order;
  if (!minMax || sort === null || target.part !== null || target.insideMany) {
    return refuse(operator, target, 'a single value with an order');
  }
  const path = `$${target.path}`;
  if (sort === '') return { expression: { [operator]: path }, suffix: '', field: target.field, whole: false };
  const pair = { $cond: [{ $gt: [path + sort, null] }, { key: path + sort, value: path }, null] };
  return { expression: { [operator]: pair }, suffix: '.value', field: target.field, whole: false };
}

function refuse(operator: string, { name }: Target, wanted: string): Problem {
  return new Problem('badRequest', `[${operator.slice(1)}] can't be used on field [${name}]: it needs ${wanted}`);
}

/** `count` looks at no field. */
const NO_TARGET = {} as Target;
