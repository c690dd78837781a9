// The structural spelling of expressions, with typed nodes in place of paths as keys (spec entity-model §3.1).
import { type Json, type Operand, Problem } from '../fields/field-type.ts';
import { fieldOperand } from './dynamic.ts';
import { type Call, call, type ValueOptions } from './filter-value.ts';
import { operatorNamed } from './parse.ts';
import type { Shape, Target } from './shape.ts';
import { shown } from './shown.ts';

/** A node, checked for shape. `user` tests the current user's record. */
export type StructuralNode =
  | { readonly kind: 'join'; readonly by: 'and' | 'or'; readonly of: readonly StructuralNode[] }
  | {
      readonly kind: 'record' | 'user';
      readonly key: string;
      readonly field: string;
      readonly read: (target: Target, options: ValueOptions) => Call | Problem;
    };

/** A mistake, and the key where it is. */
const mistake = (message: string, key: string): Problem => new Problem('badRequest', message, undefined, key);

type Raw = Readonly<Record<string, unknown>>;

/** `{entity, filters: [node…]}` or the draft form `{condition, rules: [rule…]}`; fields of these names make it a plain map. */
export function isStructural(map: Raw, { columns }: Shape): boolean {
  if (Array.isArray(map.filters) && !columns.has('filters')) return true;
  return Array.isArray(map.rules) && !columns.has('rules');
}

/** The nodes of a structural expression, joined as it says. */
export function structuralNodes(map: Raw, depth: number, ignoreCase: boolean): StructuralNode | Problem {
  const kind = typeof map.condition === 'string' ? map.condition : typeof map.type === 'string' ? map.type : 'and';
  const members = (map.filters ?? map.rules) as readonly unknown[];
  return joinNodes(kind, members, Array.isArray(map.filters) ? 'filters' : 'rules', depth, ignoreCase);
}

function joinNodes(
  kind: string,
  members: readonly unknown[],
  key: string,
  depth: number,
  ignoreCase: boolean,
): StructuralNode | Problem {
  const join = kind.toLowerCase();
  if (join !== 'and' && join !== 'or') return mistake(`[${key}] can't be joined by [${shown(kind)}]`, key);
  if (depth === 0) return mistake(`Filters are nested too deep at [${key}]`, key);
  const of: StructuralNode[] = [];
  for (const [index, member] of members.entries()) {
    const node = readNode(member, `${key}.${index}`, depth - 1, ignoreCase);
    if (node instanceof Problem) return node;
    of.push(node);
  }
  return { kind: 'join', by: join, of };
}

function readNode(value: unknown, key: string, depth: number, ignoreCase: boolean): StructuralNode | Problem {
  if (typeof value !== 'object' || value === null) return mistake(`[${key}] must be an object`, key);
  const raw = value as Raw;
  const inner = raw.filters ?? raw.rules;
  if (Array.isArray(inner)) return joinNodes(String(raw.condition ?? raw.type ?? 'and'), inner, key, depth, ignoreCase);
  const { field, operation = raw.operator ?? 'equals', type = 'byValue' } = raw;
  if (typeof field !== 'string') return mistake(`[${key}.field] must be a path`, key);
  const operator = operatorNamed(String(operation), true);
  if (!operator) return mistake(`Unknown operator [${shown(String(operation))}] at [${key}]`, key);
  const form = String(type).toLowerCase();
  if (form === 'byvalue' || form === 'byuservalue') {
    const operands = operandsOf(raw.values ?? raw.value);
    const read = (target: Target, options: ValueOptions) => call(operator, operands, target, options);
    return { kind: form === 'byvalue' ? 'record' : 'user', key, field, read };
  }
  if (form !== 'byrecordfield' && form !== 'byuserfield')
    return mistake(`Unknown type [${shown(String(type))}] at [${key}]`, key);
  const source = String(raw.sourceField ?? '');
  const read = (target: Target, { userEntity, sourceEntity }: ValueOptions): Call | Problem => {
    const operand =
      form === 'byuserfield'
        ? fieldOperand(source, userEntity, (env) => env.userRecord, target, ignoreCase)
        : fieldOperand(source, sourceEntity, (env) => env.sourceRecord, target, ignoreCase);
    return operand instanceof Problem ? operand : { operator, operands: [operand] };
  };
  return { kind: 'record', key, field, read };
}

function operandsOf(value: unknown): readonly Operand[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map((each) => ({ value: each as Json, quoted: false }));
}
