// The text of one filter: `Blogpad,Jazzy`, `greater(200)`, `"ACME, Inc"` (spec field-types §2.6). Says nothing about types.
import { type Operand, type OperatorName, Problem } from '../fields/field-type.ts';
import type { QueryLimits } from './limits.ts';

const OPERATORS: ReadonlySet<string> = new Set<OperatorName>([
  'equals',
  'notEquals',
  'like',
  'between',
  'greater',
  'greaterOrEquals',
  'less',
  'lessOrEquals',
  'empty',
  'notEmpty',
  'near',
]);
const BY_LOWER_CASE: ReadonlyMap<string, string> = new Map([...OPERATORS].map((name) => [name.toLowerCase(), name]));

/** A filter text taken apart. */
export interface FilterText {
  /** Written operator; null for a bare value. May be one that does not exist. */
  readonly written: string | null;
  /** The operands between the brackets, or all of the text. */
  readonly operands: readonly Operand[];
}

/** The operator of that name; undefined when there is none. `ignoreCase`: metadata expressions. */
export function operatorNamed(name: string, ignoreCase: boolean): OperatorName | undefined {
  const found = ignoreCase ? BY_LOWER_CASE.get(name.toLowerCase()) : name;
  return found !== undefined && OPERATORS.has(found) ? (found as OperatorName) : undefined;
}

/** Takes a filter text apart; a Problem for quotes that don't close and for too many or too long operands. */
export function parseFilterText(text: string, limits: QueryLimits): FilterText | Problem {
  const trimmed = text.trim();
  const name = trimmed.endsWith(')') ? nameBefore(trimmed) : '';
  if (name) {
    const operands = splitOperands(trimmed.slice(name.length + 1, -1), limits);
    return operands instanceof Problem ? operands : { written: name, operands };
  }
  const operands = splitOperands(trimmed, limits);
  return operands instanceof Problem ? operands : { written: null, operands };
}

/** The operator name that a text without closing bracket begins with; such a text is most likely a slip. */
export function openOperator(text: string): OperatorName | undefined {
  const name = nameBefore(text.trim());
  return name ? operatorNamed(name, false) : undefined;
}

/** The letters and digits in front of the first bracket, or '' when the text does not begin so. */
function nameBefore(text: string): string {
  const bracket = text.indexOf('(');
  // no operator has a name longer than that, and `currentRecordField` is the longest word we know
  if (bracket < 1 || bracket > 40) return '';
  const name = text.slice(0, bracket);
  return /^[A-Za-z]\w*$/.test(name) ? name : '';
}

/** Splits at the commas outside of double quotes. One pass. */
export function splitOperands(text: string, limits: QueryLimits): readonly Operand[] | Problem {
  const operands: Operand[] = [];
  if (text.trim() === '') return operands;
  let at = 0;
  for (;;) {
    if (operands.length === limits.operands)
      return new Problem('badRequest', `At most ${limits.operands} values may be given`);
    const start = skipBlanks(text, at);
    const operand = text[start] === '"' ? quotedOperand(text, start) : bareOperand(text, start);
    if (operand instanceof Problem) return operand;
    if (operand.text.length > limits.operandLength) {
      return new Problem('badRequest', `A value may have at most ${limits.operandLength} characters`);
    }
    operands.push({ value: operand.text, quoted: operand.quoted });
    if (operand.end === text.length) return operands;
    at = operand.end + 1;
  }
}

interface Piece {
  readonly text: string;
  readonly quoted: boolean;
  /** Position of the comma after it, or the end. */
  readonly end: number;
}

function bareOperand(text: string, start: number): Piece {
  const comma = text.indexOf(',', start);
  const end = comma === -1 ? text.length : comma;
  return { text: text.slice(start, end).trim(), quoted: false, end };
}

function quotedOperand(text: string, start: number): Piece | Problem {
  let value = '';
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return new Problem('badRequest', `The quote at position ${start + 1} is not closed`);
    if (text[quote - 1] === '\\') {
      value += `${text.slice(from, quote - 1)}"`;
      from = quote + 1;
      continue;
    }
    value += text.slice(from, quote);
    const end = skipBlanks(text, quote + 1);
    if (end < text.length && text[end] !== ',') {
      return new Problem('badRequest', `A comma is missing after the closing quote at position ${quote + 1}`);
    }
    return { text: value, quoted: true, end };
  }
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && (text[at] as string).trim() === '') at++;
  return at;
}
